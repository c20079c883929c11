// What an execution is expected to cost is booked before each launch of it, whoever sends it.

import type { Violation } from '../base/errors.ts';
import type { Execution } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';
import { book } from './spend.ts';

/**
 * Under a daily budget books the estimate, and what earlier attempts cost beside it. The violation when others took the rest of the
 * budget since the first attempt was planned; a further attempt was held to it when it was planned, just before. One read where the
 * same is booked already. Throws EngineError while the day's spend cannot be read or written: then nothing may be launched.
 */
export async function bookEstimate(
  deps: Pick<EngineDeps, 'documents' | 'clock'>,
  execution: Execution,
): Promise<Violation | undefined> {
  const { dailyBudgetMicroUsd: budget, estimate, costOfEarlierAttempts, attempts } = execution;
  if (budget === undefined || estimate === undefined) return undefined;
  const microUsd = estimate.estimatedCostMicroUsd + (costOfEarlierAttempts?.total ?? 0);
  if (await book(deps, execution, microUsd, attempts.length > 1 ? undefined : budget)) return undefined;
  const message = `load ${execution.load} has used up its budget of ${budget} micro-USD for today (UTC); run it tomorrow, or raise policy.dailyBudgetMicroUsd`;
  return { code: 'guardrail.dailyBudgetMicroUsd', path: '/candidate', message };
}
