// Finds the smallest and largest value of a partition column in MySQL, read as a long or as a timestamp the way the driver would.

import type { Connection } from 'mysql2';
import type { PartitionType } from '../load/source-choice.ts';
import type { MysqlField } from './columns.ts';
import { epochDays } from './dates.ts';

/** `SELECT min(col), max(col) FROM table`, as JdbcIO asks. Rejects where the driver could not read the value as that type. */
export async function readMysqlBounds(
  connection: Connection,
  table: string,
  column: string,
  type: PartitionType,
): Promise<{ lower?: bigint; upper?: bigint }> {
  const { texts, field } = await ask(connection, `SELECT min(${column}), max(${column}) FROM ${table}`);
  const [lower = null, upper = null] = texts;
  const read = (text: string) => (type === 'long' ? longOf(text, field.columnType) : epochMsOf(text, field.columnType));
  return { ...(lower === null ? {} : { lower: read(lower) }), ...(upper === null ? {} : { upper: read(upper) }) };
}

/** Names of types as the driver's message has them; 8 stands for all whole numbers. */
const dateTypes: Readonly<Record<number, string>> = { 7: 'TIMESTAMP', 10: 'DATE', 11: 'TIME', 12: 'DATETIME' };
const numberTypes: Readonly<Record<number, string>> = {
  0: 'DECIMAL',
  1: 'LONG',
  2: 'LONG',
  3: 'LONG',
  4: 'DOUBLE',
  5: 'DOUBLE',
  8: 'LONG',
  9: 'LONG',
  246: 'DECIMAL',
};

/** As Connector/J's getLong: fractions are cut off, and what has more than 64 bits is refused. */
export function longOf(text: string, columnType: number): bigint {
  const date = dateTypes[columnType];
  if (date !== undefined) throw new Error(`Unsupported conversion from ${date} to java.lang.Long`);
  const value = /^-?\d+(\.\d*)?$/.test(text) ? BigInt(text.replace(/\..*$/, '')) : longOfFloat(text);
  if (value !== BigInt.asIntN(64, value))
    throw new Error(`Value '${text}' is outside of valid range for type java.lang.Long`);
  return value;
}

function longOfFloat(text: string): bigint {
  if (/^-?\d+(\.\d*)?e[+-]?\d+$/i.test(text)) return BigInt(Math.trunc(Number(text)));
  throw new Error(`Cannot determine value type from string '${text}'`);
}

/** As Connector/J's getTimestamp in a JVM in UTC, cut to ms. A date counts from its midnight. */
export function epochMsOf(text: string, columnType: number): bigint {
  const number = numberTypes[columnType];
  if (number !== undefined) throw new Error(`Unsupported conversion from ${number} to java.sql.Timestamp`);
  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?)?$/.exec(text);
  if (parts === null) throw new Error(`Cannot convert string '${text}' to java.sql.Timestamp value`);
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  if (year === 0 && month === 0 && day === 0) throw new Error('Zero date value prohibited');
  const days = epochDays(year, month, day);
  if (days === undefined) throw new Error(`Cannot convert string '${text}' to java.sql.Timestamp value`);
  const ms = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  return BigInt(days * 86_400_000 + (hours * 3600 + minutes * 60 + seconds) * 1000 + ms);
}

/** The values as the texts the server sends: dates and large numbers must not pass through JavaScript's own. */
function ask(connection: Connection, sql: string): Promise<{ texts: (string | null)[]; field: MysqlField }> {
  return new Promise((resolve, reject) => {
    const asked = { sql, rowsAsArray: true, typeCast: (field: { string(): string | null }) => field.string() };
    connection.query(asked, (error, rows, fields) => {
      if (error !== null) reject(error);
      else resolve({ texts: (rows as (string | null)[][])[0] ?? [], field: fields[0] as unknown as MysqlField });
    });
  });
}
