// A job's end was read from the service: collect the last figures, judge, and record the end or the next attempt in one write.

import { EngineError } from '../base/errors.ts';
import type { Attempt, Decision, Execution, Failure, MetricsSummary } from '../schema/execution.ts';
import type { AutoscalingEvent, Job, JobMessage } from '../schema/job.ts';
import { phaseOf } from '../schema/job-state.ts';
import { type Change, currentAttempt } from '../schema/transition.ts';
import { attemptFailedEvent, publishLifecycle } from './announce.ts';
import { classifyFailure } from './classify.ts';
import { incompleteness } from './completeness.ts';
import { conclude } from './conclude.ts';
import { costOfAttempts } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import { durationsOf } from './durations.ts';
import type { Gate } from './gate.ts';
import { keptMessages } from './messages.ts';
import { nextStep } from './next-attempt.ts';
import { readable } from './poll.ts';
import type { Versioned } from './ports.ts';
import { recordChange } from './record.ts';
import { summariseMetrics } from './summarise-metrics.ts';

/** How long the end waits for metrics that cannot be read: after that it is recorded without them. */
const metricsPatienceMs = 15 * 60_000;

/**
 * Records the end of the current attempt: SUCCEEDED, FAILED or CANCELLED, or the next attempt when the failure's class allows one.
 * Throws EngineError when the last figures cannot be read yet: the poll counts it and comes back.
 */
export async function endAttempt(
  deps: EngineDeps,
  gate: Gate,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution> | undefined> {
  const attempt = currentAttempt(read.value);
  if (attempt === undefined) return undefined;
  const now = deps.clock.now();
  const { metrics, messages } = await lastFigures(deps, gate, read.value, attempt, job, now);
  const ended: Attempt = {
    ...attempt,
    endedAt: job.stateAt ?? now,
    ...(job.startedAt === undefined ? {} : { jobStartedAt: job.startedAt }),
  };
  const kept = keptMessages(messages);
  const figures: Partial<Execution> = {
    ...(metrics === undefined ? {} : { metrics }),
    ...(kept.length === 0 ? {} : { messages: kept }),
    durations: durationsOf(read.value, ended, messages),
    ...costOfAttempts(read.value, ended, metrics, now),
  };
  const change = await judge(deps, read.value, job, metrics, messages);
  const spent =
    change.kind === 'nextAttempt' && figures.cost !== undefined ? { costOfEarlierAttempts: figures.cost.microUsd } : {};
  const written = await recordChange(deps, readable(read, now), change, { ...figures, ...spent });
  if (written === undefined) return undefined;
  await announce(deps, written.value, attempt, change);
  return change.kind === 'nextAttempt' ? written : conclude(deps, gate, written);
}

async function lastFigures(
  deps: EngineDeps,
  gate: Gate,
  execution: Execution,
  attempt: Attempt,
  job: Job,
  now: number,
): Promise<{ metrics?: MetricsSummary; messages: readonly JobMessage[] }> {
  const location = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId ?? '' };
  try {
    const [list, log] = await Promise.all([
      gate(() => deps.jobs.metrics(location)),
      gate(() => deps.jobs.messages({ ...location, minimumImportance: 'DETAILED' })),
    ]);
    const autoscaling: readonly AutoscalingEvent[] = log.autoscaling;
    return { metrics: summariseMetrics(list, autoscaling, now, execution.metrics), messages: log.messages };
  } catch (error) {
    const endedAt = job.stateAt ?? execution.unreadableSince ?? now;
    if (!(error instanceof EngineError) || now - endedAt < metricsPatienceMs) throw error;
    return { ...(execution.metrics === undefined ? {} : { metrics: execution.metrics }), messages: [] };
  }
}

async function judge(
  deps: EngineDeps,
  execution: Execution,
  job: Job,
  metrics: MetricsSummary | undefined,
  messages: readonly JobMessage[],
): Promise<Change> {
  const phase = phaseOf(job.state);
  if (phase === 'cancelled') return { kind: 'jobEnded', job, status: 'CANCELLED' };
  if (phase === 'succeeded') {
    const missing = incompleteness(execution, metrics);
    return missing === undefined
      ? { kind: 'jobEnded', job, status: 'SUCCEEDED' }
      : { kind: 'jobEnded', job, status: 'FAILED', failure: missing };
  }
  const failure: Failure = classifyFailure(messages);
  const step = await nextStep(deps, execution, failure);
  const decision: Decision = {
    at: deps.clock.now(),
    attempt: currentAttempt(execution)?.number ?? 1,
    action: step.action,
    reason: step.reason,
    evidence: failure.evidence.slice(0, 3),
  };
  if (step.kind === 'end') return { kind: 'jobEnded', job, status: 'FAILED', failure, decision };
  return {
    kind: 'nextAttempt',
    job,
    failure,
    decision,
    attempt: step.attempt,
    nextCheckAt: deps.clock.now() + step.waitMs,
  };
}

async function announce(deps: EngineDeps, execution: Execution, attempt: Attempt, change: Change): Promise<void> {
  const fields = {
    executionId: execution.executionId,
    jobId: attempt.jobId,
    attempt: attempt.number,
    status: execution.status,
  };
  if (change.kind === 'nextAttempt') {
    deps.log('attemptFailed', { ...fields, reason: change.decision.reason });
    await publishLifecycle(deps, attemptFailedEvent(execution, attempt, change.failure, change.decision));
  } else {
    deps.log('ended', { ...fields, reason: execution.statusReason, costMicroUsd: execution.cost?.microUsd.total });
  }
}
