// What an execution cost so far: the current attempt's metered use at the price book's rates, plus its earlier attempts. Pure.

import { costOf } from '../recommend/cost.ts';
import { pricesFor } from '../recommend/price-book.ts';
import type { CostMicroUsd } from '../schema/candidate.ts';
import type { Attempt, Execution, MetricsSummary } from '../schema/execution.ts';

/** `cost` (provisional), or `costUnavailable` with the reason in words; never a guess. Integer micro-dollars. */
export function costOfAttempts(
  execution: Execution,
  attempt: Attempt,
  metrics: MetricsSummary | undefined,
  now: number,
): Pick<Execution, 'cost' | 'costUnavailable'> {
  if (metrics?.vcpuSec === undefined || metrics.memoryMibSec === undefined) {
    return { costUnavailable: 'the service gave no vCPU or memory metric for this job' };
  }
  const flexRs = attempt.request.launchParameter.environment.flexrsGoal === 'FLEXRS_COST_OPTIMIZED';
  const priced = pricesFor(attempt.region, flexRs ? 'flexrs' : 'batch');
  if (!priced.ok) return { costUnavailable: priced.problem };
  const microUsd = costOf(
    {
      vcpuSec: metrics.vcpuSec,
      memoryMibSec: metrics.memoryMibSec,
      pdGbSec: metrics.pdGbSec ?? 0,
      ssdGbSec: metrics.ssdGbSec ?? 0,
      billableShuffleGb: metrics.billableShuffleGb ?? 0,
    },
    priced.prices,
  );
  const total =
    execution.costOfEarlierAttempts === undefined ? microUsd : sum(microUsd, execution.costOfEarlierAttempts);
  return { cost: { microUsd: total, level: 'provisional', priceBook: priced.prices.priceBook, readAt: now } };
}

function sum(left: CostMicroUsd, right: CostMicroUsd): CostMicroUsd {
  return {
    vcpu: left.vcpu + right.vcpu,
    memory: left.memory + right.memory,
    disk: left.disk + right.disk,
    shuffle: left.shuffle + right.shuffle,
    total: left.total + right.total,
  };
}
