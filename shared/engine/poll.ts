// Polls one execution's job: what was seen becomes a change; a poll error changes nothing but the error counter and the next check.

import { EngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { phaseOf } from '../schema/job-state.ts';
import { currentAttempt, transition } from '../schema/transition.ts';
import type { Sighting } from './active-jobs.ts';
import { announce } from './announce.ts';
import { tellIfNeeded } from './cancel.ts';
import type { EngineDeps } from './deps.ts';
import { endAttempt } from './end.ts';
import type { Versioned } from './ports.ts';
import { readable, recordFailedLook } from './readable.ts';
import { replace } from './record.ts';
import { nextPollMs } from './schedule.ts';
import { followSuccessor } from './successor.ts';
import type { TickTools } from './tick-tools.ts';

/**
 * Looks at the job of an execution that has one. `sighting` is what the list of active jobs says of it; a job that is absent from it is
 * asked for by itself. `tools.gate` bounds every read.
 */
export async function poll(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
  sighting: Sighting,
): Promise<Versioned<Execution> | undefined> {
  const attempt = currentAttempt(read.value);
  if (attempt?.jobId === undefined || isTerminal(read.value.status)) return undefined;
  // The list said so once for all of them; a line for each would be ten thousand.
  if (sighting.kind === 'unread') return recordFailedLook(deps, read);
  const location = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId };
  try {
    const job = sighting.kind === 'listed' ? sighting.job : await tools.gate(() => deps.jobs.get(location));
    // 404 in start-up is not "gone" (terraform-provider-google#26893); only a terminal state read from the service is an end.
    if (job === undefined) throw new EngineError('NOT_FOUND', `job ${attempt.jobId} was not found`);
    const phase = phaseOf(job.state);
    if (phase === 'replaced') return await followSuccessor(deps, read, job);
    if (phase === 'succeeded' || phase === 'failed' || phase === 'cancelled')
      return await endAttempt(deps, tools, read, job);
    return await seen(deps, tools, read, job);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { executionId, pollErrors } = read.value;
    deps.log('pollFailed', { executionId, jobId: attempt.jobId, count: pollErrors + 1, error });
    return recordFailedLook(deps, read);
  }
}

async function seen(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution> | undefined> {
  const told = await tellIfNeeded(deps, read, job);
  const now = deps.clock.now();
  const { value } = readable(told, now);
  const next = transition(value, { kind: 'jobSeen', job, nextCheckAt: now }, now);
  if (next === undefined) return undefined;
  const nextCheckAt = now + nextPollMs(deps.settings, next, now);
  const began = next.status === 'RUNNING' && value.status !== 'RUNNING';
  const written = await replace(deps, told, { ...(began ? withoutReason(next) : next), nextCheckAt });
  if (written === undefined) return undefined;
  if (began) deps.log('running', { executionId: value.executionId, jobId: job.id });
  const announced = await announce(deps, await tools.wantedEvents(), written);
  // Only a job with workers has something to measure.
  const phase = phaseOf(job.state);
  if (phase === 'running' || phase === 'ending') tools.unmeasured.offer(announced.value, now);
  return announced;
}

/** Why it waited or was launched again is history once it runs. */
function withoutReason({ statusReason: _reason, ...execution }: Execution): Execution {
  return execution;
}
