// Looks how many digits decimals without declared digits hold, so that the target's column can be one that keeps them all.

import type { Client } from 'pg';
import pg from 'pg';
import type { SourceColumn, SourceTable } from '../checksum/source-columns.ts';

/** What the local warehouse's BIGNUMERIC keeps: 20 digits before and 18 after the point (BigQuery's keeps 38 and 38). */
const keptBefore = 20;
const keptAfter = 18;

/** True for a decimal whose digits only its values tell, or that declares more than any decimal of the warehouse has (38). */
export const needsMeasuring = ({ kind, isArray, precision, scale = 0 }: SourceColumn): boolean =>
  kind === 'decimal' && !isArray && (precision === undefined || precision > 38 || scale < 0 || scale > precision);

/** Names of the columns whose values all fit BIGNUMERIC. One pass over the table, none when no column needs it. */
export async function fittingDecimals(client: Client, table: SourceTable): Promise<ReadonlySet<string>> {
  const columns = table.columns.filter(needsMeasuring);
  if (columns.length === 0) return new Set();
  // split_part of the text instead of scale(), which does not know trailing zeros from digits; NaN and Infinity fit nowhere.
  const fits = columns.map(({ name }) => {
    const text = `trim(leading '-' FROM ${pg.escapeIdentifier(name)}::text)`;
    const before = `length(split_part(${text}, '.', 1)) <= ${keptBefore}`;
    const after = `length(rtrim(split_part(${text}, '.', 2), '0')) <= ${keptAfter}`;
    return `coalesce(bool_and(${text} ~ '^[0-9]' AND ${before} AND ${after}), true)`;
  });
  const { rows } = await client.query<boolean[]>({
    text: `SELECT ${fits.join(', ')} FROM ${table.sqlName}`,
    rowMode: 'array',
  });
  return new Set(columns.filter((_, index) => rows[0]?.[index] === true).map(({ name }) => name));
}
