// Runs one JDBC-to-BigQuery load: bounds, ranges, columns, files, and the publication of all rows at once.

import { join } from 'node:path';
import type { LoadContext } from '../job-runner.ts';
import type { Destination } from '../warehouse/destination.ts';
import { destinationExists, tableName } from '../warehouse/destination.ts';
import { beginIngest, type Ingest } from '../warehouse/ingest.ts';
import type { TableLocks } from '../warehouse/table-locks.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { datetimeRanges, longRanges, type ReadRange } from './ranges.ts';
import { readRanges } from './read-ranges.ts';
import { retried } from './retry-work.ts';
import type { SourceChoice } from './source-choice.ts';
import type { OpenSource, Relation, SourceConnection } from './source-reader.ts';
import type { Turns } from './turns.ts';

export type JdbcLoad = {
  /** In query mode the query itself, never its gs:// path. */
  readonly source: SourceChoice;
  readonly open: OpenSource;
  readonly destination: Destination;
  /** A folder for the files of this load alone. */
  readonly tempDir: string;
};

/** Loads, or rejects with an error whose text says what to change. On any failure, and when the signal aborts, the table stays as it was. */
export async function runJdbcLoad(
  deps: { readonly warehouse: Warehouse; readonly locks: TableLocks; readonly turns: Turns },
  load: JdbcLoad,
  context: LoadContext,
): Promise<void> {
  const { progress, signal, say } = context;
  const onRetry = (text: string) => say('JOB_MESSAGE_ERROR', text);
  const { first, relations, columns } = await retried(signal, onRetry, async () => {
    const connection = await load.open(signal);
    return whileOpen(connection, signal, async () => {
      const found = await relationsOf(load.source, connection);
      const of = 'query' in load.source ? { query: load.source.query } : { table: load.source.table };
      return { first: connection, relations: found, columns: await connection.columns(of) };
    });
  });
  let begun = false;
  progress.rangesTotal = relations.length;
  say(
    'JOB_MESSAGE_BASIC',
    `Executing operation Read from JdbcIO: ${relations.length} ${relations.length === 1 ? 'range' : 'ranges'}`,
  );
  const connection = await deps.warehouse.connect();
  let unlock: (() => void) | undefined;
  let ingest: Ingest | undefined;
  try {
    // Only a table that does not exist yet is created by one load at a time; loads into an existing one never wait.
    const creates =
      load.destination.createWith !== undefined && !(await destinationExists(connection, load.destination));
    if (creates) unlock = await deps.locks.take(tableName(load.destination), signal);
    const plan = { connection, destination: load.destination, columns, turns: deps.turns };
    ingest = await beginIngest(plan, (rows, bytes) => {
      progress.rowsWritten += rows;
      progress.bytesWritten += bytes;
    });
    const { add, failed } = ingest;
    begun = true;
    await readRanges({
      relations,
      columns,
      parallelism: context.parallelism,
      groupBytes: groupBytesFor(Math.min(context.parallelism, relations.length)),
      first,
      open: load.open,
      signal: AbortSignal.any([signal, failed]),
      fileOf: (index) => join(load.tempDir, `${index}.parquet`),
      onRows: (rows, bytes) => {
        progress.rowsRead += rows;
        progress.bytesRead += bytes;
      },
      onRange: (file, result) => {
        progress.rangesDone += 1;
        add(file, result);
      },
      onRetry,
    });
    // A query's rows are reshuffled as they are; of a split read only the descriptions of its ranges, some 100 bytes each.
    progress.shuffleBytes = 'query' in load.source ? progress.bytesRead : relations.length * 100;
    say('JOB_MESSAGE_BASIC', 'Finished operation Read from JdbcIO');
    await ingest.finish();
    await context.beforePublish();
    signal.throwIfAborted();
    await ingest.commit();
    say('JOB_MESSAGE_BASIC', `Finished operation Write To BigQuery: ${progress.rowsWritten} rows`);
  } catch (error) {
    await ingest?.rollBack();
    progress.rowsWritten = 0;
    progress.bytesWritten = 0;
    throw error;
  } finally {
    if (!begun) first.destroy();
    connection.closeSync();
    unlock?.();
  }
}

/**
 * Memory for the rows of one reader: 32 MB for all together. Row groups below 128 KB would make more of the file metadata than of values,
 * above 4 MB they gain nothing.
 */
function groupBytesFor(readers: number): number {
  return Math.min(4, Math.max(1 / 8, 32 / readers)) * 1024 * 1024;
}

/** Work on a connection that is given up at once when the signal aborts, and closed when the work fails. */
async function whileOpen<T>(connection: SourceConnection, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const destroy = () => connection.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

async function relationsOf(source: SourceChoice, connection: SourceConnection): Promise<Relation[]> {
  if (source.mode === 'query') return [{ query: source.query }];
  const { table, column, columnType } = source;
  return (await rangesOf(source, connection)).map((range) => ({ table, column, columnType, range }));
}

async function rangesOf(
  source: Extract<SourceChoice, { mode: 'split' }>,
  connection: SourceConnection,
): Promise<ReadRange[]> {
  const { table, column, columnType, partitions, bounds } = source;
  const { lower, upper } = bounds ?? (await connection.bounds(table, column, columnType));
  if (columnType === 'long') return longRanges(lower ?? 0n, upper ?? 0n, partitions);
  if (lower === undefined || upper === undefined) {
    throw new Error(
      `java.lang.NullPointerException: min and max of ${column} are NULL. A read split by datetime fails where the table is empty or the column holds only NULL.`,
    );
  }
  return datetimeRanges(lower, upper, partitions);
}
