// What is left to do after the end: give the place back, tell the world, learn, settle the cost. Each step may run twice; each is marked once done.

import { EngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { outcomeEvent } from './announce.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import { learn } from './learn.ts';
import type { Versioned } from './ports.ts';
import { replace } from './record.ts';
import { releaseReservation } from './reserve.ts';
import { pollErrorMs } from './schedule.ts';
import { settle } from './settle-cost.ts';

/**
 * One pass over the steps an ended execution still needs. The terminal state is in the ledger before the first of them; a crash in
 * between repeats a step, which is why each is idempotent (sets, not counters; an event id that is equal on republish).
 */
export async function conclude(
  deps: EngineDeps,
  gate: Gate,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  if (!isTerminal(value.status)) return undefined;
  const done = value.conclusion ?? {};
  try {
    if (done.releasedAt === undefined || done.publishedAt === undefined) {
      await releaseReservation(deps, value);
      await learn(deps, value);
      // The world hears of a three-stage load once: from its parent.
      if (value.parentId === undefined) await deps.outcomes.publish(outcomeEvent(value));
      const now = deps.clock.now();
      deps.log('published', { executionId: value.executionId, status: value.status });
      return await replace(deps, read, {
        ...value,
        pollErrors: 0,
        conclusion: {
          ...done,
          releasedAt: now,
          learntAt: now,
          publishedAt: now,
          ...(hasCost(value) ? {} : { settledAt: now }),
        },
        nextCheckAt: hasCost(value) ? now + deps.settings.settleAfterMs : null,
      });
    }
    if (done.settledAt === undefined) return await settle(deps, gate, read);
    return await replace(deps, read, { ...value, nextCheckAt: null });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('concludeFailed', { executionId: value.executionId, error });
    const nextCheckAt = deps.clock.now() + pollErrorMs(deps.settings, value.pollErrors + 1);
    return replace(deps, read, { ...value, pollErrors: value.pollErrors + 1, nextCheckAt });
  }
}

/** Whether a job ran whose metered use may still change. */
function hasCost(execution: Execution): boolean {
  return currentAttempt(execution)?.jobId !== undefined && execution.cost !== undefined;
}
