// Reads a jdbc:postgresql: URL with its properties.

import {
  decoded,
  type HostPort,
  known,
  pairs,
  queryPairs,
  readHost,
  readPort,
  refuseSocketFactory,
  splitOnce,
} from '../load/jdbc-properties.ts';

export type PostgresAddress = {
  readonly driver: 'postgresql';
  readonly hosts: readonly HostPort[];
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  /** Connect time-out in s; pgjdbc's default is 10. */
  readonly connectTimeoutSec: number;
  readonly currentSchema?: string;
  readonly applicationName?: string;
  /** Properties that this service does not honour. */
  readonly ignored: readonly string[];
};

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const defaultPort = 5432;

/**
 * Reads `//host[:port][,host2…]/database?name=value&…` or `database?…` (what follows `jdbc:postgresql:`) and `connectionProperties`
 * (`name=value;name=value`). As in pgjdbc (Driver.parseURL) the URL wins; what it leaves out may be the properties PGHOST, PGPORT and
 * PGDBNAME. Throws an Error that says what is wrong; the text never holds values.
 */
export function parsePostgresUrl(rest: string, connectionProperties: string): PostgresAddress {
  const [address = '', query = ''] = splitOnce(rest, '?');
  const place = readAddress(address);
  const properties = new Map<string, string>([
    ...pairs(connectionProperties.split(';')),
    ...place,
    ...queryPairs(query),
  ]);
  refuseSocketFactory(properties);
  const taken = (name: string): string | undefined => {
    const value = properties.get(name);
    properties.delete(name);
    return value;
  };
  const hosts = readHosts(taken('PGHOST'), taken('PGPORT'));
  const database = taken('PGDBNAME');
  const ssl = taken('ssl') === 'true';
  const sslModeText = taken('sslmode') ?? (ssl ? 'verify-full' : 'prefer');
  const sslMode = sslModes.find((mode) => mode === sslModeText);
  if (sslMode === undefined) throw new Error(`Invalid sslmode value: it must be one of ${sslModes.join(', ')}`);
  const optional = {
    user: taken('user'),
    password: taken('password'),
    currentSchema: taken('currentSchema'),
    applicationName: taken('ApplicationName'),
  };
  const timeout = Number(taken('connectTimeout') ?? taken('loginTimeout') ?? 10);
  return {
    driver: 'postgresql',
    hosts,
    sslMode,
    connectTimeoutSec: Number.isFinite(timeout) ? timeout : 10,
    ...(database === undefined || database === '' ? {} : { database }),
    ...known(optional),
    ignored: [...properties.keys()],
  };
}

/** What the URL itself says, by the names of pgjdbc's properties; the ports belong to the hosts one by one. */
function readAddress(address: string): [string, string][] {
  if (!address.startsWith('//')) return address === '' ? [] : [['PGDBNAME', decoded('database', address)]];
  const [authority = '', path = ''] = splitOnce(address.slice(2), '/');
  const database: [string, string][] = path === '' ? [] : [['PGDBNAME', decoded('database', path)]];
  if (authority === '') return database;
  const hosts = authority.split(',').map((one) => readHost(one, defaultPort));
  return [
    ['PGHOST', hosts.map(({ host }) => host).join(',')],
    ['PGPORT', hosts.map(({ port }) => port).join(',')],
    ...database,
  ];
}

function readHosts(names = 'localhost', portTexts = ''): HostPort[] {
  const ports = portTexts.split(',');
  return names.split(',').map((name, index) => ({
    host: name.replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port: readPort(ports[index] ?? (ports.length === 1 ? ports[0] : undefined), defaultPort),
  }));
}
