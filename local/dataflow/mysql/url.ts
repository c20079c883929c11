// Reads a jdbc:mysql: or jdbc:mariadb: URL with its properties.

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

export type MysqlAddress = {
  /** Whose rules of reading hold: MySQL's Connector/J or MariaDB's. */
  readonly driver: 'mysql' | 'mariadb';
  readonly hosts: readonly HostPort[];
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode: 'disabled' | 'preferred' | 'required' | 'verify-ca' | 'verify-identity';
  readonly connectTimeoutMs: number;
  /** A tinyint(1) is a boolean. */
  readonly tinyInt1isBit: boolean;
  /** A year is a date. */
  readonly yearIsDateType: boolean;
  /** What 0000-00-00 becomes. */
  readonly zeroDates: 'refused' | 'null' | 'rounded';
  /** Properties that this service does not honour. */
  readonly ignored: readonly string[];
};

const defaultPort = 3306;
/** Connector/J's own default is to wait for ever, MariaDB's 30 s; nobody watches a job that waits. */
const defaultTimeoutMs = 10_000;

/** Properties that make a difference to the driver, but none to what is read here. */
const harmless = new Set([
  'usecursorfetch',
  'defaultfetchsize',
  'useserverprepstmts',
  'useunicode',
  'characterencoding',
]);

/**
 * Reads `//[user[:password]@]host[:port][,host2…]/database?name=value&…` (what follows `jdbc:mysql:` or `jdbc:mariadb:`) and
 * `connectionProperties` (`name=value;name=value`). A host may also be `address=(host=…)(port=…)`. Names of properties are of any case, and
 * those given apart from the URL win over it (ConnectionUrl.collectProperties of Connector/J 8.0.30). Throws an Error that says what is
 * wrong; the text never holds values.
 */
export function parseMysqlUrl(driver: 'mysql' | 'mariadb', rest: string, connectionProperties: string): MysqlAddress {
  if (!rest.startsWith('//')) {
    throw new Error(
      `the connection URL must be jdbc:${driver}://host:port/database; other schemes are not available here`,
    );
  }
  const [address = '', query = ''] = splitOnce(rest.slice(2), '?');
  const [authority = '', path = ''] = splitOnce(address, '/');
  const [userInfo, hostList] = authority.includes('@') ? splitOnce(authority, '@') : ['', authority];
  const [urlUser = '', urlPassword = ''] = splitOnce(userInfo, ':').map((part) => decoded('user', part));
  const given = [...queryPairs(query), ...pairs(connectionProperties.split(';'))];
  const spelling = new Map(given.map(([name]) => [name.toLowerCase(), name]));
  const properties = new Map(given.map(([name, value]) => [name.toLowerCase(), value]));
  refuseSocketFactory({ has: (name) => properties.has(name.toLowerCase()) });
  const taken = (name: string): string | undefined => {
    const value = properties.get(name.toLowerCase());
    properties.delete(name.toLowerCase());
    return value;
  };
  const flag = (name: string, otherwise: boolean): boolean => /^(true|yes|1)$/i.test(taken(name) ?? String(otherwise));
  const timeout = Number(taken('connectTimeout'));
  const database = decoded('database', path) || taken('dbname');
  return {
    driver,
    hosts: splitHosts(hostList).map((host) => readAddress(host)),
    sslMode: sslModeOf(driver, taken),
    connectTimeoutMs: timeout > 0 ? timeout : defaultTimeoutMs,
    tinyInt1isBit: flag('tinyInt1isBit', true),
    yearIsDateType: flag('yearIsDateType', true),
    zeroDates: driver === 'mariadb' ? 'null' : zeroDatesOf(taken('zeroDateTimeBehavior')),
    ...known({
      database: database === '' ? undefined : database,
      user: userInfo === '' ? taken('user') : urlUser,
      password: userInfo.includes(':') ? urlPassword : taken('password'),
    }),
    ignored: [...properties.keys()].filter((name) => !harmless.has(name)).map((name) => spelling.get(name) ?? name),
  };
}

/** Commas part hosts, but not inside of brackets. */
function splitHosts(list: string): string[] {
  return list.split(/,(?![^([]*[)\]])/);
}

function readAddress(text: string): HostPort {
  const parts = [...text.matchAll(/[(,]\s*(\w+)\s*=\s*([^),]*)/g)];
  if (parts.length === 0) return readHost(text, defaultPort);
  const values = new Map(parts.map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()]));
  const host = (values.get('host') ?? '').replace(/^\[(.*)\]$/, '$1') || 'localhost';
  return { host, port: readPort(values.get('port'), defaultPort) };
}

const sslModes: Readonly<Record<string, MysqlAddress['sslMode']>> = {
  disabled: 'disabled',
  disable: 'disabled',
  preferred: 'preferred',
  required: 'required',
  trust: 'required',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-identity',
  verify_full: 'verify-identity',
};

/**
 * `sslMode`, else what the older properties say (DefaultPropertySet of Connector/J 8.0.30). Without any MySQL's driver prefers TLS,
 * MariaDB's does without.
 */
function sslModeOf(driver: 'mysql' | 'mariadb', taken: (name: string) => string | undefined): MysqlAddress['sslMode'] {
  const text = taken('sslMode');
  const [use, require, verify] = ['useSSL', 'requireSSL', 'verifyServerCertificate'].map((name) => taken(name));
  const standard = driver === 'mysql' ? 'preferred' : 'disabled';
  if (text !== undefined) {
    const mode = sslModes[text.toLowerCase().replaceAll('-', '_')];
    if (mode === undefined)
      throw new Error(`Invalid sslMode value: it must be one of ${Object.keys(sslModes).join(', ')}`);
    return mode;
  }
  if (use === undefined && require === undefined && verify === undefined) return standard;
  if (use === 'false') return 'disabled';
  if (verify === 'true') return 'verify-ca';
  if (require === 'true') return 'required';
  return driver === 'mariadb' && use === 'true' ? 'verify-identity' : standard;
}

function zeroDatesOf(text: string | undefined): MysqlAddress['zeroDates'] {
  if (text === undefined || /^exception$/i.test(text)) return 'refused';
  if (/^(convert_to_null|convertToNull)$/i.test(text)) return 'null';
  if (/^round$/i.test(text)) return 'rounded';
  throw new Error('Invalid zeroDateTimeBehavior value: it must be one of EXCEPTION, CONVERT_TO_NULL, ROUND');
}
