// Cancels from the record, at any moment: what is written here is what every later launch, look-up and tick obeys.

import { isEngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Versioned } from './ports.ts';
import { changeNewest, recordChange } from './record.ts';
import { cancelPollMs } from './schedule.ts';

export type CancelResult =
  | { readonly kind: 'cancelling'; readonly execution: Execution }
  /** It had ended before; the final state is in the record. */
  | { readonly kind: 'ended'; readonly execution: Execution }
  | { readonly kind: 'unknown' };

/**
 * Records the wish and, when the job is known, tells Dataflow. What cannot be told now the tick tells later. Whoever asks again is taken
 * at their word: Dataflow is told again, whatever it acknowledged before.
 */
export async function cancel(deps: EngineDeps, executionId: string, reason?: string): Promise<CancelResult> {
  const found = await deps.ledger.read(executionId);
  if (found === undefined) return { kind: 'unknown' };
  if (isTerminal(found.value.status)) return { kind: 'ended', execution: found.value };
  const recorded = await changeNewest(
    deps,
    executionId,
    (execution) =>
      isTerminal(execution.status) || execution.cancel !== undefined
        ? undefined
        : {
            kind: 'cancelRequested',
            ...(reason === undefined ? {} : { reason }),
            nextCheckAt: deps.clock.now(),
          },
    found,
  );
  if (recorded === undefined) return { kind: 'unknown' };
  deps.log('cancelRequested', { executionId, status: recorded.value.status });
  if (recorded.value.cancel === undefined) return { kind: 'ended', execution: recorded.value };
  // A three-stage load is cancelled in its legs; a leg that is not there yet the tick never starts.
  for (const leg of recorded.value.legs ?? []) await cancel(deps, leg, reason);
  const told = await tellDataflow(deps, recorded);
  return { kind: 'cancelling', execution: told.value };
}

/**
 * Tells Dataflow, as far as the active `job` just read must be told: not yet acknowledged, or acknowledged `cancelAgainMs` ago and still
 * not cancelling. An acknowledgement alone is no proof that the job will end.
 */
export async function tellIfNeeded(
  deps: EngineDeps,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution>> {
  const sentAt = read.value.cancel?.sentAt;
  if (sentAt !== undefined) {
    const obeys = job.state === 'JOB_STATE_CANCELLING';
    if (obeys || deps.clock.now() - sentAt < deps.settings.cancelAgainMs) return read;
  }
  return tellDataflow(deps, read);
}

/** Asks Dataflow to cancel the job of a CANCELLING execution. Errors and "not yet ready" leave it to the next tick. */
async function tellDataflow(deps: EngineDeps, read: Versioned<Execution>): Promise<Versioned<Execution>> {
  const attempt = currentAttempt(read.value);
  if (read.value.status !== 'CANCELLING' || attempt?.jobId === undefined) return read;
  const nextCheckAt = deps.clock.now() + cancelPollMs(deps.settings);
  try {
    const answer = await deps.jobs.cancel({
      projectId: attempt.projectId,
      region: attempt.region,
      jobId: attempt.jobId,
    });
    // "Not yet ready for canceling" is retried (terraform-provider-google asks every 5 s for up to 15 min); ended is found by the poll.
    if (answer === 'not-ready') return read;
    return (await recordChange(deps, read, { kind: 'cancelSent', nextCheckAt })) ?? read;
  } catch (error) {
    if (!isEngineError(error)) throw error;
    deps.log('pollFailed', { executionId: read.value.executionId, jobId: attempt.jobId, error });
    return read;
  }
}
