// Opens connections to PostgreSQL as a pooled pgjdbc data source would, and puts its errors into words.

import pg from 'pg';
import { SourceError } from '../load/source-reader.ts';
import { oneBufferSocket } from './socket.ts';
import type { PostgresAddress } from './url.ts';

export type PostgresLogin = { readonly address: PostgresAddress; readonly user?: string; readonly password?: string };

/**
 * Values are read as text in one fixed form whatever the server's settings are; workers run in UTC. bytea in hex and ISO dates are what
 * the files of a load hold.
 */
const session =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1";

/** A client whose session is set. Tries the hosts in turn; throws SourceError in the words of the templates' connection pool. */
export async function connectPostgres(login: PostgresLogin, signal: AbortSignal): Promise<pg.Client> {
  const { address } = login;
  let last: unknown;
  for (const { host, port } of address.hosts) {
    for (const ssl of sslAttempts(address.sslMode)) {
      const client = new pg.Client({
        host,
        port,
        database: address.database ?? login.user ?? address.user ?? 'postgres',
        user: login.user ?? address.user ?? 'postgres',
        password: login.password ?? address.password ?? '',
        connectionTimeoutMillis: address.connectTimeoutSec * 1000,
        application_name: address.applicationName ?? 'PostgreSQL JDBC Driver',
        ssl,
        // Over TLS pg puts a socket of its own on top, which has to read this one.
        ...(ssl === false ? { stream: oneBufferSocket } : {}),
      });
      // Without a listener a connection that breaks while idle would end the process; the next use of the client reports it.
      client.on('error', () => undefined);
      const abort = () => breakOff(client);
      signal.addEventListener('abort', abort, { once: true });
      try {
        signal.throwIfAborted();
        await client.connect();
        await client.query(session);
        if (address.currentSchema !== undefined)
          await client.query("SELECT set_config('search_path', $1, false)", [address.currentSchema]);
        return client;
      } catch (error) {
        last = error;
        breakOff(client);
        if (signal.aborted) throw error;
        // Only a server that wants TLS is asked again with it; any other refusal would be refused again, and less clearly.
        if (!describe(error).message.includes('no encryption')) break;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    }
  }
  const places = address.hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
  const { message } = describe(last);
  throw new SourceError(
    `org.apache.beam.sdk.util.UserCodeException: java.sql.SQLException: Cannot create PoolableConnectionFactory (${poolText(last, places)}) Caused by: ${message}`,
    isTransient(last),
  );
}

/** Ends a client at once, whatever it does: the server notices by the closed socket. */
export function breakOff(client: pg.Client): void {
  // pg's types do not show the socket.
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** The SourceError of whatever a query threw. */
export function postgresError(what: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { message } = describe(error);
  return new SourceError(`${what}: org.postgresql.util.PSQLException: ${message}`, isTransient(error));
}

/** pgjdbc's `prefer` tries TLS first; here plain text goes first, as it is a loopback or a company network in almost every case. */
function sslAttempts(mode: PostgresAddress['sslMode']): (false | { rejectUnauthorized: boolean })[] {
  const unchecked = { rejectUnauthorized: false };
  if (mode === 'disable') return [false];
  if (mode === 'allow' || mode === 'prefer') return [false, unchecked];
  return mode === 'require' ? [unchecked] : [{ rejectUnauthorized: true }];
}

/** SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown) and broken sockets come and go. */
function isTransient(error: unknown): boolean {
  const { code, message } = describe(error);
  return (
    /^(08|53|57P)/.test(code) ||
    /^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) ||
    /terminated unexpectedly|timeout expired/i.test(message)
  );
}

function poolText(error: unknown, places: string): string {
  const { code, message } = describe(error);
  if (code === 'ECONNREFUSED') {
    return `Connection to ${places} refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The connection attempt failed: unknown host in ${places}.`;
  return code === '' ? `The connection attempt to ${places} failed.` : `FATAL: ${message}`;
}

function describe(error: unknown): { code: string; message: string } {
  const { code, message, detail, hint, errors } = (error ?? {}) as Partial<
    Record<'code' | 'message' | 'detail' | 'hint', string>
  > & { errors?: unknown[] };
  if (errors?.[0] !== undefined) return describe(errors[0]);
  const parts = [
    message ?? String(error),
    detail === undefined ? '' : `Detail: ${detail}`,
    hint === undefined ? '' : `Hint: ${hint}`,
  ];
  return { code: String(code ?? ''), message: parts.filter((part) => part !== '').join(' ') };
}
