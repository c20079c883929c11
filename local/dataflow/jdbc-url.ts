// Reads a jdbc:postgresql: URL with its properties.

export type PostgresAddress = {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
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

const prefix = 'jdbc:postgresql:';
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/**
 * Reads `jdbc:postgresql://host[:port][,host2…]/database?name=value&…` (also `jdbc:postgresql:database`) and `connectionProperties`
 * (`name=value;name=value`, which the URL overrides). Throws an Error that says what is wrong; the text never holds values.
 */
export function parseJdbcUrl(url: string, connectionProperties = ''): PostgresAddress {
  if (!url.startsWith(prefix)) {
    const scheme = /^jdbc:[a-z]+:/.exec(url)?.[0] ?? 'no jdbc: URL';
    throw new Error(`No suitable driver: this service reads ${prefix}//host:port/database URLs, not ${scheme}`);
  }
  const [address = '', query = ''] = splitOnce(url.slice(prefix.length), '?');
  const properties = new Map<string, string>([
    ...pairs(connectionProperties.split(';')),
    ...pairs(query.split('&')).map(([name, value]): [string, string] => [name, decoded(name, value)]),
  ]);
  if (properties.has('socketFactory')) {
    throw new Error('the socketFactory of the connection URL (Cloud SQL) is not available here; give host and port');
  }
  const { hosts, database } = readAddress(address);
  const taken = (name: string): string | undefined => {
    const value = properties.get(name);
    properties.delete(name);
    return value;
  };
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
    hosts,
    sslMode,
    connectTimeoutSec: Number.isFinite(timeout) ? timeout : 10,
    ...(database === '' ? {} : { database }),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ignored: [...properties.keys()],
  };
}

function readAddress(address: string): { hosts: { host: string; port: number }[]; database: string } {
  if (!address.startsWith('//'))
    return { hosts: [{ host: 'localhost', port: 5432 }], database: decoded('database', address) };
  const [authority = '', path = ''] = splitOnce(address.slice(2), '/');
  const hosts = authority.split(',').map((one) => {
    const parts = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(one);
    if (parts === null)
      throw new Error('the host and port of the connection URL cannot be read: write //host:port/database');
    const host = (parts[1] ?? '').replace(/^\[(.*)\]$/, '$1') || 'localhost';
    const port = Number(parts[2] ?? 5432);
    if (port < 1 || port > 65535) throw new Error(`the port ${port} of the connection URL is out of range`);
    return { host, port };
  });
  return { hosts, database: decoded('database', path) };
}

function pairs(parts: readonly string[]): [string, string][] {
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = splitOnce(part, '=');
      return [name, value];
    });
}

function decoded(what: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Error(`the connection URL holds a wrong percent escape in ${what}`);
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
