// Sends one launch under a lease and records what came of it. Every outcome but a clear yes or no is left to be resolved by looking.

import { EngineError, isEngineError } from '../base/errors.ts';
import type { Change } from '../schema/change.ts';
import type { Execution } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineDeps } from './deps.ts';
import { lookUpJob } from './look-up.ts';
import type { Versioned } from './ports.ts';
import { changeNewest } from './record.ts';
import { refusalViolations } from './refusal.ts';
import { firstPollMs } from './schedule.ts';
import { launchInFlightMs } from './settings.ts';

type Deps = Pick<EngineDeps, 'ledger' | 'jobs' | 'clock' | 'settings' | 'log'>;

/**
 * Launches the current attempt of an execution this caller holds the lease of (`owner`). Sends at most one request and answers the
 * execution as recorded afterwards: SUBMITTED when Dataflow has the job, REJECTED when it refused for good, still LAUNCHING when the
 * answer was lost - then the tick finds out after the lease.
 */
export async function launchOwned(
  deps: Deps,
  read: Versioned<Execution>,
  owner: string,
): Promise<Versioned<Execution>> {
  const execution = read.value;
  const attempt = currentAttempt(execution);
  if (attempt === undefined || execution.owner !== owner || execution.leaseUntil === undefined) return read;
  // Whoever had to read the claim back may find it cancelled by now.
  if (execution.status !== 'LAUNCHING') return read;
  // A request sent later than this could arrive after the lease, when somebody else may have launched.
  if (deps.clock.now() + launchInFlightMs(deps.settings) > execution.leaseUntil) {
    deps.log('superseded', {
      executionId: execution.executionId,
      attempt: attempt.number,
      reason: 'lease too short to launch',
    });
    return read;
  }
  const answer = await sendOnce(deps, read);
  if (answer.kind === 'launched') return recordJob(deps, read, owner, answer.job, answer.adopted);
  if (answer.kind === 'refused') {
    const { error } = answer;
    return changeIfOwner(deps, read, owner, {
      kind: 'rejected',
      reason: `Dataflow refused the launch (${error.code}): ${error.message}`,
      violations: refusalViolations(error),
    });
  }
  return read;
}

type Answer =
  | { readonly kind: 'launched'; readonly job: Job & { id: string }; readonly adopted: boolean }
  | { readonly kind: 'refused'; readonly error: EngineError }
  | { readonly kind: 'open' };

async function sendOnce(deps: Deps, read: Versioned<Execution>): Promise<Answer> {
  const execution = read.value;
  const attempt = currentAttempt(execution);
  if (attempt === undefined) return { kind: 'open' };
  const fields = { executionId: execution.executionId, jobName: attempt.jobName, attempt: attempt.number };
  try {
    const job = await deps.jobs.launch(attempt.request, { deadlineMs: deps.settings.launchDeadlineMs });
    if (job?.id !== undefined) {
      deps.log('launched', { ...fields, jobId: job.id });
      return { kind: 'launched', job: { ...job, id: job.id }, adopted: false };
    }
  } catch (error) {
    if (isEngineError(error, 'INVALID_ARGUMENT', 'PERMISSION_DENIED', 'NOT_FOUND', 'FAILED_PRECONDITION')) {
      // Refused for good; yet an earlier request of this attempt may have been accepted after all, so look before believing it.
      const earlier = attempt.launchIntents.length > 1 ? await lookUpAfterLaunch(deps, execution) : undefined;
      return earlier?.kind === 'launched' ? earlier : { kind: 'refused', error };
    }
    deps.log('launchAmbiguous', { ...fields, error });
    if (isEngineError(error, 'RESOURCE_EXHAUSTED')) return { kind: 'open' };
  }
  return lookUpAfterLaunch(deps, execution);
}

/** Looks once, right away: a 409 or a lost answer is mostly resolved here. What it does not find the tick looks for after the lease. */
async function lookUpAfterLaunch(deps: Deps, execution: Execution): Promise<Answer> {
  const attempt = currentAttempt(execution);
  if (attempt === undefined) return { kind: 'open' };
  try {
    const found = await lookUpJob(deps, execution, attempt);
    if (found.kind === 'found') return { kind: 'launched', job: found.job, adopted: true };
    if (found.kind === 'foreign') {
      return {
        kind: 'refused',
        error: new EngineError(
          'ALREADY_EXISTS',
          `an active job ${found.job.id} that is not ours holds the name ${attempt.jobName}; end it, or run again with another executionKey`,
        ),
      };
    }
  } catch (error) {
    deps.log('launchAmbiguous', { executionId: execution.executionId, jobName: attempt.jobName, error });
  }
  return { kind: 'open' };
}

/** Records the attempt's job if this owner still holds the lease; a superseded owner's late answer changes nothing. */
function recordJob(
  deps: Deps,
  read: Versioned<Execution>,
  owner: string,
  job: Job & { id: string },
  adopted: boolean,
): Promise<Versioned<Execution>> {
  return changeIfOwner(deps, read, owner, {
    kind: 'submitted',
    job,
    adopted,
    nextCheckAt: deps.clock.now() + firstPollMs(deps.settings),
  });
}

async function changeIfOwner(
  deps: Deps,
  read: Versioned<Execution>,
  owner: string,
  change: Change,
): Promise<Versioned<Execution>> {
  const attemptNumber = currentAttempt(read.value)?.number;
  const written = await changeNewest(
    deps,
    read.value.executionId,
    (execution) => {
      const attempt = currentAttempt(execution);
      if (attempt?.jobId !== undefined && change.kind === 'submitted' && attempt.number === attemptNumber)
        return undefined;
      if (execution.owner === owner && attempt?.number === attemptNumber) return change;
      deps.log('superseded', { executionId: execution.executionId, status: execution.status });
      return undefined;
    },
    read,
  );
  return written ?? read;
}
