// What an ended execution cost, in the book of its day.

import type { Execution } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';
import { book } from './spend.ts';

/** Under a daily budget the metered cost takes the estimate's place; an execution that never ran gives it back. */
export async function bookCost(deps: Pick<EngineDeps, 'documents' | 'clock'>, execution: Execution): Promise<void> {
  if (execution.dailyBudgetMicroUsd === undefined) return;
  const ran = execution.attempts.some((attempt) => attempt.jobId !== undefined);
  const microUsd = ran ? (execution.cost?.microUsd.total ?? execution.estimate?.estimatedCostMicroUsd ?? 0) : 0;
  await book(deps, execution, { microUsd, readAt: execution.cost?.readAt ?? execution.endedAt ?? execution.updatedAt });
}
