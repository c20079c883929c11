// What an ended job means: success, a shortfall, a cancel, a failure, or another attempt.

import { EngineError } from '../base/errors.ts';
import { scrub } from '../base/log.ts';
import type { Change } from '../schema/change.ts';
import type { Decision, Execution, Failure } from '../schema/execution.ts';
import type { Job, JobMessage } from '../schema/job.ts';
import { phaseOf } from '../schema/job-state.ts';
import { currentAttempt } from '../schema/transition.ts';
import { classifyFailure } from './classify.ts';
import { completenessWarning, incompleteness } from './completeness.ts';
import { costOfAttempts } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import { type LastFigures, outOfPatience } from './last-figures.ts';
import { type NextStep, nextStep } from './next-attempt.ts';

export type Verdict = {
  readonly change: Extract<Change, { kind: 'jobEnded' | 'nextAttempt' }>;
  readonly reason?: string;
  readonly warning?: string;
};

/** Judges a job read in a terminal state. Throws EngineError when it cannot be judged yet: the poll counts it and comes back. */
export async function judge(
  deps: EngineDeps,
  execution: Execution,
  job: Job,
  figures: LastFigures,
  now: number,
): Promise<Verdict> {
  const phase = phaseOf(job.state);
  if (phase === 'cancelled') return cancelled(execution, job, figures.messages);
  if (phase === 'succeeded') return succeeded(execution, job, figures, now);
  const failure = classifyFailure(figures.messages);
  const step = await nextStepInTime(deps, execution, job, failure, figures, now);
  const decision: Decision = {
    at: now,
    attempt: currentAttempt(execution)?.number ?? 1,
    action: step.action,
    reason: step.reason,
    evidence: failure.evidence.slice(0, 3),
  };
  if (step.kind === 'end') return { change: { kind: 'jobEnded', job, status: 'FAILED', failure, decision } };
  const nextCheckAt = now + step.waitMs;
  return { change: { kind: 'nextAttempt', job, failure, decision, attempt: step.attempt, nextCheckAt } };
}

function succeeded(execution: Execution, job: Job, { metrics }: LastFigures, now: number): Verdict {
  const missing = incompleteness(execution, metrics);
  if (missing === undefined) {
    const warning = completenessWarning(execution, metrics);
    return {
      change: { kind: 'jobEnded', job, status: 'SUCCEEDED' },
      ...(warning === undefined ? {} : { warning }),
    };
  }
  // Tentative counts may lag behind the end; a shortfall is believed once they are committed, or once they had time to be.
  if (metrics?.tentative === true && !outOfPatience(execution, job, now))
    throw new EngineError('UNAVAILABLE', `rows are missing, but the counts are tentative still: ${missing.summary}`);
  return { change: { kind: 'jobEnded', job, status: 'FAILED', failure: missing } };
}

/** A cancel nobody asked for here - by hand, by the walltime guard, by a drain - is told as what it is. */
function cancelled(execution: Execution, job: Job, messages: readonly JobMessage[]): Verdict {
  const change = { kind: 'jobEnded', job, status: 'CANCELLED' } as const;
  if (execution.cancel !== undefined) {
    const { reason } = execution.cancel;
    return { change, reason: reason === undefined ? 'cancelled on request' : `cancelled on request: ${reason}` };
  }
  const known = classifyFailure(messages);
  if (known.class === 'policy') return { change: { ...change, failure: known } };
  const newest = messages
    .filter(({ text }) => /cancel|drain/i.test(text))
    .toSorted((left, right) => right.at - left.at)
    .map(({ text }) => scrub(text).slice(0, 1000));
  const how = job.state === 'JOB_STATE_DRAINED' ? 'drained' : 'cancelled';
  const failure: Failure = {
    class: 'policy',
    code: 'CANCELLED_OUTSIDE',
    summary: `the job was ${how} outside this system; what it had read until then may be loaded`,
    evidence: newest.slice(0, 5),
  };
  return { change: { ...change, failure } };
}

/** Planning another attempt needs the configuration; while that cannot be read the end waits, but not for ever. */
async function nextStepInTime(
  deps: EngineDeps,
  execution: Execution,
  job: Job,
  failure: Failure,
  { metrics }: LastFigures,
  now: number,
): Promise<NextStep> {
  const attempt = currentAttempt(execution);
  const { cost } = attempt === undefined ? {} : costOfAttempts(execution, attempt, metrics, now);
  try {
    return await nextStep(deps, execution, failure, cost?.microUsd.total ?? 0);
  } catch (error) {
    if (!(error instanceof EngineError) || !outOfPatience(execution, job, now)) throw error;
    return { kind: 'end', action: 'end', reason: `no further attempt could be planned: ${error.message}` };
  }
}
