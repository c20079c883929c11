// The ranges of a split read, against vectors computed from Beam's algorithm.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datetimeRanges, longRanges, type ReadRange } from '../../local/dataflow/load/ranges.ts';

const shown = (ranges: readonly ReadRange[]) => ranges.map(({ from, to }) => `[${from},${to})`).join(' ');

describe('ranges over whole numbers', () => {
  test.each([
    [0n, 100n, 4, '[0,26) [26,52) [52,78) [78,101)'],
    [1n, 10n, 3, '[1,5) [5,9) [9,11)'],
    [1n, 10n, 200, '[1,2) [2,3) [3,4) [4,5) [5,6) [6,7) [7,8) [8,9) [9,11)'],
    [5n, 5n, 200, '[5,6)'],
    [-100n, 100n, 4, '[-100,-49) [-49,2) [2,53) [53,101)'],
    [-7n, 8n, 3, '[-7,-2) [-2,3) [3,9)'],
    [1n, 1000n, 5, '[1,202) [202,403) [403,604) [604,805) [805,1001)'],
    [10n, 12n, 1, '[10,13)'],
    [0n, 0n, 200, '[0,1)'],
  ])('from %s to %s in %s parts', (lower, upper, partitions, expected) => {
    expect(shown(longRanges(lower, upper, partitions))).toBe(expected);
  });

  test('from 0 to 1,000,000 in 200 parts: 200 ranges, the last one [995199,1000001)', () => {
    const ranges = longRanges(0n, 1_000_000n, 200);
    expect(ranges).toHaveLength(200);
    expect(ranges.at(-1)).toEqual({ from: 995_199n, to: 1_000_001n });
  });

  test('the largest long cannot be reached: the last range wraps around, as in Java', () => {
    expect(longRanges(2n ** 63n - 3n, 2n ** 63n - 1n, 1).at(-1)?.to).toBe(-(2n ** 63n));
  });

  test('a stride that overflows is refused instead of being added for ever', () => {
    expect(() => longRanges(-(2n ** 63n), 2n ** 63n - 1n, 1)).toThrow(/overflow the 64 bits/);
  });
});

describe('ranges over milliseconds', () => {
  test.each([
    [0n, 10n, 3, '[0,3) [3,6) [6,9) [9,11)'],
    [0n, 100n, 4, '[0,25) [25,50) [50,75) [75,101)'],
    [0n, 0n, 200, '[0,1)'],
    [0n, 5n, 200, '[0,1) [1,2) [2,3) [3,4) [4,6)'],
  ])('from %s to %s in %s parts', (lower, upper, partitions, expected) => {
    expect(shown(datetimeRanges(lower, upper, partitions))).toBe(expected);
  });
});

test.each([longRanges, datetimeRanges])('%o: every value between the bounds is in exactly one range', (split) => {
  const bound = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
  fc.assert(
    fc.property(bound, bound, fc.integer({ min: 1, max: 300 }), (one, other, partitions) => {
      const [lower, upper] = one < other ? [one, other] : [other, one];
      const ranges = split(lower, upper, partitions);
      expect(ranges.at(0)?.from).toBe(lower);
      expect(ranges.at(-1)?.to).toBe(upper + 1n);
      ranges.slice(1).forEach((range, index) => {
        expect(range.from).toBe(ranges[index]?.to);
      });
      // Only there is the number of partitions a limit: see the notes of both functions.
      if (split === longRanges && lower >= 0n) expect(ranges.length).toBeLessThanOrEqual(partitions);
    }),
  );
});
