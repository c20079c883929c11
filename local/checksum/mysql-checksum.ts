// Count and checksum of a table in MySQL, computed there by the rules of the warehouse: nothing but the result leaves the server.

import type { RowDataPacket } from 'mysql2/promise';
import { typeParts } from '../../shared/plan/sources/dialect.ts';
import { mysqlDialect } from '../../shared/plan/sources/mysql-dialect.ts';
import { quotedMysql } from './mysql-table.ts';
import type { MysqlClient } from './source-client.ts';
import type { SourceColumn, SourceTable } from './source-columns.ts';
import { type HashSums, type TableChecksum, tableChecksum } from './table-checksum.ts';

/** One pass over the table. The session must be in UTC. */
export async function mysqlChecksum({ mysql }: MysqlClient, table: SourceTable): Promise<TableChecksum> {
  const [rows] = await mysql.query<RowDataPacket[]>(checksumSql(table));
  const [sums] = rows;
  if (sums === undefined) throw new Error(`no answer for the checksum of ${table.sqlName}`);
  return tableChecksum(sums as unknown as HashSums);
}

function checksumSql({ sqlName, columns }: SourceTable): string {
  const texts = columns.map((column, index) => `${textOf(column, quotedMysql(column.name))} AS c${index}`);
  // As rowText has it for the other databases, in the functions of this one.
  const parts = columns.map((_, index) => `ifnull(concat(char_length(c${index}), ':', c${index}), '-')`);
  const row = columns.length === 0 ? "''" : `concat_ws(',', ${parts.join(', ')})`;
  const half = (from: number) =>
    `CAST(coalesce(sum(CAST(conv(substr(h, ${from}, 16), 16, 10) AS UNSIGNED)), 0) AS CHAR)`;
  return `
    SELECT CAST(count(*) AS CHAR) AS \`rows\`, ${half(1)} AS high, ${half(17)} AS low
    FROM (SELECT sha2(CONVERT(${row} USING utf8mb4), 256) AS h FROM (SELECT ${texts.join(', ')} FROM ${sqlName}) AS texts) AS hashes`;
}

function textOf({ kind, type }: SourceColumn, column: string): string {
  const { base, precision } = typeParts(type);
  const cast = mysqlDialect.castOf(type, column)?.sql;
  switch (kind) {
    case 'integer':
      // A sum is without the zeros of ZEROFILL.
      return `CAST(${cast ?? column} + 0 AS CHAR)`;
    case 'decimal':
      return withoutTrailingZeros(`CAST(${base.includes('zerofill') ? `${column} + 0` : column} AS CHAR)`);
    case 'float4':
    case 'float8':
      return floatBits(column);
    case 'boolean':
      return `CASE WHEN ${column} + 0 = -1 OR ${column} + 0 > 0 THEN 'true' WHEN ${column} IS NOT NULL THEN 'false' END`;
    case 'date':
      return `CAST(${column} AS CHAR)`;
    case 'instant':
    case 'datetime':
      return `CAST(timestampdiff(MICROSECOND, timestamp'1970-01-01 00:00:00', ${column}) AS CHAR)`;
    case 'bytes':
      return base === 'bit'
        ? `lower(lpad(hex(${column} + 0), ${Math.ceil((precision ?? 1) / 8) * 2}, '0'))`
        : `lower(hex(${column}))`;
    case 'text':
      return `CONVERT(${cast ?? column} USING utf8mb4)`;
  }
}

const withoutTrailingZeros = (text: string): string =>
  `IF(locate('.', ${text}) > 0, trim(TRAILING '.' FROM trim(TRAILING '0' FROM ${text})), ${text})`;

/**
 * The bits of a double, -0 as 0. MySQL shows them nowhere but in the binary form of a point: byte order, type, then the double, its lowest
 * byte first.
 */
function floatBits(column: string): string {
  const wkb = `hex(ST_AsBinary(point(${column} + 0e0, 0)))`;
  const bytes = Array.from({ length: 8 }, (_, index) => `substr(${wkb}, ${25 - 2 * index}, 2)`);
  return `CASE WHEN ${column} IS NOT NULL THEN lpad(conv(concat(${bytes.join(', ')}), 16, 2), 64, '0') END`;
}
