// Measures reading: the same kind of ranges by one connection and by several, bytes counted on the wire.

import { type Client, escapeIdentifier } from 'pg';
import type { TableProfile } from '../schema/profile.ts';

const rowsPerRead = 20_000;
const connections = 4;

/**
 * Reads up to 20,000 rows once with one connection, then with four at once from other places of the table. Cold or warm cannot be known
 * from outside; the second reading touches other pages than the first, so neither profits from the other (`warm: false`). Undefined
 * for a table too small to say anything. Bytes are the socket's, protocol included: what the network carries.
 */
export async function measurePostgresRead(
  connect: () => Promise<Client>,
  profile: TableProfile,
): Promise<TableProfile['readThroughput'] | undefined> {
  const pages = Math.floor((profile.totalBytes ?? 0) / 8192);
  if (pages < 10 * connections || (profile.rowCountEstimate ?? 0) < 1000) return undefined;
  const table = `${escapeIdentifier(profile.schemaName)}.${escapeIdentifier(profile.tableName)}`;
  const share = 1 / (connections + 1);
  const one = await timed(connect, table, pages, [0]);
  const all = await timed(
    connect,
    table,
    pages,
    Array.from({ length: connections }, (_, index) => (index + 1) * share),
  );
  if (one.durationMs <= 0 || all.durationMs <= 0) return undefined;
  const mbPerSec = (bytes: number, ms: number) => Math.round((bytes / 1e6 / (ms / 1000)) * 100) / 100;
  return {
    warm: false,
    connections,
    bytesRead: one.bytes + all.bytes,
    durationMs: Math.round(one.durationMs + all.durationMs),
    mbPerSecPerConnection: mbPerSec(one.bytes, one.durationMs),
    mbPerSecTotal: mbPerSec(all.bytes, all.durationMs),
  };
}

/** A range of physical pages from each start (a share of the table), read at the same time; connecting is not counted. */
async function timed(
  connect: () => Promise<Client>,
  table: string,
  pages: number,
  starts: readonly number[],
): Promise<{ bytes: number; durationMs: number }> {
  const clients = await Promise.all(starts.map(connect));
  try {
    const before = clients.map(wireBytes);
    const startedAt = process.hrtime.bigint();
    await Promise.all(
      clients.map((client, index) => {
        const from = Math.floor((starts[index] ?? 0) * pages);
        return client.query({
          text: `SELECT * FROM ${table} WHERE ctid >= format('(%s,0)', $1::int8)::tid LIMIT ${rowsPerRead}`,
          values: [from],
          rowMode: 'array',
        });
      }),
    );
    const durationMs = Number(process.hrtime.bigint() - startedAt) / 1e6;
    const bytes = clients.reduce((sum, client, index) => sum + wireBytes(client) - (before[index] ?? 0), 0);
    return { bytes, durationMs };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

function wireBytes(client: Client): number {
  const { connection } = client as unknown as { connection: { stream: { bytesRead: number } } };
  return connection.stream.bytesRead;
}
