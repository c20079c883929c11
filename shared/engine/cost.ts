// What an execution cost so far: the current attempt's metered use at the price book's rates, plus its earlier attempts. Pure.
// Units and formula are held to published samples, beside what three public formulas answer, in test/recommend/cost.test.ts.

import { costOf } from '../recommend/cost.ts';
import { type Prices, pricesFor } from '../recommend/price-book.ts';
import type { CostMicroUsd } from '../schema/candidate.ts';
import type { Attempt, Execution, MetricsSummary } from '../schema/execution.ts';

export type CostSoFar = Pick<Execution, 'cost' | 'costUnavailable'>;

/**
 * `cost` (provisional), or `costUnavailable` with the reason in words; never a guess. Both when only the current attempt's share is
 * unknown: then `cost` is that of the earlier ones. Integer micro-dollars.
 */
export function costOfAttempts(
  execution: Execution,
  attempt: Attempt,
  metrics: MetricsSummary | undefined,
  now: number,
): CostSoFar {
  const flexRs = attempt.request.launchParameter.environment.flexrsGoal === 'FLEXRS_COST_OPTIMIZED';
  const priced = pricesFor(attempt.region, flexRs ? 'flexrs' : 'batch');
  if (!priced.ok) return { costUnavailable: priced.problem };
  const earlier = execution.costOfEarlierAttempts;
  const costFields = (microUsd: CostMicroUsd): CostSoFar => ({
    cost: { microUsd, level: 'provisional', priceBook: priced.prices.priceBook, readAt: now },
  });
  const microUsd = meteredCost(metrics, priced.prices);
  if (microUsd !== undefined) return costFields(earlier === undefined ? microUsd : sumOfCosts(microUsd, earlier));
  const costUnavailable = 'the service gave no vCPU or memory metric for this job';
  return earlier === undefined
    ? { costUnavailable }
    : { ...costFields(earlier), costUnavailable: `${costUnavailable}; the cost is that of the earlier attempts alone` };
}

/** The execution with this cost, and without what was said of it before. */
export function withCost(execution: Execution, so: CostSoFar): Execution {
  const { cost: _cost, costUnavailable: _unavailable, ...rest } = execution;
  return { ...rest, ...so };
}

function meteredCost(metrics: MetricsSummary | undefined, prices: Prices): CostMicroUsd | undefined {
  if (metrics?.vcpuSec === undefined || metrics.memoryMibSec === undefined) return undefined;
  return costOf(
    {
      vcpuSec: metrics.vcpuSec,
      memoryMibSec: metrics.memoryMibSec,
      pdGbSec: metrics.pdGbSec ?? 0,
      ssdGbSec: metrics.ssdGbSec ?? 0,
      billableShuffleGb: metrics.billableShuffleGb ?? 0,
    },
    prices,
  );
}

/** Two costs added, component by component. */
export function sumOfCosts(left: CostMicroUsd, right: CostMicroUsd): CostMicroUsd {
  return {
    vcpu: left.vcpu + right.vcpu,
    memory: left.memory + right.memory,
    disk: left.disk + right.disk,
    shuffle: left.shuffle + right.shuffle,
    total: left.total + right.total,
  };
}
