// Reads the histograms that ANALYZE TABLE left of a table's columns: MySQL's and MariaDB's forms into equi-depth bucket bounds.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import * as z from 'zod';

/** What the statistics say of one column, as far as ranges care. */
export type ColumnStatistics = { readonly histogram: readonly string[]; readonly nullFraction?: number };

/** MySQL 8, `ANALYZE TABLE … UPDATE HISTOGRAM`: any user sees the columns he may read. MariaDB has no such table. */
const mysqlQuery = `SELECT COLUMN_NAME AS name, HISTOGRAM AS histogram, NULL AS nulls
  FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = ? AND TABLE_NAME = ?`;
/**
 * MariaDB from 10.8, `ANALYZE TABLE … PERSISTENT` with histogram_type JSON_HB (default from 11.0). Older forms hold no values, and of a
 * primary key of one column it keeps none.
 */
const mariadbQuery = `SELECT column_name AS name, CONVERT(histogram USING utf8mb4) AS histogram, nulls_ratio AS nulls
  FROM mysql.column_stats WHERE db_name = ? AND table_name = ? AND hist_type = 'JSON_HB'`;

/** Statistics by column name; empty where there are none, or where the user may not read them. */
export async function mysqlHistograms(
  connection: Connection,
  table: { readonly schema: string; readonly name: string; readonly timeoutMs: number },
): Promise<ReadonlyMap<string, ColumnStatistics>> {
  for (const sql of [mysqlQuery, mariadbQuery]) {
    try {
      const values = [table.schema, table.name];
      const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: table.timeoutMs }, values);
      return new Map(rows.flatMap((row) => statisticsOf(String(row.name), row.histogram, row.nulls)));
    } catch {
      // No such table on this server, or no right to read it: a profile without histograms is a profile.
    }
  }
  return new Map();
}

const value = z.union([z.number(), z.string()]);
const mysqlForm = z.looseObject({
  'histogram-type': z.enum(['equi-height', 'singleton']),
  'null-values': z.number().optional(),
  buckets: z.array(z.array(value)),
});
const mariadbForm = z.looseObject({
  histogram_hb: z.array(z.looseObject({ start: value, end: value.optional(), size: z.number() })),
});

/** A bucket ends at `upper`; `until` is the share of the values that lie below or at it. */
type Bucket = { readonly lower: string; readonly upper: string; readonly until: number };

function statisticsOf(name: string, raw: unknown, nulls: unknown): [string, ColumnStatistics][] {
  const json = typeof raw === 'string' ? parsed(raw) : raw;
  const found = bucketsOf(json);
  if (found === undefined || found.buckets.length === 0) return [];
  const nullFraction = found.nullFraction ?? (nulls === null || nulls === undefined ? undefined : Number(nulls));
  return [[name, { histogram: boundsOf(found.buckets), ...(nullFraction === undefined ? {} : { nullFraction }) }]];
}

function bucketsOf(json: unknown): { readonly buckets: Bucket[]; readonly nullFraction?: number } | undefined {
  const mysql = mysqlForm.safeParse(json).data;
  if (mysql !== undefined) {
    const values = 1 - (mysql['null-values'] ?? 0);
    const single = mysql['histogram-type'] === 'singleton';
    const buckets = mysql.buckets.map((bucket) => ({
      lower: String(bucket[0]),
      upper: String(bucket[single ? 0 : 1]),
      until: Number(bucket[single ? 1 : 2]) / values,
    }));
    return { buckets, ...(mysql['null-values'] === undefined ? {} : { nullFraction: mysql['null-values'] }) };
  }
  const bars = mariadbForm.safeParse(json).data?.histogram_hb;
  let until = 0;
  return bars === undefined
    ? undefined
    : {
        buckets: bars.map(({ start, end, size }, index) => {
          until += size;
          return { lower: String(start), upper: String(end ?? bars[index + 1]?.start ?? start), until };
        }),
      };
}

/** As many bounds as PostgreSQL keeps: enough to see a hundredth of the rows. */
const depth = 100;

/** The least value, then for each hundredth of the values the end of the bucket it falls in. */
function boundsOf(buckets: readonly Bucket[]): string[] {
  const upperAt = (share: number) =>
    (buckets.find(({ until }) => until >= share - 1e-9) ?? buckets.at(-1))?.upper ?? '';
  const shares = Array.from({ length: depth }, (_, index) => (index + 1) / depth);
  return [buckets[0]?.lower ?? '', ...shares.map(upperAt)];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
