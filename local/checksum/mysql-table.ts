// Reads a table's columns from MySQL's catalogue, each with the kind of value that the planner's statement makes of it.

import type { RowDataPacket } from 'mysql2/promise';
import { typeParts } from '../../shared/plan/sources/dialect.ts';
import { nameRules, parseTableName, quoteName } from '../../shared/plan/sources/identifiers.ts';
import { mysqlDialect } from '../../shared/plan/sources/mysql-dialect.ts';
import type { MysqlClient } from './source-client.ts';
import type { SourceColumn, SourceTable, ValueKind } from './source-columns.ts';

/** `name` in back-ticks. */
export const quotedMysql = (name: string): string => quoteName(nameRules.mysql, name);

/** The columns of `table` (`table` or `database.table`, quoted where needed), in order. Undefined: there is no such table. */
export async function describeMysqlTable({ mysql }: MysqlClient, table: string): Promise<SourceTable | undefined> {
  const parts = parseTableName(table);
  if (typeof parts === 'string') return undefined;
  const [rows] = await mysql.query<RowDataPacket[]>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = coalesce(?, database()) AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [parts.at(-2) ?? null, parts.at(-1)],
  );
  const first = rows[0];
  if (first === undefined) return undefined;
  const [schemaName, tableName] = [String(first.db), String(first.tab)];
  return {
    sqlName: `${quotedMysql(schemaName)}.${quotedMysql(tableName)}`,
    schemaName,
    tableName,
    columns: rows.map((row) => columnOf(String(row.name), String(row.type), row.nullable === 'YES')),
  };
}

function columnOf(name: string, type: string, nullable: boolean): SourceColumn {
  const { base, precision, scale } = typeParts(type);
  const plain = base.replace(/ (unsigned|zerofill|signed)\b/g, '');
  const unsigned = / unsigned\b/.test(base);
  const cast = mysqlDialect.castOf(type, quotedMysql(name)) !== undefined;
  const column = { name, isArray: false, nullable, type: type.toLowerCase() };
  if (plain === 'year') return { ...column, kind: 'integer' };
  // What the planner casts, arrives as text.
  if (cast) return { ...column, kind: 'text' };
  if (plain === 'tinyint' && precision === 1 && !unsigned) return { ...column, kind: 'boolean' };
  // Its upper half is beyond the integers of BigQuery.
  if (plain === 'bigint' && unsigned) return { ...column, kind: 'decimal', precision: 20, scale: 0 };
  if (plain === 'bit') return { ...column, kind: (precision ?? 1) === 1 ? 'boolean' : 'bytes' };
  const kind = kinds[plain] ?? (/(binary|blob)$/.test(plain) ? 'bytes' : 'text');
  return kind === 'decimal' ? { ...column, kind, precision: precision ?? 10, scale: scale ?? 0 } : { ...column, kind };
}

const kinds: Readonly<Record<string, ValueKind>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  float: 'float4',
  double: 'float8',
  date: 'date',
  datetime: 'datetime',
  timestamp: 'instant',
};
