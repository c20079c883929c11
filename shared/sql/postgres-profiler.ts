// Profiles one PostgreSQL table from the catalogue and, when asked, measures how fast it can be read.

import type { Client } from 'pg';
import { EngineError } from '../base/errors.ts';
import { didYouMean } from '../plan/nearest-names.ts';
import type { ProfileColumn, TableProfile } from '../schema/profile.ts';
import { translateDriverError } from './driver-errors.ts';
import { columnsQuery, connectionsQuery, indexesQuery, namesQuery, tableQuery } from './postgres-catalogue.ts';
import { measurePostgresRead } from './postgres-warm-up.ts';
import type { ProfileQuestion } from './profiler.ts';
import type { SourceAddress } from './source-address.ts';

type TableRow = {
  oid: string;
  schema: string;
  name: string;
  kind: string;
  rows: number | null;
  bytes: string | null;
  toast_bytes: string | null;
};
type ColumnRow = {
  name: string;
  type: string;
  nullable: boolean;
  null_fraction: number | null;
  distinct_count: number | null;
  width: number | null;
  histogram: string[] | null;
  frequent: string[] | null;
  frequencies: number[] | null;
};
type IndexRow = { is_primary: boolean; columns: string[] };

/** The profile; touches the table asked for and nothing else. Errors as `createProfiler` says. */
export async function profilePostgres(question: ProfileQuestion): Promise<TableProfile> {
  const { address } = question;
  const connect = () => connectPostgres(address, question.timeoutMs);
  try {
    const client = await connect();
    try {
      const profile = await readCatalogue(client, question);
      if (!question.warmUp || profile.isView === true) return profile;
      // A read that fails (a timeout, a foreign table) leaves the catalogue's answer as good as it was.
      const readThroughput = await measurePostgresRead(client, connect, profile).catch(() => undefined);
      return readThroughput === undefined ? profile : { ...profile, readThroughput };
    } finally {
      await client.end();
    }
  } catch (error) {
    throw translateDriverError(address, error);
  }
}

/** A connected client. TLS `unverified` encrypts without checking the certificate, as libpq's `require` does. */
export async function connectPostgres(address: SourceAddress, timeoutMs: number): Promise<Client> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'streamnova-profiler',
    ...(address.tls === 'off' ? {} : { ssl: { rejectUnauthorized: address.tls === 'verified' } }),
  });
  // Without a listener the loss of an idle connection would end the process.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function readCatalogue(client: Client, { schemaName, tableName, clock }: ProfileQuestion): Promise<TableProfile> {
  const { rows: tables } = await client.query<TableRow>(tableQuery, [schemaName ?? null, tableName]);
  const [table] = tables;
  if (table === undefined) {
    const wanted = schemaName === undefined ? tableName : `${schemaName}.${tableName}`;
    const { rows: names } = await client.query<{ name: string }>(namesQuery, [tableName]);
    throw new EngineError(
      'NOT_FOUND',
      `the source has no table "${wanted}"${didYouMean(
        wanted,
        names.map(({ name }) => name),
      )}`,
    );
  }
  const partitioned = table.kind === 'p';
  const { rows: columns } = await client.query<ColumnRow>(columnsQuery, [
    table.oid,
    table.schema,
    table.name,
    partitioned,
  ]);
  const { rows: indexes } = await client.query<IndexRow>(indexesQuery, [table.oid]);
  const { rows: free } = await client.query<{ free: number }>(connectionsQuery);
  const isView = table.kind === 'v';
  const rowCount = isView || table.rows === null || table.rows < 0 ? null : Math.round(table.rows);
  const totalBytes = isView || table.bytes === null ? null : Number(table.bytes);
  const indexed = [...new Set(indexes.flatMap((index) => index.columns[0] ?? []))];
  return {
    sourceType: 'postgres',
    schemaName: table.schema,
    tableName: table.name,
    rowCountEstimate: rowCount,
    averageRowBytes: averageRowBytes(columns, rowCount, totalBytes, Number(table.toast_bytes ?? 0)),
    totalBytes,
    columns: columns.map((column) => columnOf(column, rowCount, indexed.includes(column.name))),
    primaryKey: indexes.find((index) => index.is_primary)?.columns ?? [],
    indexedColumns: indexed,
    ...(partitioned ? { partitioned } : {}),
    ...(isView ? { isView } : {}),
    ...(free[0] === undefined ? {} : { freeConnections: free[0].free }),
    profiledAt: new Date(clock.now()).toISOString(),
  };
}

/**
 * Statistics' widths are what travels, but a value out of line counts there with the 18 bytes of its pointer, so TOAST is added. Size by
 * rows also counts bloat, so it is only the fall-back.
 */
function averageRowBytes(
  columns: readonly ColumnRow[],
  rows: number | null,
  bytes: number | null,
  toastBytes: number,
): number | null {
  if (columns.length > 0 && columns.every((column) => column.width !== null)) {
    const inline = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
    return Math.round(inline + (rows !== null && rows > 0 ? toastBytes / rows : 0));
  }
  return rows !== null && rows > 0 && bytes !== null ? Math.round(bytes / rows) : null;
}

function columnOf(column: ColumnRow, rows: number | null, indexed: boolean): ProfileColumn {
  const { distinct_count: distinct } = column;
  // A negative n_distinct is minus the share of the rows (pg_stats documentation).
  const distinctCount =
    distinct === null ? undefined : distinct >= 0 ? distinct : rows === null ? undefined : -distinct * rows;
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    ...(column.null_fraction === null ? {} : { nullFraction: column.null_fraction }),
    ...(distinctCount === undefined ? {} : { distinctCount: Math.round(distinctCount) }),
    // Histograms serve the choice of ranges, and only an indexed column can be one.
    ...(indexed && column.histogram !== null ? { histogram: histogramOf(column, column.histogram) } : {}),
  };
}

/**
 * The histogram with the most frequent values in it: PostgreSQL counts them apart (pg_stats documentation), and equi-depth bounds say the
 * same by repeating a value as often as it fills a bucket. The least bound stays first, the frequent ones follow the greatest.
 */
function histogramOf({ frequent, frequencies, null_fraction: nulls }: ColumnRow, bounds: readonly string[]): string[] {
  const shares = frequencies ?? [];
  const inBuckets = 1 - (nulls ?? 0) - shares.reduce((sum, share) => sum + share, 0);
  const bucket = Math.max(inBuckets, smallestShare) / Math.max(1, bounds.length - 1);
  const repeated = (frequent ?? []).flatMap((value, index) =>
    Array<string>(Math.round((shares[index] ?? 0) / bucket)).fill(value),
  );
  return [...bounds, ...repeated];
}

/** Buckets that hold less than a tenth of the rows together count as a tenth, or a profile would hold bounds without end. */
const smallestShare = 0.1;
