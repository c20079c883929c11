// Takes the parts of JDBC URLs apart that all databases share: escapes, name=value lists, host and port.

export type HostPort = { readonly host: string; readonly port: number };

/** `name=value` parts; the value is empty where there is none. */
export function pairs(parts: readonly string[]): [string, string][] {
  return parts.filter((part) => part !== '').map((part) => splitOnce(part, '='));
}

/** The pairs of a URL's query, their values without escapes. */
export function queryPairs(query: string): [string, string][] {
  return pairs(query.split('&')).map(([name, value]) => [name, decoded(name, value)]);
}

/** Reads `host`, `host:port` or `[IPv6]:port`; an empty host is localhost. Throws an Error that says what is wrong. */
export function readHost(text: string, defaultPort: number): HostPort {
  const parts = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(text);
  if (parts === null)
    throw new Error('the host and port of the connection URL cannot be read: write //host:port/database');
  const host = (parts[1] ?? '').replace(/^\[(.*)\]$/, '$1') || 'localhost';
  return { host, port: readPort(parts[2], defaultPort) };
}

/** A port of 1 to 65535; the default where there is none. */
export function readPort(text: string | undefined, defaultPort: number): number {
  if (text === undefined || text === '') return defaultPort;
  const port = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new Error(`the port ${text} of the connection URL is out of range`);
  return port;
}

/** Text without its percent escapes; `what` names it in the error. */
export function decoded(what: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Error(`the connection URL holds a wrong percent escape in ${what}`);
  }
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Throws for a URL that goes through the Cloud SQL connector: only the templates' workers have it. */
export function refuseSocketFactory(properties: { has(name: string): boolean }): void {
  if (!properties.has('socketFactory')) return;
  throw new Error('the socketFactory of the connection URL (Cloud SQL) is not available here; give host and port');
}

/** Those entries whose value is known. */
export function known<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
