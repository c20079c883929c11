// What a three-stage load has moved, taken and cost, from its legs. Pure but for reading them.

import { sumOfCosts } from '../recommend/cost.ts';
import type { Execution } from '../schema/execution.ts';
import type { CostSoFar } from './cost.ts';
import type { EngineDeps } from './deps.ts';

/** The legs that are in the record. */
export async function readLegs(deps: Pick<EngineDeps, 'ledger'>, legs: readonly string[]): Promise<Execution[]> {
  return (await Promise.all(legs.map((leg) => deps.ledger.read(leg)))).flatMap((leg) => leg?.value ?? []);
}

/** Rows and bytes of the `last` leg, money and durations of all. */
export function figuresOfLegs(
  parent: Execution,
  legs: readonly Execution[],
  last: Execution | undefined,
): Partial<Execution> {
  const seconds = (part: 'queuedSec' | 'dataflowQueuedSec' | 'startupSec' | 'runningSec') =>
    legs.reduce((total, leg) => total + (leg.durations?.[part] ?? 0), 0);
  const endedAt = last?.endedAt ?? parent.updatedAt;
  return {
    ...(last?.metrics === undefined ? {} : { metrics: last.metrics }),
    ...costOfLegs(legs),
    durations: {
      queuedSec: seconds('queuedSec'),
      dataflowQueuedSec: seconds('dataflowQueuedSec'),
      startupSec: seconds('startupSec'),
      runningSec: seconds('runningSec'),
      totalSec: Math.max(0, endedAt - parent.acceptedAt) / 1000,
    },
  };
}

/**
 * The sum of what the legs cost, settled once that of each is. A leg that never had a job cost nothing; where the cost of one that ran is
 * unknown there is no sum, and `costUnavailable` says why. Nothing at all when none ran.
 */
export function costOfLegs(legs: readonly Execution[]): CostSoFar {
  const ran = legs.filter(({ attempts }) => attempts.some(({ jobId }) => jobId !== undefined));
  const costs = ran.flatMap(({ cost }) => cost ?? []);
  const [first] = costs;
  const reasons = ran.flatMap(({ executionId, cost, costUnavailable = 'no cost is recorded' }) =>
    cost === undefined ? [`leg ${executionId}: ${costUnavailable}`] : [],
  );
  if (reasons.length > 0) return { costUnavailable: reasons.join('; ') };
  if (first === undefined) return {};
  return {
    cost: {
      microUsd: costs.map(({ microUsd }) => microUsd).reduce(sumOfCosts),
      level: costs.every(({ level }) => level === 'settled') ? 'settled' : 'provisional',
      priceBook: first.priceBook,
      readAt: Math.max(...costs.map(({ readAt }) => readAt)),
    },
  };
}
