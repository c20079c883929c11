// Takes a postgres:// URL apart into what a load configuration holds of a source; the password goes its own way.

import { UsageError } from '../usage-error.ts';

export type SourceAddress = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls?: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
};

const example = 'postgres://user:password@host:5432/database';
const tlsModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** The parts of `url`. Throws a UsageError that says what is missing and never quotes the password. */
export function parseSourceUrl(url: string): SourceAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new UsageError(`--source-url must look like ${example}`);
  }
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const missing = [
    ...(parsed.hostname === '' ? ['a host (Unix sockets cannot be used: the template speaks TCP)'] : []),
    ...(parsed.username === '' ? ['a user'] : []),
    ...(database === '' ? ['a database'] : []),
  ];
  if (missing.length > 0)
    throw new UsageError(`--source-url lacks ${missing.join(', ')}; it must look like ${example}`);
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? 5432 : Number(parsed.port),
    database,
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    ...tlsOf(parsed.searchParams.get('sslmode')),
  };
}

function tlsOf(mode: string | null): { tls?: (typeof tlsModes)[number] } {
  if (mode === null) return {};
  const tls = tlsModes.find((known) => known === mode);
  if (tls === undefined) throw new UsageError(`sslmode of --source-url must be one of ${tlsModes.join(', ')}`);
  return { tls };
}

/** The URL without its password, for people. */
export function shownUrl({ host, port, database, user }: SourceAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `postgres://${encodeURIComponent(user)}@${name}:${port}/${encodeURIComponent(database)}`;
}
