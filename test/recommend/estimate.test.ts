// One candidate's estimate: what limits it, how long it takes, what it costs.

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { costOf } from '../../shared/recommend/cost.ts';
import { flexRsDelaySec, rampSec } from '../../shared/recommend/estimate.ts';
import { type candidate, estimate, iowa } from './support.ts';

describe('throughput', () => {
  it.each([
    { limit: { sourceTotal: 40 }, bottleneck: 'SOURCE', mbPerSec: 40 },
    { limit: { perConnection: 5 }, bottleneck: 'CONNECTIONS', mbPerSec: 40 },
    { limit: { cpuPerVcpu: 5 }, bottleneck: 'CPU', mbPerSec: 40 },
    { limit: { sink: 40 }, bottleneck: 'SINK', mbPerSec: 40 },
  ])('is the smallest limit: $bottleneck', ({ limit, bottleneck, mbPerSec }) => {
    const found = estimate({ speeds: limit });
    const readingSec = found.runningSec - rampSec({ workers: 2 });
    expect(20_000 / readingSec).toBeCloseTo(mbPerSec, 3);
    expect(found.bottleneck).toBe(bottleneck);
  });

  it('is less than either of two limits that are equally small', () => {
    const one = estimate({ speeds: { sink: 40 } });
    const two = estimate({ speeds: { sink: 40, sourceTotal: 40 } });
    expect(two.runningSec / one.runningSec).toBeGreaterThan(1.05);
    expect(two.runningSec / one.runningSec).toBeLessThan(1.2);
  });

  it('counts as many readers as ranges, connections and threads allow, not as many as there are ranges', () => {
    const readers = (fields: Parameters<typeof candidate>[0], maxReaders = 48) =>
      estimate({ candidate: fields, workload: { maxReaders } }).readers;
    expect(readers({ shardCount: 64, maxConcurrentShards: 16 })).toBe(16);
    expect(readers({ shardCount: 4, maxConcurrentShards: 16 })).toBe(4);
    expect(readers({ shardCount: 64, maxConcurrentShards: 16 }, 6)).toBe(6);
  });

  it('gains nothing from vCPUs that no reader keeps busy', () => {
    const busy = estimate({ candidate: { machineType: 'n2-standard-4' }, speeds: { cpuPerVcpu: 5 } });
    const idle = estimate({ candidate: { machineType: 'n2-standard-16' }, speeds: { cpuPerVcpu: 5 } });
    expect(idle.runningSec).toBeCloseTo(busy.runningSec, 6);
  });
});

describe('ranges', () => {
  const seconds = (shardCount: number, fullestShare?: (ranges: number) => number) =>
    estimate({
      candidate: { shardCount },
      speeds: { sink: 40 },
      ...(fullestShare === undefined ? {} : { workload: { fullestShare } }),
    }).runningSec - rampSec({ workers: 2 });

  it('are read whole: nine on eight readers take two rounds', () => {
    expect(seconds(9) / seconds(8)).toBeCloseTo(16 / 9, 6);
    expect(seconds(72) / seconds(8)).toBeCloseTo(1, 6);
  });

  it('hold a fleet until its fullest one is read', () => {
    const half = () => 0.5;
    expect(seconds(64, half) / seconds(64)).toBeCloseTo(4, 6);
  });

  it('do not exist for a query: one reader, and every row through the shuffle', () => {
    const query = estimate({ workload: { readMode: 'query' }, speeds: { perConnection: 10 } });
    expect(query.readers).toBe(1);
    expect(query.effectiveThroughputMbPerSec).toBeLessThan(10.1);
    expect(query.costMicroUsd?.shuffle).toBe(55_000);
    expect(estimate().costMicroUsd?.shuffle).toBe(0);
  });
});

describe('cost', () => {
  it('is workers x seconds from their first VM to their end, at the book prices, by component', () => {
    const found = estimate({ speeds: { sink: 40 } });
    const workerSec = 2 * (80 + found.runningSec);
    expect(found.costMicroUsd).toEqual(
      costOf(
        {
          vcpuSec: workerSec * 4,
          memoryMibSec: workerSec * 16 * 1024,
          pdGbSec: workerSec * 25,
          ssdGbSec: 0,
          billableShuffleGb: 0,
        },
        iowa(),
      ),
    );
    expect(found.estimatedCostMicroUsd).toBe(found.costMicroUsd?.total);
  });

  it('of FlexRS is less, at the price of a delay that counts in the duration but not in start-up', () => {
    const plain = estimate();
    const flex = estimate({ candidate: { flexRs: true }, prices: iowa('flexrs') });
    expect(flex.estimatedCostMicroUsd).toBeLessThan(plain.estimatedCostMicroUsd * 0.65);
    expect(flex.estimatedDurationSec - plain.estimatedDurationSec).toBeCloseTo(flexRsDelaySec, 6);
    expect(flex.startupSec).toBe(plain.startupSec);
  });
});

describe('an empty table', () => {
  it('still takes its start-up, and costs it', () => {
    const found = estimate({ workload: { sizeBytes: 0, rows: 0 } });
    expect(found.estimatedDurationSec).toBeGreaterThan(220);
    expect(found.estimatedCostMicroUsd).toBeGreaterThan(0);
    expect(found.bottleneck).toBe('STARTUP');
  });
});

const rate = fc.double({ min: 1, max: 1000, noNaN: true });
const anySpeeds = fc.record({ sourceTotal: rate, perConnection: rate, cpuPerVcpu: rate, sink: rate });
const anyCandidate = fc.record({
  machineType: fc.constantFrom('n2-standard-4', 'e2-highcpu-8', 'c3-highmem-22'),
  workerCount: fc.integer({ min: 1, max: 64 }),
  shardCount: fc.integer({ min: 1, max: 2000 }),
  maxConcurrentShards: fc.integer({ min: 1, max: 200 }),
});

describe('any estimate', () => {
  test.prop([anySpeeds, anyCandidate, fc.double({ min: 0, max: 1e13, noNaN: true })])(
    'is finite, positive, and never faster than any single limit',
    (someSpeeds, someCandidate, sizeBytes) => {
      const found = estimate({ speeds: someSpeeds, candidate: someCandidate, workload: { sizeBytes } });
      for (const value of [found.estimatedDurationSec, found.estimatedCostMicroUsd, found.runningSec]) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
      }
      const { sourceTotal, perConnection, sink } = someSpeeds;
      const limit = Math.min(sourceTotal, perConnection * found.readers, sink);
      expect(found.effectiveThroughputMbPerSec).toBeLessThanOrEqual(limit * (1 + 1e-9));
    },
  );

  test.prop([anySpeeds, anyCandidate, fc.double({ min: 1, max: 1e12, noNaN: true })])(
    'never falls when the table grows',
    (someSpeeds, someCandidate, sizeBytes) => {
      const of = (bytes: number) =>
        estimate({ speeds: someSpeeds, candidate: someCandidate, workload: { sizeBytes: bytes } });
      expect(of(sizeBytes * 2).estimatedDurationSec).toBeGreaterThanOrEqual(of(sizeBytes).estimatedDurationSec);
      expect(of(sizeBytes * 2).estimatedCostMicroUsd).toBeGreaterThanOrEqual(of(sizeBytes).estimatedCostMicroUsd);
    },
  );
});
