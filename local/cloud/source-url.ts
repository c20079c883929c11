// Takes a postgres:// or mysql:// URL apart into what a load configuration holds of a source; the password goes its own way.

import { UsageError } from '../usage-error.ts';

export type SourceAddress = {
  readonly type: 'postgres' | 'mysql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tls?: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
};

const example = 'postgres://user:password@host:5432/database or mysql://user:password@host:3306/database';
const tlsModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const types: Readonly<Record<string, SourceAddress['type']>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
};

export const defaultPorts = { postgres: 5432, mysql: 3306 } as const;

/** The parts of `url`. Throws a UsageError that says what is missing and never quotes the password. */
export function parseSourceUrl(url: string): SourceAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const type = types[parsed?.protocol ?? ''];
  if (parsed === undefined || type === undefined) throw new UsageError(`--source-url must look like ${example}`);
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const missing = [
    ...(parsed.hostname === '' ? ['a host (Unix sockets cannot be used: the template speaks TCP)'] : []),
    ...(parsed.username === '' ? ['a user'] : []),
    ...(database === '' ? ['a database'] : []),
  ];
  if (missing.length > 0)
    throw new UsageError(`--source-url lacks ${missing.join(', ')}; it must look like ${example}`);
  const mode = ['sslmode', 'sslMode', 'ssl-mode']
    .map((name) => parsed.searchParams.get(name))
    .find((one) => one !== null);
  return {
    type,
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? defaultPorts[type] : Number(parsed.port),
    database,
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    ...tlsOf(mode),
  };
}

/** MySQL's names of the modes beside PostgreSQL's, which the configuration uses. */
const mysqlModes: Readonly<Record<string, (typeof tlsModes)[number]>> = {
  disabled: 'disable',
  preferred: 'prefer',
  required: 'require',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-full',
};

function tlsOf(mode: string | null | undefined): { tls?: (typeof tlsModes)[number] } {
  if (mode === null || mode === undefined) return {};
  const tls = tlsModes.find((known) => known === mode) ?? mysqlModes[mode.toLowerCase()];
  if (tls === undefined) throw new UsageError(`sslmode of --source-url must be one of ${tlsModes.join(', ')}`);
  return { tls };
}

/** The URL without its password, for people. */
export function shownUrl({ type, host, port, database, user }: SourceAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${type}://${encodeURIComponent(user)}@${name}:${port}/${encodeURIComponent(database)}`;
}
