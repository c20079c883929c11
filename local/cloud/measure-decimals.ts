// Looks how many digits decimals without declared digits hold, so that the target's column can be one that keeps them all.

import type { RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import { quotedMysql } from '../checksum/mysql-table.ts';
import { isMysql, type MysqlClient, type SourceClient } from '../checksum/source-client.ts';
import type { SourceColumn, SourceTable } from '../checksum/source-columns.ts';

/** What the local warehouse's BIGNUMERIC keeps: 20 digits before and 18 after the point (BigQuery's keeps 38 and 38). */
const keptBefore = 20;
const keptAfter = 18;

/** True for a decimal whose digits only its values tell, or that declares more than any decimal of the warehouse has (38). */
export const needsMeasuring = ({ kind, isArray, precision, scale = 0 }: SourceColumn): boolean =>
  kind === 'decimal' && !isArray && (precision === undefined || precision > 38 || scale < 0 || scale > precision);

/** Names of the columns whose values all fit BIGNUMERIC. One pass over the table, none when no column needs it. */
export async function fittingDecimals(client: SourceClient, table: SourceTable): Promise<ReadonlySet<string>> {
  const columns = table.columns.filter(needsMeasuring);
  if (columns.length === 0) return new Set();
  const fitting = isMysql(client)
    ? await mysqlFits(client, table.sqlName, columns)
    : await postgresFits(client, table.sqlName, columns);
  return new Set(columns.filter((_, index) => fitting[index] === true).map(({ name }) => name));
}

async function postgresFits(client: pg.Client, sqlName: string, columns: readonly SourceColumn[]): Promise<boolean[]> {
  // split_part of the text instead of scale(), which does not know trailing zeros from digits; NaN and Infinity fit nowhere.
  const fits = columns.map(({ name }) => {
    const text = `trim(leading '-' FROM ${pg.escapeIdentifier(name)}::text)`;
    const before = `length(split_part(${text}, '.', 1)) <= ${keptBefore}`;
    const after = `length(rtrim(split_part(${text}, '.', 2), '0')) <= ${keptAfter}`;
    return `coalesce(bool_and(${text} ~ '^[0-9]' AND ${before} AND ${after}), true)`;
  });
  const { rows } = await client.query<boolean[]>({
    text: `SELECT ${fits.join(', ')} FROM ${sqlName}`,
    rowMode: 'array',
  });
  return rows[0] ?? [];
}

async function mysqlFits(
  { mysql }: MysqlClient,
  sqlName: string,
  columns: readonly SourceColumn[],
): Promise<boolean[]> {
  const fits = columns.map(({ name }) => {
    const text = `CAST(abs(${quotedMysql(name)}) AS CHAR)`;
    const before = `length(substring_index(${text}, '.', 1)) <= ${keptBefore}`;
    const after = `locate('.', ${text}) = 0 OR length(trim(TRAILING '0' FROM substring_index(${text}, '.', -1))) <= ${keptAfter}`;
    return `min(${before} AND (${after}))`;
  });
  const [rows] = await mysql.query<RowDataPacket[][]>({
    sql: `SELECT ${fits.join(', ')} FROM ${sqlName}`,
    rowsAsArray: true,
  });
  return (rows[0] ?? []).map((value) => value === null || Number(value) === 1);
}
