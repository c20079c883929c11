// The attempts before the last one cost money too, and what they used may be committed long after they failed: it is read again like the last one's.

import { sumOfCosts } from '../recommend/cost.ts';
import type { Attempt, Execution, MeteredUse } from '../schema/execution.ts';
import { costOfUse } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import { agree, readAgain, useOf } from './metered-use.ts';
import type { TickTools } from './tick-tools.ts';

export type Earlier = {
  /** With the newest use of each earlier attempt, and what they cost together; the very execution when none could be read. */
  readonly execution: Execution;
  /** Whether the use of each was read twice alike. Nothing, read twice, is no use: a job that never had a worker has none. */
  readonly atRest: boolean;
};

/** Reads the use of every attempt but the last once more. Throws EngineError while one cannot be read, unless it is `late`. */
export async function readEarlier(
  deps: EngineDeps,
  tools: TickTools,
  execution: Execution,
  now: number,
  late: boolean,
): Promise<Earlier> {
  const earlier = execution.attempts.slice(0, -1).filter(({ jobId }) => jobId !== undefined);
  const uses = new Map<number, MeteredUse>();
  for (const attempt of earlier) {
    const metrics = await readAgain({ jobs: deps.jobs, gate: tools.gate }, attempt, attempt.use, now, late);
    // Nothing where nothing was known either is no news: in older records its cost went into the sum alone, and must stay there.
    if (metrics === undefined || (attempt.use === undefined && metrics.vcpuSec === undefined)) continue;
    uses.set(attempt.number, useOf(metrics));
  }
  if (uses.size === 0) return { execution, atRest: earlier.length === 0 };
  const { settleAfterMs } = deps.settings;
  const atRest = earlier.every(({ number, use, endedAt }) => {
    const newest = uses.get(number);
    return newest !== undefined && agree(use, newest, endedAt, settleAfterMs);
  });
  const attempts = execution.attempts.map((attempt) => {
    const use = uses.get(attempt.number) ?? attempt.use;
    return use === undefined ? attempt : { ...attempt, use };
  });
  return { execution: { ...execution, attempts, ...costOfEarlier(attempts.slice(0, -1)) }, atRest };
}

/** Nothing while the use of one that ran is unknown: then what was known of their cost stands (records from before it was kept). */
function costOfEarlier(attempts: readonly Attempt[]): Pick<Execution, 'costOfEarlierAttempts'> {
  const ran = attempts.filter(({ jobId }) => jobId !== undefined);
  if (ran.some(({ use }) => use === undefined)) return {};
  const costs = ran.flatMap((attempt) => {
    const priced = costOfUse(attempt, attempt.use);
    return priced.ok && priced.microUsd !== undefined ? [priced.microUsd] : [];
  });
  return costs.length === 0 ? {} : { costOfEarlierAttempts: costs.reduce(sumOfCosts) };
}
