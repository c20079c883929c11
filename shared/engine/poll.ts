// Polls one execution's job: what was seen becomes a change; a poll error changes nothing but the error counter and the next check.

import { EngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { phaseOf } from '../schema/job-state.ts';
import { currentAttempt } from '../schema/transition.ts';
import { tellDataflow } from './cancel.ts';
import type { EngineDeps } from './deps.ts';
import { endAttempt } from './end.ts';
import type { Gate } from './gate.ts';
import type { Versioned } from './ports.ts';
import { progress } from './progress.ts';
import { recordChange, replace } from './record.ts';
import { nextPollMs, pollErrorMs } from './schedule.ts';

/**
 * Looks at the job of an execution that has one. `listed` is its row in the list of active jobs, undefined when it is not there: then
 * the job is asked for by itself. `gate` bounds metric and message calls.
 */
export async function poll(
  deps: EngineDeps,
  gate: Gate,
  read: Versioned<Execution>,
  listed: Job | undefined,
): Promise<Versioned<Execution> | undefined> {
  const attempt = currentAttempt(read.value);
  if (attempt?.jobId === undefined || isTerminal(read.value.status)) return undefined;
  const location = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId };
  let job = listed;
  try {
    job ??= await deps.jobs.get(location);
    // 404 in start-up is not "gone" (terraform-provider-google#26893); only a terminal state read from the service is an end.
    if (job === undefined)
      return await pollFailed(deps, read, new EngineError('NOT_FOUND', `job ${attempt.jobId} was not found`));
    const phase = phaseOf(job.state);
    if (phase === 'replaced') return await followSuccessor(deps, read, job);
    if (phase === 'succeeded' || phase === 'failed' || phase === 'cancelled')
      return await endAttempt(deps, gate, read, job);
    return await seen(deps, gate, read, job);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return pollFailed(deps, read, error);
  }
}

async function seen(
  deps: EngineDeps,
  gate: Gate,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution> | undefined> {
  const told = await tellDataflow(deps, read);
  const now = deps.clock.now();
  const extra = await progress(deps, gate, told.value, now);
  const changed = await recordChange(
    deps,
    readable(told, now),
    { kind: 'jobSeen', job, nextCheckAt: now + nextPollMs(deps.settings, told.value, now) },
    extra,
  );
  if (changed !== undefined && changed.value.status === 'RUNNING' && read.value.status !== 'RUNNING') {
    deps.log('running', { executionId: read.value.executionId, jobId: job.id });
  }
  return changed;
}

/** UPDATED: another job took this one's place; it is the same attempt. */
async function followSuccessor(
  deps: EngineDeps,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution> | undefined> {
  const successor = job.replacedByJobId;
  if (successor === undefined) {
    return pollFailed(deps, read, new EngineError('UNKNOWN', `job ${job.id} was updated but names no successor`));
  }
  const attempts = read.value.attempts.map((attempt, index, all) =>
    index === all.length - 1 ? { ...attempt, jobId: successor } : attempt,
  );
  return replace(deps, read, { ...read.value, attempts, nextCheckAt: deps.clock.now() });
}

async function pollFailed(
  deps: EngineDeps,
  read: Versioned<Execution>,
  error: EngineError,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  const now = deps.clock.now();
  deps.log('pollFailed', {
    executionId: value.executionId,
    jobId: currentAttempt(value)?.jobId,
    count: value.pollErrors + 1,
    error,
  });
  return replace(deps, read, {
    ...value,
    pollErrors: value.pollErrors + 1,
    unreadableSince: value.unreadableSince ?? now,
    nextCheckAt: now + pollErrorMs(deps.settings, value.pollErrors + 1),
  });
}

/** The execution after a successful look, before what was seen is applied. */
export function readable(read: Versioned<Execution>, now: number): Versioned<Execution> {
  const { unreadableSince: _since, ...value } = read.value;
  return { version: read.version, value: { ...value, pollErrors: 0, lastPolledAt: now } };
}
