// Where a source is and who connects, with its secrets resolved; this value never leaves shared/sql.

import { EngineError } from '../base/errors.ts';
import type { Source } from '../schema/load-config.ts';

export type ResolveSecret = (path: string) => Promise<string>;

export type SourceAddress = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: 'off' | 'unverified' | 'verified';
};

const defaultPorts: Partial<Record<Source['type'], number>> = { postgres: 5432, mysql: 3306 };
const secretPath = /^(projects\/|secret:\/\/)/;

/**
 * The address of a source. Throws EngineError INVALID_ARGUMENT when it has none a driver can use (a Cloud SQL socket factory exists in
 * the workers' JVM alone), or whatever resolving a secret throws.
 */
export async function sourceAddress(source: Source, resolveSecret: ResolveSecret): Promise<SourceAddress> {
  if (source.cloudSqlInstance !== undefined && source.host === undefined) {
    throw new EngineError(
      'INVALID_ARGUMENT',
      `${source.cloudSqlInstance} is reached through the Cloud SQL socket factory of the workers, not from here`,
    );
  }
  const place = source.jdbcUrl === undefined ? fromFields(source) : fromJdbcUrl(source.jdbcUrl, source);
  const resolve = async (value: string | undefined) =>
    value !== undefined && secretPath.test(value) ? resolveSecret(value) : value;
  const [user, password] = await Promise.all([resolve(source.username), resolve(source.password)]);
  return { ...place, user, password, tls: tlsOf(source) };
}

function fromFields(source: Source): Pick<SourceAddress, 'host' | 'port' | 'database'> {
  if (source.host === undefined || source.database === undefined) {
    throw new EngineError('INVALID_ARGUMENT', 'the source has no host and database to connect to');
  }
  const host = source.host.replace(/^\[(.*)\]$/, '$1');
  return { host, port: source.port ?? defaultPorts[source.type] ?? 0, database: source.database };
}

function fromJdbcUrl(jdbcUrl: string, source: Source): Pick<SourceAddress, 'host' | 'port' | 'database'> {
  const found = /^jdbc:\w+:\/\/(\[[^\]]+\]|[^:/?]+)(?::(\d+))?\/([^?;]+)/.exec(jdbcUrl);
  if (found === null)
    throw new EngineError('INVALID_ARGUMENT', 'the JDBC URL names no host and database a driver here could connect to');
  const [, host = '', port, database = ''] = found;
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port ?? defaultPorts[source.type] ?? 0), database };
}

function tlsOf(source: Source): SourceAddress['tls'] {
  switch (source.tls) {
    case undefined:
    case 'disable':
    case 'prefer':
      return 'off';
    case 'require':
      return 'unverified';
    case 'verify-ca':
    case 'verify-full':
      return 'verified';
  }
}
