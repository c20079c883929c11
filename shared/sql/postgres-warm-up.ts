// How PostgreSQL's warm-up read reaches places of a table: by physical page, so that no index and no value matters.

import { type Client, escapeIdentifier } from 'pg';
import type { TableProfile } from '../schema/profile.ts';
import { measureReads, type RangeReader, warmUpRows } from './warm-up.ts';

const pageBytes = 8192;
/** TID range scans came with PostgreSQL 14; before, `ctid >=` reads the table from its start. */
const firstVersionWithTidRanges = 140_000;

/** The measured rates (see `measureReads`); undefined for a table too small to say anything, or a server too old to read from the middle. */
export async function measurePostgresRead(
  client: Client,
  connect: () => Promise<Client>,
  profile: TableProfile,
): Promise<TableProfile['readThroughput']> {
  const rows = warmUpRows(profile.averageRowBytes);
  if ((profile.rowCountEstimate ?? 0) < 1000) return undefined;
  const { rows: versions } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  if ((versions[0]?.version ?? 0) < firstVersionWithTidRanges) return undefined;
  const table = `${escapeIdentifier(profile.schemaName)}.${escapeIdentifier(profile.tableName)}`;
  const pages = await heapPages(client, table);
  if (pages < 10) return undefined;
  return measureReads(async (): Promise<RangeReader> => {
    const reader = await connect();
    return {
      async read(fromShare) {
        await reader.query({
          text: `SELECT * FROM ${table} WHERE ctid >= format('(%s,0)', $1::int8)::tid LIMIT $2`,
          values: [Math.floor(fromShare * pages), rows],
          rowMode: 'array',
        });
      },
      bytesReceived: () => wireBytes(reader),
      close: () => reader.end(),
    };
  });
}

/** Pages of the table itself, without TOAST; of a partitioned one, of its biggest partition, whose pages the others mostly share. */
async function heapPages(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ bytes: string | null }>(
    `SELECT greatest(pg_relation_size($1::regclass), max(pg_relation_size(relid)))::int8 AS bytes FROM pg_partition_tree($1::regclass)`,
    [table],
  );
  return Math.floor(Number(rows[0]?.bytes ?? 0) / pageBytes);
}

/** pg has no public counter; the socket's own is exact. */
function wireBytes(client: Client): number {
  const { connection } = client as unknown as { connection: { stream: { bytesRead: number } } };
  return connection.stream.bytesRead;
}
