// What an execution cost so far: the current attempt's metered use at the price book's rates, plus its earlier attempts. Pure.
// Units and formula are held to published samples, beside what three public formulas answer, in test/recommend/cost.test.ts.

import { costOf, sumOfCosts } from '../recommend/cost.ts';
import { pricesFor } from '../recommend/price-book.ts';
import type { CostMicroUsd } from '../schema/candidate.ts';
import type { Attempt, Execution, MeteredUse } from '../schema/execution.ts';

export type CostSoFar = Pick<Execution, 'cost' | 'costUnavailable'>;

export type PricedUse =
  /** `microUsd` is undefined where vCPU or memory are unknown: never a guess. */
  | { readonly ok: true; readonly microUsd: CostMicroUsd | undefined; readonly priceBook: string }
  | { readonly ok: false; readonly problem: string };

/** What one attempt's use costs, in integer micro-dollars, or why its region has no prices. */
export function costOfUse(attempt: Attempt, use: MeteredUse | undefined): PricedUse {
  const flexRs = attempt.request.launchParameter.environment.flexrsGoal === 'FLEXRS_COST_OPTIMIZED';
  const priced = pricesFor(attempt.region, flexRs ? 'flexrs' : 'batch');
  if (!priced.ok) return priced;
  const { priceBook } = priced.prices;
  if (use?.vcpuSec === undefined || use.memoryMibSec === undefined) return { ok: true, microUsd: undefined, priceBook };
  const { vcpuSec, memoryMibSec, pdGbSec = 0, ssdGbSec = 0, billableShuffleGb = 0 } = use;
  const microUsd = costOf({ vcpuSec, memoryMibSec, pdGbSec, ssdGbSec, billableShuffleGb }, priced.prices);
  return { ok: true, microUsd, priceBook };
}

/**
 * `cost` (provisional), or `costUnavailable` with the reason in words; never a guess. Both when only the current attempt's share is
 * unknown: then `cost` is that of the earlier ones. An attempt that never had a job has no share.
 */
export function costOfAttempts(
  execution: Execution,
  attempt: Attempt,
  use: MeteredUse | undefined,
  now: number,
): CostSoFar {
  const own = costOfUse(attempt, use);
  if (!own.ok) return { costUnavailable: own.problem };
  const earlier = execution.costOfEarlierAttempts;
  const costFields = (microUsd: CostMicroUsd): CostSoFar => ({
    cost: { microUsd, level: 'provisional', priceBook: own.priceBook, readAt: now },
  });
  if (own.microUsd !== undefined)
    return costFields(earlier === undefined ? own.microUsd : sumOfCosts(own.microUsd, earlier));
  const costUnavailable = 'the service gave no vCPU or memory metric for this job';
  if (earlier === undefined) return { costUnavailable };
  return attempt.jobId === undefined
    ? costFields(earlier)
    : { ...costFields(earlier), costUnavailable: `${costUnavailable}; the cost is that of the earlier attempts alone` };
}

/** The execution with this cost, and without what was said of it before. */
export function withCost(execution: Execution, so: CostSoFar): Execution {
  const { cost: _cost, costUnavailable: _unavailable, ...rest } = execution;
  return { ...rest, ...so };
}
