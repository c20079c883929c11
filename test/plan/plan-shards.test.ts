// The shard planner holds its promises for any input: caps, monotony, determinism, explained steps.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { machineTypes } from '../../shared/plan/machine-types.ts';
import { connectionLimit, planShards, type ShardInput } from '../../shared/plan/plan-shards.ts';

const inputs: fc.Arbitrary<ShardInput> = fc.record({
  machineType: fc.oneof(
    fc.constantFrom(...machineTypes.map((type) => type.name)),
    fc.constantFrom('custom-4-16384', 'n2-custom-6-24576'),
  ),
  workerCount: fc.integer({ min: 0, max: 1000 }),
  profile: fc.record({
    rowCountEstimate: fc.option(fc.oneof(fc.nat(10_000_000), fc.maxSafeNat())),
    averageRowBytes: fc.option(fc.integer({ min: 0, max: 10_000_000 })),
    skewRatio: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  }),
  connectionBudget: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
  policy: fc.record({
    maxShards: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
    connectionHeadroomRatio: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { nil: undefined }),
  }),
});

const plan = (input: ShardInput) => {
  const result = planShards(input);
  if (!result.ok) throw new Error(result.message);
  return result.plan;
};

describe('for any input', () => {
  property.prop([inputs])('shards are whole, at least one, and within every cap', (input) => {
    const { shards, caps, maxConcurrentShards, threadsPerWorker } = plan(input);
    expect(Number.isInteger(shards)).toBe(true);
    expect(shards).toBeGreaterThanOrEqual(1);
    expect(shards).toBeLessThanOrEqual(caps.machine);
    expect(shards).toBeLessThanOrEqual(caps.policy);
    expect(shards).toBeLessThanOrEqual(caps.connections ?? Number.POSITIVE_INFINITY);
    expect(maxConcurrentShards).toBe(Math.min(shards, Math.max(1, input.workerCount) * threadsPerWorker));
    expect(threadsPerWorker).toBeGreaterThanOrEqual(1);
  });

  property.prop([inputs, fc.nat(1_000_000_000), fc.nat(100_000)])(
    'a larger table never gets fewer shards',
    (input, moreRows, moreBytes) => {
      const { rowCountEstimate, averageRowBytes } = input.profile;
      fc.pre(rowCountEstimate !== null && rowCountEstimate > 0);
      const bytes = averageRowBytes === null || averageRowBytes === 0 ? averageRowBytes : averageRowBytes + moreBytes;
      const larger = { ...input.profile, rowCountEstimate: rowCountEstimate + moreRows, averageRowBytes: bytes };
      expect(plan({ ...input, profile: larger }).shards).toBeGreaterThanOrEqual(plan(input).shards);
    },
  );

  property.prop([inputs])('the same input gives the same plan', (input) => {
    expect(plan(structuredClone(input))).toEqual(plan(input));
  });

  property.prop([inputs])('the last step says the result', (input) => {
    const { shards, steps } = plan(input);
    expect(steps.at(-1)).toContain(`${shards} shards`);
  });
});

describe('single rules', () => {
  const table = (rowCountEstimate: number | null, averageRowBytes: number | null) => ({
    rowCountEstimate,
    averageRowBytes,
  });

  test('one shard per 200 MiB, and at most 500 MiB each, explained in words and numbers', () => {
    const { shards, steps } = plan({ machineType: 'n2-standard-8', workerCount: 2, profile: table(10_000_000, 300) });
    expect(shards).toBe(16);
    expect(steps[0]).toBe('10000000 rows × 300 bytes = 2861 MiB; one shard per 200 MiB: 15');
  });

  test('products beyond 64 bits neither wrap nor fail', () => {
    expect(
      plan({ machineType: 'n2-standard-16', workerCount: 32, profile: table(Number.MAX_SAFE_INTEGER, 10_000_000) })
        .shards,
    ).toBe(256);
  });

  test('an uneven table gets more ranges, up to the caps', () => {
    const even = plan({ machineType: 'n2-highmem-16', workerCount: 4, profile: table(10_000_000, 300) });
    const uneven = plan({
      machineType: 'n2-highmem-16',
      workerCount: 4,
      profile: { ...table(10_000_000, 300), skewRatio: 3 },
    });
    expect(even.shards).toBe(16);
    expect(uneven.shards).toBe(64);
    expect(uneven.steps.join('\n')).toContain('3.0 × the mean');
  });

  test('a connection limit rounds down and leaves at least one', () => {
    expect([1, 2, 12, 16, 100].map((budget) => connectionLimit(budget, 0.8))).toEqual([1, 1, 9, 12, 80]);
    expect(connectionLimit(100, 0.29)).toBe(29);
  });

  test('an unknown machine type is refused with names that exist', () => {
    const result = planShards({ machineType: 'c3-standard-16', workerCount: 1, profile: table(1, 1) });
    expect(result).toEqual({
      ok: false,
      message: expect.stringContaining('c3-standard-22'),
      nearest: ['c3-standard-22', 'c3-standard-8', 'c3-standard-4'],
    });
  });
});
