// Takes finished files into the destination table: everything of one load in one transaction, so that nobody sees half of it.

import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReadResult, SourceColumn } from '../load/source-reader.ts';
import type { Turns } from '../load/turns.ts';
import { type Destination, openDestination, tableName } from './destination.ts';
import { renderColumn, type TargetColumn } from './render-column.ts';
import { loadErrorPrefix } from './render-failures.ts';
import { quoted } from './table-types.ts';

export type Ingest = {
  /** Hands over a finished file; it is inserted with others as soon as there is enough, and removed. */
  add(file: string, result: ReadResult): void;
  /** Inserts what is left. Rejects with the first failure of any insert. */
  finish(): Promise<void>;
  commit(): Promise<void>;
  /** Undoes everything; also in the middle of an insert. */
  rollBack(): Promise<void>;
  /** Aborts with the error of the first insert that fails: nothing more needs to be read. */
  readonly failed: AbortSignal;
};

/**
 * Bytes of files per insert. A statement below some 40 MB works on less than a row group per thread, which makes the same rows cost twice
 * the CPU (measured: 56 MB in one statement 290 ms, in eight 440 ms); more would let finished files pile up.
 */
const batchBytes = 64 * 1024 * 1024;

export type IngestPlan = {
  /** A connection of its own: it carries the transaction. */
  readonly connection: DuckDBConnection;
  readonly destination: Destination;
  readonly columns: readonly SourceColumn[];
  /** Every insert of the process takes a turn: each uses all threads and its share of memory is meant for one. */
  readonly turns: Turns;
};

type Finished = { readonly file: string; readonly result: ReadResult };

/**
 * Begins the transaction and opens the destination. Rejects if the destination cannot be written, or the source has a column that it has
 * not, or the source lacks one that is required.
 */
export async function beginIngest(
  { connection, destination, columns, turns }: IngestPlan,
  onInserted: (rows: number, bytes: number) => void,
): Promise<Ingest> {
  await connection.run('BEGIN TRANSACTION');
  const targets = await openDestination(connection, destination);
  const pairs = pairColumns(columns, targets);
  let waiting: Finished[] = [];
  let working: Promise<void> | undefined;
  const failed = new AbortController();
  let undone = false;

  const insert = async (batch: readonly Finished[]): Promise<void> => {
    const statement = insertStatement(destination, pairs, batch);
    try {
      await turns.take(async () => {
        if (!undone) await connection.run(statement);
      });
    } catch (error) {
      throw loadError(error);
    }
    for (const { file, result } of batch) {
      onInserted(result.rows, result.fileBytes);
      await rm(file, { force: true });
    }
  };
  const pump = (least: number): void => {
    const bytes = waiting.reduce((sum, { result }) => sum + result.fileBytes, 0);
    if (working !== undefined || failed.signal.aborted || waiting.length === 0 || bytes < least) return;
    const batch = nextBatch(waiting);
    waiting = waiting.slice(batch.length);
    working = insert(batch).then(
      () => {
        working = undefined;
        pump(least);
      },
      (error: unknown) => {
        working = undefined;
        failed.abort(error);
      },
    );
  };

  return {
    failed: failed.signal,
    add(file, result) {
      if (result.rows > 0) waiting.push({ file, result });
      pump(batchBytes);
    },
    async finish() {
      while (working !== undefined || (waiting.length > 0 && !failed.signal.aborted)) {
        pump(0);
        await working;
      }
      failed.signal.throwIfAborted();
    },
    commit: async () => {
      await connection.run('COMMIT');
    },
    async rollBack() {
      undone = true;
      connection.interrupt();
      await working;
      await connection.run('ROLLBACK').catch(() => undefined);
    },
  };
}

/** The first files that make a batch, or all. */
function nextBatch(waiting: readonly Finished[]): Finished[] {
  let bytes = 0;
  const full = waiting.findIndex(({ result }) => {
    bytes += result.fileBytes;
    return bytes >= batchBytes;
  });
  return waiting.slice(0, full < 0 ? waiting.length : full + 1);
}

type Pair = { readonly source: SourceColumn; readonly target: TargetColumn; readonly index: number };

/** Each source column with its namesake (BigQuery does not tell upper from lower case). A name that comes twice keeps its last column. */
function pairColumns(columns: readonly SourceColumn[], targets: readonly TargetColumn[]): Pair[] {
  const byName = new Map(targets.map((target) => [target.name.toLowerCase(), target]));
  const pairs = new Map<string, Pair>();
  columns.forEach((source, index) => {
    const key = source.name.toLowerCase();
    const target = byName.get(key);
    if (target === undefined) throw new Error(`${loadErrorPrefix}No such field: ${source.name}.`);
    pairs.set(key, { source, target, index });
  });
  const missing = targets.filter(({ name, required }) => required && !pairs.has(name.toLowerCase()));
  if (missing.length > 0)
    throw new Error(`${loadErrorPrefix}Missing required field: ${missing.map(({ name }) => name).join(', ')}.`);
  return [...pairs.values()];
}

/** One INSERT over the files of a batch. */
function insertStatement(destination: Destination, pairs: readonly Pair[], batch: readonly Finished[]): string {
  const names = pairs.map(({ target }) => quoted(target.name)).join(', ');
  const values = pairs.map(({ source, target, index }) => renderColumn(source.value, target, `c${index}`)).join(', ');
  const files = batch.map(({ file }) => `'${file.replaceAll("'", "''")}'`).join(', ');
  return `INSERT INTO ${tableName(destination)} (${names}) SELECT ${values} FROM read_parquet([${files}])`;
}

/** BigQuery's words for what DuckDB refused: the text of error() as it is, the rest with its first line. */
function loadError(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const own = text.indexOf(loadErrorPrefix);
  if (own >= 0) return new Error(text.slice(own));
  const required = /NOT NULL constraint failed: (?:.*\.)?(\S+)/.exec(text)?.[1];
  if (required !== undefined) return new Error(`${loadErrorPrefix}Required field ${required} cannot be null.`);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return new Error(`Error while reading data, error message: ${lines.slice(0, 3).join(' ')}`);
}
