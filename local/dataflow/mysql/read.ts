// Reads MySQL and MariaDB for a load: bounds, columns, and ranges streamed to files.

import type { Connection } from 'mysql2';
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
import { readRow } from './binary.ts';
import { readMysqlBounds } from './bounds.ts';
import { type MysqlField, mysqlColumn, type ReadingRules } from './columns.ts';
import { breakOff, connectMysql, type MysqlLogin } from './connect.ts';
import { mysqlError } from './errors.ts';
import { executeRows, prepareFields } from './rows.ts';
import type { WireColumn } from './wire.ts';

/** Opens one connection; rejects with SourceError, and at once when the signal aborts. */
export async function openMysql(
  login: MysqlLogin,
  naming: Pick<ReadingRules, 'useColumnAlias'>,
  signal: AbortSignal,
): Promise<SourceConnection> {
  const rules: Rules = { ...login.address, ...naming };
  const connection = await connectMysql(login, signal);
  const asked = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw mysqlError(what, error);
    }
  };
  return {
    bounds: (table, column, type) =>
      asked(`Failed to find the bounds of ${column}`, () => readMysqlBounds(connection, table, column, type)),
    columns: (of) =>
      asked('Failed to read the columns of the source', async () => {
        const fields = await prepareFields(
          connection,
          'table' in of ? `SELECT * FROM ${of.table}` : withoutEnd(of.query),
        );
        if (fields.length > 0) return fields.map((field) => mysqlColumn(field, rules).column);
        throw new Error('Statement.executeQuery() cannot issue statements that do not produce result sets.');
      }),
    readInto: (target, relation, columns) =>
      asked('Failed to read from the source', () => readRelation(connection, rules, target, relation, columns)),
    destroy: () => breakOff(connection),
    close: () => new Promise((resolve) => connection.end(() => resolve())),
  };
}

type Rules = ReadingRules & Pick<WireColumn, 'zeroDates'>;

async function readRelation(
  connection: Connection,
  rules: Rules,
  target: ReadTarget,
  relation: Relation,
  columns: readonly SourceColumn[],
): Promise<ReadResult> {
  const types = columns.map(({ value }) => fileTypeOf(value));
  const file = createColumnFile(target.file, types, target.groupBytes);
  const begin = (fields: readonly MysqlField[]) => {
    const onWire = wireColumns(fields, rules, columns, file.columns);
    return (bytes: Buffer, view: DataView, at: number, end: number): void => {
      readRow(onWire, bytes, view, at, file.row);
      file.endRow(end - at);
    };
  };
  try {
    const sql = 'query' in relation ? withoutEnd(relation.query) : rangeQuery(relation);
    const rows = await executeRows(connection, sql, begin, target.onRows);
    return { rows, fileBytes: file.finish() };
  } catch (error) {
    file.abandon();
    throw error;
  }
}

/** The columns as the result has them must be those the files were made for. */
function wireColumns(
  fields: readonly MysqlField[],
  rules: Rules,
  columns: readonly SourceColumn[],
  buffers: readonly ColumnBuffer[],
): WireColumn[] {
  const found = fields.map((field) => mysqlColumn(field, rules));
  const same = (index: number) => JSON.stringify(found[index]?.column.value) === JSON.stringify(columns[index]?.value);
  if (fields.length !== columns.length || !fields.every((_, index) => same(index))) {
    throw new Error('the columns of the source changed while it was read');
  }
  return found.map(({ column: { name, value }, form }, index) => ({
    name,
    form,
    scale: value.kind === 'decimal' ? (value.scale ?? 0) : 0,
    zeroDates: rules.zeroDates,
    buffer: buffers[index] as ColumnBuffer,
  }));
}

/** The range query of JdbcIO, with its parameters as literals of their types; the session is in UTC. */
function rangeQuery({ table, column, columnType, range }: Extract<Relation, { table: string }>): string {
  const literal = (value: bigint) => (columnType === 'long' ? String(value) : `timestamp'${timestampText(value)}'`);
  return `SELECT * FROM ${table} WHERE ${column} >= ${literal(range.from)} AND ${column} < ${literal(range.to)}`;
}

function timestampText(epochMs: bigint): string {
  return new Date(Number(epochMs)).toISOString().replace('T', ' ').replace('Z', '');
}

function withoutEnd(query: string): string {
  return query.replace(/[;\s]+$/, '');
}
