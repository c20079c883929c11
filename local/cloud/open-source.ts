// Opens the source of a local cloud: a PostgreSQL of its own with seeded orders, or the user's database, with the table to load looked up.

import type { RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import { isMysql, type SourceClient } from '../checksum/source-client.ts';
import { describeTable, type SourceTable } from '../checksum/source-columns.ts';
import { seedOrders } from '../postgres/seed.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { UsageError } from '../usage-error.ts';
import { parseSourceUrl, type SourceAddress, shownUrl } from './source-url.ts';
import type { StateFolder } from './state-folder.ts';

export type OpenSource = {
  readonly address: SourceAddress;
  /** With its password: for a person who wants to look, and for the checksum. */
  readonly url: string;
  /** For people, without the password. */
  readonly description: string;
  readonly notice?: string;
  stop(): Promise<void>;
};

/**
 * Starts PostgreSQL under the state folder and seeds `orders` with `rows` rows; `say` is told what takes time. Aborted, it stops the server
 * under the seeding, which undoes it.
 */
export async function openSeededSource(options: {
  readonly state: StateFolder;
  readonly port: number;
  readonly rows: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}): Promise<OpenSource> {
  const { state, port, rows, say, signal } = options;
  say('starting PostgreSQL');
  const server = await startPostgres({ folder: state.path, port });
  const cut = (): void => void server.stop();
  signal.addEventListener('abort', cut, { once: true });
  try {
    signal.throwIfAborted();
    const count = rows.toLocaleString('en-US');
    say(`seeding ${count} orders`);
    await seedOrders(server.url, rows);
    return {
      address: parseSourceUrl(server.url),
      url: server.url,
      description: `PostgreSQL on 127.0.0.1:${server.port} with ${count} orders`,
      stop: server.stop,
      ...(server.notice === undefined ? {} : { notice: server.notice }),
    };
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** The user's own database; nothing is started or written there. */
export function openUserSource(url: string): OpenSource {
  const address = parseSourceUrl(url);
  return { address, url, description: shownUrl(address), stop: async () => {} };
}

/** How long connecting to a source may take. */
const connectTimeoutMs = 10_000;

/** Connects to the source for the time of `work`. Throws a UsageError that says where it could not connect and why. */
export async function withSource<T>(
  source: Pick<OpenSource, 'address' | 'url'>,
  work: (client: SourceClient) => Promise<T>,
): Promise<T> {
  const connection = await connected(source);
  try {
    return await work(connection.client);
  } finally {
    await connection.end();
  }
}

type Connected = { readonly client: SourceClient; end(): Promise<void> };

async function connected(source: Pick<OpenSource, 'address' | 'url'>): Promise<Connected> {
  try {
    return await (source.address.type === 'mysql' ? mysqlClient(source.address) : postgresClient(source.url));
  } catch (cause) {
    const reason = cause instanceof AggregateError ? cause.errors.map(String).join(', ') : (cause as Error).message;
    throw new UsageError(
      `cannot connect to ${shownUrl(source.address)}: ${reason}; check host, port, user and password of --source-url`,
      { cause },
    );
  }
}

async function postgresClient(url: string): Promise<Connected> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  // An idle connection that breaks must not end the process; the next query on it fails anyway.
  client.on('error', () => {});
  await client.connect();
  return { client, end: () => client.end() };
}

/** In UTC, as the workers are. The driver is loaded only for such a source. */
async function mysqlClient({ host, port, database, user, password, tls }: SourceAddress): Promise<Connected> {
  const { createConnection } = await import('mysql2/promise');
  const encrypted = tls !== undefined && tls !== 'disable' && tls !== 'prefer';
  const mysql = await createConnection({
    ...{ host, port, database, user, password, connectTimeout: connectTimeoutMs },
    ...(encrypted ? { ssl: { rejectUnauthorized: tls !== 'require', verifyIdentity: tls === 'verify-full' } } : {}),
  });
  mysql.on('error', () => {});
  await mysql.query("SET SESSION time_zone = '+00:00'");
  return { client: { mysql }, end: () => mysql.end() };
}

/** The table in the source's catalogue. Throws a UsageError that names tables there are when it is not one of them. */
export async function findTable(source: OpenSource, name: string): Promise<SourceTable> {
  return withSource(source, async (client) => {
    const table = await describeTable(client, name).catch(() => undefined);
    if (table !== undefined) return table;
    const names = await tableNames(client);
    const known = names.length === 0 ? 'it has no tables' : `it has ${names.join(', ')}`;
    throw new UsageError(`there is no table ${name} in ${shownUrl(source.address)}; ${known}`);
  });
}

async function tableNames(client: SourceClient): Promise<string[]> {
  if (isMysql(client)) {
    const [rows] = await client.mysql.query<RowDataPacket[]>(
      'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = database() ORDER BY 1 LIMIT 20',
    );
    return rows.map((row) => String(row.name));
  }
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 20`,
  );
  return rows.map((row) => row.name);
}
