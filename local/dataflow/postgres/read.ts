// Reads PostgreSQL for a load: bounds, columns, and ranges streamed to files.

import type pg from 'pg';
import type { PartitionType } from '../load/source-choice.ts';
import {
  fileTypeOf,
  type ReadResult,
  type ReadTarget,
  type Relation,
  type SourceColumn,
  type SourceConnection,
} from '../load/source-reader.ts';
import type { ColumnBuffer } from '../parquet/column-buffer.ts';
import { createColumnFile } from '../parquet/column-file.ts';
import { readTuple, type WireColumn } from './binary.ts';
import { postgresColumns } from './columns.ts';
import { breakOff, connectPostgres, type PostgresLogin, postgresError } from './connect.ts';
import { copyRows } from './copy.ts';
import { sentAs, wireFormOf } from './wire.ts';

/** Opens one connection; rejects with SourceError, and at once when the signal aborts. */
export async function openPostgres(login: PostgresLogin, signal: AbortSignal): Promise<SourceConnection> {
  const client = await connectPostgres(login, signal);
  const asked = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw postgresError(what, error);
    }
  };
  return {
    bounds: (table, column, type) =>
      asked(`Failed to find the bounds of ${column}`, () => readBounds(client, table, column, type)),
    columns: (of) =>
      asked('Failed to read the columns of the source', async () => {
        const { fields } = await client.query(`SELECT * FROM ${'table' in of ? of.table : subquery(of.query)} LIMIT 0`);
        return postgresColumns(client, fields);
      }),
    readInto: (target, relation, columns) =>
      asked('Failed to read from the source', () => readRelation(client, target, relation, columns)),
    destroy: () => breakOff(client),
    close: () => client.end(),
  };
}

/** `SELECT min(col), max(col) FROM table`, read as a long or as a timestamp of ms, as JdbcIO does. */
async function readBounds(
  client: pg.Client,
  table: string,
  column: string,
  type: PartitionType,
): Promise<{ lower?: bigint; upper?: bigint }> {
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT min(${column}), max(${column}) FROM ${table}`,
    rowMode: 'array',
    // Every value as the text the server sends: dates and large numbers must not pass through JavaScript's own.
    types: { getTypeParser: () => (text: string) => text },
  });
  const [lower = null, upper = null] = rows[0] ?? [];
  const read = type === 'long' ? longOf : epochMsOf;
  return { ...(lower === null ? {} : { lower: read(lower) }), ...(upper === null ? {} : { upper: read(upper) }) };
}

/** As pgjdbc's getLong: decimals lose their fraction. */
function longOf(text: string): bigint {
  const whole = /^([+-]?\d+)(?:\.\d*)?$/.exec(text)?.[1];
  const value = whole === undefined ? undefined : BigInt(whole);
  if (value === undefined || value !== BigInt.asIntN(64, value)) throw new Error(`Bad value for type long : ${text}`);
  return value;
}

/** As pgjdbc's getTimestamp in a JVM in UTC, cut to ms. A date counts from its midnight. */
function epochMsOf(text: string): bigint {
  const parts =
    /^(\d{4,})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?)?(?:([+-])(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (parts === null) throw new Error(`Bad value for type timestamp/date/time: ${text}`);
  const [
    ,
    year,
    month,
    day,
    hour = 0,
    minute = 0,
    second = 0,
    fraction = '',
    sign,
    offsetHours = 0,
    offsetMinutes = 0,
  ] = parts;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const local = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms);
  const shifted = new Date(local).setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return BigInt(shifted - offset);
}

async function readRelation(
  client: pg.Client,
  target: ReadTarget,
  relation: Relation,
  columns: readonly SourceColumn[],
): Promise<ReadResult> {
  const file = createColumnFile(
    target.file,
    columns.map(({ value }) => fileTypeOf(value)),
    target.groupBytes,
  );
  const onWire = columns.map(({ name, value, typeName }, index): WireColumn => {
    const scale = value.kind === 'decimal' ? (value.scale ?? 0) : 0;
    return { name, scale, form: wireFormOf(value, typeName), buffer: file.columns[index] as ColumnBuffer };
  });
  try {
    const sql = `COPY (${selectOf(relation, columns)}) TO STDOUT (FORMAT binary)`;
    const readRow = (bytes: Buffer, view: DataView, at: number): number => {
      const next = readTuple(onWire, bytes, view, at, file.row);
      if (next >= 0) file.endRow(next - at);
      return next;
    };
    const rows = await copyRows(client, sql, readRow, target.onRows);
    return { rows, fileBytes: file.finish() };
  } catch (error) {
    file.abandon();
    throw error;
  }
}

function selectOf(relation: Relation, columns: readonly SourceColumn[]): string {
  const inner = 'query' in relation ? `SELECT * FROM ${subquery(relation.query)}` : rangeQuery(relation);
  const names = columns.map((_, index) => `c${index}`);
  const rendered = columns.map(({ value, typeName }, index) => sentAs(value, typeName, `c${index}`));
  // Columns that are all taken as they are need no projection: the server then copies its rows as they lie.
  if (rendered.every((expression, index) => expression === names[index])) return inner;
  return `SELECT ${rendered.join(', ')} FROM (${inner}) AS source(${names.join(', ')})`;
}

/** The range query of JdbcIO. Its parameters are of type bigint, or of a type the server infers from the column (pgjdbc's setTimestamp). */
function rangeQuery({ table, column, columnType, range }: Extract<Relation, { table: string }>): string {
  const literal = (value: bigint) => (columnType === 'long' ? `'${value}'::bigint` : `'${timestampText(value)}'`);
  return `SELECT * FROM ${table} WHERE ${column} >= ${literal(range.from)} AND ${column} < ${literal(range.to)}`;
}

function timestampText(epochMs: bigint): string {
  return new Date(Number(epochMs)).toISOString().replace('T', ' ').replace('Z', '+00');
}

function subquery(query: string): string {
  // The line break closes a comment at the end of the query.
  return `(${query.replace(/[;\s]+$/, '')}\n) AS source`;
}
