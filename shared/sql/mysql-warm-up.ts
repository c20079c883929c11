// How MySQL's warm-up read reaches places of a table: by its numeric primary key, along which InnoDB stores the rows.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { TableProfile } from '../schema/profile.ts';
import { measureReads, type RangeReader, warmUpRows } from './warm-up.ts';

/** The measured rates (see `measureReads`); undefined for a small table, and for one without a primary key of one whole number. */
export async function measureMysqlRead(
  connection: Connection,
  connect: () => Promise<Connection>,
  profile: TableProfile,
): Promise<TableProfile['readThroughput']> {
  const [key, ...more] = profile.primaryKey;
  const type = profile.columns.find((column) => column.name === key)?.type ?? '';
  if (key === undefined || more.length > 0 || !/^(tiny|small|medium|big)?int\b/.test(type)) return undefined;
  if ((profile.rowCountEstimate ?? 0) < 1000) return undefined;
  const table = `${quoted(profile.schemaName)}.${quoted(profile.tableName)}`;
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT min(${quoted(key)}) AS low, max(${quoted(key)}) AS high FROM ${table}`,
  );
  const [low, high] = [Number(rows[0]?.low), Number(rows[0]?.high)];
  const limit = warmUpRows(profile.averageRowBytes);
  return measureReads(async (): Promise<RangeReader> => {
    const reader = await connect();
    return {
      async read(fromShare) {
        const from = Math.floor(low + (high - low) * fromShare);
        await reader.query({
          sql: `SELECT * FROM ${table} WHERE ${quoted(key)} >= ? ORDER BY ${quoted(key)} LIMIT ${limit}`,
          values: [from],
          rowsAsArray: true,
        });
      },
      bytesReceived: () => wireBytes(reader),
      close: () => reader.end(),
    };
  });
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** mysql2 has no public counter; the socket's own is exact. */
function wireBytes(connection: Connection): number {
  const { connection: core } = connection as unknown as { connection: { stream: { bytesRead: number } } };
  return core.stream.bytesRead;
}
