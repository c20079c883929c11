// What two tables are compared by: the number of rows and a sum of row hashes that no order, but every difference, changes.

export type TableChecksum = { readonly rows: number /** 32 hex digits. */; readonly checksum: string };

/** One row as both databases answer it: decimal texts of the count and of the sums over both 64-bit halves of the row hashes. */
export type HashSums = { readonly rows: string; readonly high: string; readonly low: string };

/** Both sums modulo 2^64. A sum counts every row, so a duplicate and a loss show, which an exclusive-or would hide. */
export function tableChecksum({ rows, high, low }: HashSums): TableChecksum {
  const hex = (sum: string): string => BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0');
  return { rows: Number(rows), checksum: hex(high) + hex(low) };
}

/**
 * SQL for the text of a row from the texts of its columns, the same in PostgreSQL and DuckDB: each with its length before it, so that
 * no two rows share a text, and NULL apart from every value.
 */
export function rowText(columnTexts: readonly string[]): string {
  return columnTexts.map((text) => `coalesce(length(${text}) || ':' || ${text}, '-')`).join(` || ',' || `);
}
