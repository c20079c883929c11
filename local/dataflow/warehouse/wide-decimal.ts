// Text into a decimal of more than 18 digits, as one SQL expression that must not be slow.
//
// DuckDB 1.5 needs 13 to 50 µs for each such cast (one core; the more digits, the more) and 0.1 µs for one of up to 18 digits. So the text
// is cast by way of 18 digits where they hold it, else its whole part and its fraction are cast apart (0.5 µs), and only what neither can
// hold goes the long way: longer whole parts, exponents, blanks, and all that is no number, which fails there in the words it always had.

import type { TargetType } from './table-types.ts';

type Decimal = Extract<TargetType, { is: 'decimal' }>;

/** A scale that leaves the narrow cast a million; with less of it, its misses cost more (1 µs) than going apart at once. */
const narrowScale = 12;

/** The expression of the text as that decimal, rounded half away from zero; a text that is no such decimal fails. */
export function wideDecimal(text: string, { precision, scale }: Decimal): string {
  const wide = `DECIMAL(${precision},${scale})`;
  const long = `CAST(${text} AS ${wide})`;
  if (precision <= 18 || scale > 18) return long;
  // The narrow cast loses digits before it applies an exponent: of .0000000000000000002e19 it makes 0 (DuckDB 1.5).
  const narrow = `CASE WHEN NOT contains(lower(${text}), 'e') THEN CAST(try_cast(${text} AS DECIMAL(18,${scale})) AS ${wide}) END`;
  const quick = scale <= narrowScale ? [narrow, apart(text, wide, scale)] : [apart(text, wide, scale)];
  return `coalesce(${[...quick, long].join(', ')})`;
}

/**
 * Whole part and fraction cast apart; NULL for what is not of this form or does not fit. With 18 digits before the point and 18 behind it the
 * sum is exact. The sign is the text's, because -0.5 has none in its whole part; the fraction without it is rounded away from zero too.
 */
function apart(text: string, wide: string, scale: number): string {
  const whole = `CAST(CAST(split_part(${text}, '.', 1) AS BIGINT) AS DECIMAL(38,${scale}))`;
  // Fails where the fraction is rounded up to 1 and no digit is left for it.
  const fraction = `try_cast('0.' || split_part(${text}, '.', 2) AS DECIMAL(18,${scale}))`;
  const sum = `CASE WHEN starts_with(${text}, '-') THEN ${whole} - ${fraction} ELSE ${whole} + ${fraction} END`;
  return `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]{1,18}([.][0-9]*)?') THEN try_cast(${sum} AS ${wide}) END`;
}
