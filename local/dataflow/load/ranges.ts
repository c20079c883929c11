// Splits a partition column into ranges exactly as Beam's JdbcIO does; pure, on BigInt because Java counts in 64 bits.

export type ReadRange = {
  /** Included. */
  readonly from: bigint;
  /** Excluded. */
  readonly to: bigint;
};

/** Partitions when the template is given none. Beam's inference from the row count cannot be reached (apache/beam #31467). */
export const defaultPartitions = 200;

/**
 * Ranges over whole numbers, `upper` included in the last one. Source: JdbcUtil of Apache Beam; division truncates toward zero as in Java.
 * Throws RangeError when the stride overflows. There may be fewer ranges than partitions, and more where the bounds differ in sign (both quotients lose their fraction then).
 */
export function longRanges(lower: bigint, upper: bigint, partitions: number): ReadRange[] {
  const count = BigInt(partitions);
  const stride = java64(upper / count - lower / count + 1n);
  // Beam adds a stride that wrapped around for ever; a local job says so instead.
  if (stride <= 0n) {
    throw new RangeError(
      `the keys from ${lower} to ${upper} in ${partitions} partition(s) overflow the 64 bits Beam counts strides in; use more partitions`,
    );
  }
  const ranges: ReadRange[] = [];
  let highest = lower;
  for (; highest < java64(upper - stride); highest += stride) ranges.push({ from: highest, to: highest + stride });
  return [...ranges, { from: highest, to: java64(upper + 1n) }];
}

/**
 * Ranges over epoch milliseconds, `upper` included in the last one. Source: JdbcUtil of Apache Beam. There may be more ranges
 * than partitions, because a stride loses its fraction.
 */
export function datetimeRanges(lower: bigint, upper: bigint, partitions: number): ReadRange[] {
  const spread = (upper - lower) / BigInt(partitions);
  const stride = spread > 1n ? spread : 1n;
  const ranges: ReadRange[] = [];
  let current = lower;
  for (; current + stride < upper; current += stride) ranges.push({ from: current, to: current + stride });
  return [...ranges, { from: current, to: upper + 1n }];
}

/** Wraps around as a Java long does: with an upper bound of 2^63-1 the last range ends before it begins and reads nothing, there as here. */
function java64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
