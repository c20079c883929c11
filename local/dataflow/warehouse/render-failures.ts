// SQL expressions that fail a load in BigQuery's words, and the decimal cast that must not be slow.

import type { TargetType } from './table-types.ts';

/** Beginning of the text by which the loader recognises that an error is BigQuery's own refusal of a value. */
export const loadErrorPrefix = 'Error while reading data, error message: JSON parsing error: ';

/** An expression that fails with a fixed text. */
export function fail(message: string): string {
  return `error('${(loadErrorPrefix + message).replaceAll("'", "''")}')`;
}

/** An expression that fails and names the value. */
export function cannotConvert(text: string, type: string, field: string): string {
  const start = `${loadErrorPrefix}Could not convert value to ${type}. Field: ${field}; Value: `.replaceAll("'", "''");
  return `error('${start}' || left(${text}, 100))`;
}

/**
 * Text into a decimal of more than 18 digits. DuckDB 1.5 needs 5.6 µs for each such cast (2.8 s for 500,000 values) and 0.03 µs by way of
 * 18 digits, so only what does not fit into them goes the long way. Both round half away from zero.
 */
export function wideDecimal(text: string, { precision, scale }: Extract<TargetType, { is: 'decimal' }>): string {
  const wide = `DECIMAL(${precision},${scale})`;
  if (precision <= 18 || scale > 18) return `CAST(${text} AS ${wide})`;
  return `coalesce(CAST(try_cast(${text} AS DECIMAL(18,${scale})) AS ${wide}), CAST(${text} AS ${wide}))`;
}
