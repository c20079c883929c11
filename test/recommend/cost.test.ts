// Costs against published samples, beside what three public formulas answer for the same metrics.

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { costOf, type Usage } from '../../shared/recommend/cost.ts';
import { type Prices, pricesFor } from '../../shared/recommend/price-book.ts';

function iowa(mode: 'batch' | 'flexrs' = 'batch'): Prices {
  const found = pricesFor('us-central1', mode);
  if (!found.ok) throw new Error(found.problem);
  return found.prices;
}

/** A job's metrics as GetJobMetrics names them. */
type Sample = Usage & { readonly totalShuffleGb: number };

/** metrics-exporter README sample (word count, 2023-09-08): 182 vCPU-s, 747,068 MiB-s, 2,279 GB-s; it prints $0.007 and $0.045. */
const wordCount: Sample = {
  vcpuSec: 182,
  memoryMibSec: 747_068,
  pdGbSec: 2279,
  ssdGbSec: 0,
  billableShuffleGb: 1.603737473487854e-5,
  totalShuffleGb: 6.414949893951416e-5,
};
/** A public load-test report (2024-01-22, n1-highmem): 2,699 vCPU-s and 17,965,788 MiB-s, nothing else recorded. */
const deidentify: Sample = {
  vcpuSec: 2699,
  memoryMibSec: 17_965_788,
  pdGbSec: 0,
  ssdGbSec: 0,
  billableShuffleGb: 0,
  totalShuffleGb: 0,
};
/** 10 x n1-standard-4 (4 vCPU, 15 GB), 25 GB disk each, one hour, 100 GB shuffle billed in full. */
const tenWorkers: Sample = {
  vcpuSec: 10 * 4 * 3600,
  memoryMibSec: 10 * 15 * 1024 * 3600,
  pdGbSec: 10 * 25 * 3600,
  ssdGbSec: 0,
  billableShuffleGb: 100,
  totalShuffleGb: 100,
};
/** The same job when the service charges a quarter of the shuffled bytes, as in the word count's metrics. */
const tenWorkersQuarter: Sample = { ...tenWorkers, billableShuffleGb: 25 };

/** What the public estimators share: list prices, and 1,000 MiB to the GB. */
const withoutShuffle = (sample: Sample): number =>
  (sample.vcpuSec / 3600) * 0.056 +
  (sample.memoryMibSec / 1000 / 3600) * 0.003557 +
  (sample.pdGbSec / 3600) * 0.000054 +
  (sample.ssdGbSec / 3600) * 0.000298;
const publicFormulas = {
  /** DataflowTemplates `it` LoadTestBase: every shuffled GB, billable or not. */
  itLoadTestBase: (sample: Sample) => withoutShuffle(sample) + sample.totalShuffleGb * 0.011,
  /** Beam DataflowCostBenchmark: batch shuffle taken from TotalStreamingDataProcessed, which a batch job leaves at 0. */
  beamDataflowCostBenchmark: (sample: Sample) => withoutShuffle(sample),
  /** dataflow-metrics-exporter ResourcePricing (94e7407): GB divided by 2^30 as if bytes, rounded to a tenth of a cent. */
  metricsExporter: (sample: Sample) =>
    Math.round((withoutShuffle(sample) + (sample.billableShuffleGb / 2 ** 30) * 0.011) * 1000) / 1000,
};

describe('the cost of a finished job', () => {
  it.each([
    { name: 'word count', sample: wordCount, usd: 0.003586, it: 0.003604, beam: 0.003603, exporter: 0.004 },
    { name: 'de-identification', sample: deidentify, usd: 0.059319, it: 0.059736, beam: 0.059736, exporter: 0.06 },
    { name: 'ten workers', sample: tenWorkers, usd: 3.88705, it: 3.899855, beam: 2.799855, exporter: 2.8 },
    {
      name: 'ten workers, a quarter of the shuffle billed',
      sample: tenWorkersQuarter,
      usd: 3.06205,
      it: 3.899855,
      beam: 2.799855,
      exporter: 2.8,
    },
  ])('is $usd USD for $name, where the public formulas say $it, $beam and $exporter', (row) => {
    expect(costOf(row.sample, iowa()).total).toBe(Math.round(row.usd * 1e6));
    expect(publicFormulas.itLoadTestBase(row.sample)).toBeCloseTo(row.it, 6);
    expect(publicFormulas.beamDataflowCostBenchmark(row.sample)).toBeCloseTo(row.beam, 6);
    expect(publicFormulas.metricsExporter(row.sample)).toBeCloseTo(row.exporter, 6);
  });

  it('lists its components, which add up to the total', () => {
    expect(costOf(tenWorkers, iowa())).toEqual({
      vcpu: 2_240_000,
      memory: 533_550,
      disk: 13_500,
      shuffle: 1_100_000,
      total: 3_887_050,
    });
  });

  it('counts SSD at its own rate within disk', () => {
    const usage = { ...tenWorkers, pdGbSec: 0, ssdGbSec: 3_600_000 };
    expect(costOf(usage, iowa()).disk).toBe(298_000);
  });

  it('takes 40 % off vCPU and memory for FlexRS, and nothing off disk and shuffle', () => {
    expect(costOf(tenWorkers, iowa('flexrs'))).toEqual({
      vcpu: 1_344_000,
      memory: 320_130,
      disk: 13_500,
      shuffle: 1_100_000,
      total: 2_777_630,
    });
  });

  it('of no usage is nothing', () => {
    const none = { vcpuSec: 0, memoryMibSec: 0, pdGbSec: 0, ssdGbSec: 0, billableShuffleGb: 0 };
    expect(costOf(none, iowa()).total).toBe(0);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses %s and names the field', (bad) => {
    expect(() => costOf({ ...tenWorkers, pdGbSec: bad }, iowa())).toThrow(/usage\.pdGbSec is/);
  });
});

const amount = fc.double({ min: 0, max: 1e9, noNaN: true });
const usages = fc.record({
  vcpuSec: amount,
  memoryMibSec: amount,
  pdGbSec: amount,
  ssdGbSec: amount,
  billableShuffleGb: fc.double({ min: 0, max: 1e6, noNaN: true }),
});

describe('any cost', () => {
  test.prop([usages])('is made of whole micro-dollars that add up', (usage) => {
    const cost = costOf(usage, iowa());
    for (const part of Object.values(cost)) expect(Number.isSafeInteger(part)).toBe(true);
    expect(cost.vcpu + cost.memory + cost.disk + cost.shuffle).toBe(cost.total);
  });

  test.prop([usages, amount])('never falls when more is used', (usage, more) => {
    const cost = costOf(usage, iowa());
    expect(costOf({ ...usage, vcpuSec: usage.vcpuSec + more }, iowa()).total).toBeGreaterThanOrEqual(cost.total);
  });
});
