// Opens connections to MySQL and MariaDB as a pooled Connector/J data source would.

import type { Connection, ConnectionOptions } from 'mysql2';
import { mysqlPoolError } from './errors.ts';
import type { MysqlAddress } from './url.ts';

export type MysqlLogin = { readonly address: MysqlAddress; readonly user?: string; readonly password?: string };

/**
 * Workers run in UTC and take every text as UTF-8, whatever the server's settings are. 600 s is what Connector/J gives the server to wait
 * for a client that streams (netTimeoutForStreamingResults). The SQL mode stays the server's: nothing that is read depends on it.
 */
const session =
  "SET SESSION time_zone = '+00:00', net_write_timeout = 600, character_set_client = utf8mb4, character_set_connection = utf8mb4, character_set_results = utf8mb4";

/**
 * Flags of mysql2 that Connector/J does not set: IGNORE_SPACE would make names of functions reserved words, LOCAL_FILES let the server ask
 * for files of this machine.
 */
const flags = ['-IGNORE_SPACE', '-LOCAL_FILES', '-FOUND_ROWS'];

/** A connection whose session is set. Tries the hosts in turn; throws SourceError in the words of the templates' connection pool. */
export async function connectMysql(login: MysqlLogin, signal: AbortSignal): Promise<Connection> {
  const { address } = login;
  // Loaded by the first MySQL load: other loads do not pay for it.
  const { createConnection } = (await import('mysql2')).default;
  let last: unknown;
  for (const { host, port } of address.hosts) {
    for (const ssl of sslAttempts(address.sslMode)) {
      signal.throwIfAborted();
      const connection = createConnection({
        host,
        port,
        flags,
        connectTimeout: address.connectTimeoutMs,
        // Each range is a statement of its own; one that is not the latest is closed.
        maxPreparedStatements: 1,
        connectAttributes: { _client_name: 'MySQL Connector/J' },
        ...credentials(login),
        ...(ssl === undefined ? {} : { ssl }),
      });
      // Without a listener a connection that breaks while idle would end the process; the next use of it reports it.
      connection.on('error', () => undefined);
      const abort = () => breakOff(connection);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await connected(connection);
        await asked(connection, session);
        return connection;
      } catch (error) {
        breakOff(connection);
        if (signal.aborted) throw error;
        // A server without TLS has said before what it objects to.
        if (last === undefined || (error as { code?: string }).code !== 'HANDSHAKE_NO_SSL_SUPPORT') last = error;
        // Only a server that may want TLS is asked again with it; any other refusal would be refused again.
        if (!mayWantTls.has((error as { errno?: number }).errno ?? 0)) break;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    }
  }
  throw mysqlPoolError(last, address.hosts.map(({ host, port }) => `${host}:${port}`).join(', '));
}

/** Ends a connection at once, whatever it does: the server notices by the closed socket. */
export function breakOff(connection: Connection): void {
  // mysql2's own destroy() only ends the sending side; its types do not show the socket.
  (connection as unknown as { stream: { destroy(): void } }).stream.destroy();
}

/** 3159: the server takes no plain connections. 1045: access denied, also for a user that must come by TLS. */
const mayWantTls = new Set([3159, 1045]);

type Ssl = NonNullable<Exclude<ConnectionOptions['ssl'], string>>;

/** The driver's `preferred` tries TLS first; here plain text goes first, as it is a loopback or a company network in almost every case. */
function sslAttempts(mode: MysqlAddress['sslMode']): (Ssl | undefined)[] {
  const unchecked: Ssl = { rejectUnauthorized: false };
  if (mode === 'disabled') return [undefined];
  if (mode === 'preferred') return [undefined, unchecked];
  if (mode === 'required') return [unchecked];
  return [{ rejectUnauthorized: true, verifyIdentity: mode === 'verify-identity' }];
}

function credentials({
  address,
  user,
  password,
}: MysqlLogin): Pick<ConnectionOptions, 'user' | 'password' | 'database'> {
  return {
    user: user ?? address.user ?? '',
    password: password ?? address.password ?? '',
    ...(address.database === undefined ? {} : { database: address.database }),
  };
}

function connected(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => connection.connect((error) => (error === null ? resolve() : reject(error))));
}

function asked(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) =>
    connection.query(sql, (error) => (error === null ? resolve() : reject(error))),
  );
}
