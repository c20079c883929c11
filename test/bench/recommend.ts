// Measures how long a recommendation takes: a thousand candidates, estimated with and without history, and chosen from.

import { Bench } from 'tinybench';
import type { Cohort } from '../../shared/recommend/cohort.ts';
import { estimateAll } from '../../shared/recommend/consider.ts';
import { recommend } from '../../shared/recommend/recommend.ts';
import { cohortOf, question, record } from '../recommend/support.ts';

export type RecommendBench = {
  /** Candidates estimated and chosen from, each time. */
  readonly candidates: number;
  /** Median of a whole recommendation without history, milliseconds. */
  readonly p50Ms: number;
  /** The same with 40 runs to learn from. */
  readonly withHistoryP50Ms: number;
};

/** Recommends for about a second each. */
export async function benchRecommend(): Promise<RecommendBench> {
  const asked = question();
  const considered = estimateAll(asked);
  if (!considered.ok) throw new Error(JSON.stringify(considered.violations));
  const withHistory = { ...asked, cohorts: [history('n2'), history('c3')] };
  const bench = new Bench({ time: 1000, warmupTime: 500 });
  bench.add('recommend', () => {
    recommend(asked);
  });
  bench.add('recommend with history', () => {
    recommend(withHistory);
  });
  await bench.run();
  return {
    candidates: considered.estimates.length,
    p50Ms: medianMs(bench, 'recommend'),
    withHistoryP50Ms: medianMs(bench, 'recommend with history'),
  };
}

/** Twenty runs of one family, on fleets of one to four workers. */
function history(machineFamily: string): Cohort {
  const runs = Array.from({ length: 20 }, (_, index) => {
    const workerCount = 1 + (index % 4);
    const readers = 8 * workerCount;
    return record({
      executionId: `${machineFamily}-${index}`,
      endedAt: index,
      candidate: {
        machineType: `${machineFamily}-highcpu-4`,
        workerCount,
        shardCount: 96,
        maxConcurrentShards: readers,
      },
      readers,
      actual: { startupSec: 180 + index, runningSec: 900 / workerCount + index, costMicroUsd: 50_000 },
    });
  });
  return cohortOf(machineFamily, runs);
}

function medianMs(bench: Bench, name: string): number {
  const result = bench.getTask(name)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`${name} was not measured`);
  return result.latency.p50;
}
