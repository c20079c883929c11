// A connection limit holds fleet-wide: through ranges, or through threads on a fixed number of workers.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { holdConnections } from '../../shared/plan/hold-connections.ts';
import { environmentOf, input, load, parametersOf, planned } from './support.ts';

const count = fc.integer({ min: 1, max: 2000 });
const fleets = fc.record({
  shardCount: count,
  workerCount: fc.integer({ min: 1, max: 1000 }),
  vcpus: fc.integer({ min: 1, max: 96 }),
  readersPerVcpu: fc.integer({ min: 1, max: 2 }),
  limit: fc.option(count, { nil: undefined }),
  columnType: fc.constantFrom('long' as const, 'datetime' as const, undefined),
});

describe('for any fleet', () => {
  property.prop([fleets])('no more ranges are read at once than the limit allows', (fleet) => {
    const { shardCount, threadsPerWorker, maxConcurrentShards } = holdConnections(fleet);
    const ranges = shardCount + (fleet.columnType === 'datetime' && shardCount > 1 ? 1 : 0);
    const atOnce = Math.min(ranges, fleet.workerCount * threadsPerWorker);
    expect(atOnce).toBeLessThanOrEqual(fleet.limit ?? Number.POSITIVE_INFINITY);
    expect(maxConcurrentShards).toBe(atOnce);
    expect(shardCount).toBeGreaterThanOrEqual(1);
    expect(shardCount).toBeLessThanOrEqual(fleet.shardCount);
    expect(threadsPerWorker).toBeLessThanOrEqual(fleet.vcpus * fleet.readersPerVcpu);
  });

  property.prop([fleets])('ranges are lowered only when the workers alone exceed the limit', (fleet) => {
    if (holdConnections(fleet).shardCount < fleet.shardCount)
      expect(fleet.workerCount).toBeGreaterThan(fleet.limit ?? 0);
  });
});

describe('in a plan', () => {
  const candidate = { machineType: 'n2-standard-4', workerCount: 4, shardCount: 64 };

  test('threads hold the limit: 80 % of the budget, autoscaling off', () => {
    const plan = planned({ candidate, connectionBudget: 12 });
    expect(plan).toMatchObject({ shardCount: 64, threadsPerWorker: 2, maxConcurrentShards: 8 });
    expect(environmentOf(plan)).toMatchObject({
      autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_NONE',
      additionalPipelineOptions: ['numberOfWorkerHarnessThreads=2'],
    });
    expect(plan.steps).toContain('at most 9 connections: 4 workers × 2 thread(s) = 8 of 64 ranges at once');
  });

  test('ranges hold it where the workers alone would exceed it', () => {
    const plan = planned({ candidate, connectionBudget: 3 });
    expect(plan).toMatchObject({ shardCount: 2, threadsPerWorker: 1, maxConcurrentShards: 2 });
    expect(parametersOf(plan).numPartitions).toBe('2');
    expect(plan.warnings.join('\n')).toContain('64 shards lowered to 2');
  });

  test('the candidate’s own limit and the source’s count too, the lowest wins', () => {
    expect(
      planned({ candidate: { ...candidate, maxConcurrentShards: 4 }, connectionBudget: 100 }).maxConcurrentShards,
    ).toBe(4);
    const source = { ...load().source, connectionBudget: 5 };
    expect(planned({ candidate, load: load({ source }) }).maxConcurrentShards).toBe(4);
  });

  test('without a limit nothing is fixed, and a worker reads with a thread per vCPU', () => {
    const plan = planned({ candidate });
    expect(plan).toMatchObject({ threadsPerWorker: 4, maxConcurrentShards: 16 });
    expect(environmentOf(plan).autoscalingAlgorithm).toBeUndefined();
    expect(environmentOf(plan).additionalPipelineOptions).toBeUndefined();
  });

  test('highcpu machines read with two threads per vCPU, which the plan says', () => {
    const plan = planned({ candidate: { machineType: 'n2-highcpu-8', workerCount: 2, shardCount: 64 } });
    expect(plan.maxConcurrentShards).toBe(32);
    expect(environmentOf(plan).additionalPipelineOptions).toEqual(['numberOfWorkerHarnessThreads=16']);
  });

  test('a query holds one connection', () => {
    const { table: _, ...rest } = load();
    const query = { ...rest, query: 'select 1', targetTable: 't' };
    expect(planned({ load: query, candidate, connectionBudget: 12 })).toMatchObject({
      readMode: 'query',
      shardCount: 1,
      maxConcurrentShards: 1,
    });
  });

  test('workers without a range are named', () => {
    expect(planned({ candidate: { ...input().candidate, workerCount: 9 } }).warnings).toContain(
      '9 workers for 8 ranges: 1 of them read nothing',
    );
  });
});
