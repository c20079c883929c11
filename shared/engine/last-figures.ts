// The last metrics and messages of an ended job.

import { EngineError } from '../base/errors.ts';
import type { Attempt, Execution, MetricsSummary } from '../schema/execution.ts';
import type { Job, JobMessage } from '../schema/job.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import { believable, summariseMetrics } from './summarise-metrics.ts';

export type LastFigures = {
  readonly metrics?: MetricsSummary;
  readonly messages: readonly JobMessage[];
};

/** How long the end waits for what cannot be read, or does not add up yet: after that it is recorded as it is. */
const patienceMs = 15 * 60_000;

/** Since when the end has been known: the service's own time, or the first failed look at it. */
export function outOfPatience(execution: Execution, job: Job, now: number): boolean {
  return now - (job.stateAt ?? execution.unreadableSince ?? now) >= patienceMs;
}

/**
 * Metrics and all messages, read together. Throws EngineError while they cannot be read, or lack what was read before; out of patience it
 * answers what was known before.
 */
export async function lastFigures(
  deps: Pick<EngineDeps, 'jobs' | 'log'>,
  gate: Gate,
  execution: Execution,
  attempt: Attempt,
  job: Job,
  now: number,
): Promise<LastFigures> {
  const location = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId ?? '' };
  const measuring = gate(() => deps.jobs.metrics(location));
  const reading = gate(() => deps.jobs.messages({ ...location, minimumImportance: 'DETAILED' }));
  const summarising = measuring.then(async (metrics) => {
    const { autoscaling } = await reading.catch(() => noMessages);
    const newest = summariseMetrics({
      metrics,
      autoscaling,
      readAt: now,
      machineType: attempt.candidate.machineType,
      ...(execution.metrics === undefined ? {} : { previous: execution.metrics }),
    });
    return believable(execution.metrics, newest);
  });
  const [metrics, log] = await Promise.allSettled([summarising, reading]);
  for (const answer of [metrics, log]) {
    if (answer.status === 'fulfilled') continue;
    if (!(answer.reason instanceof EngineError) || !outOfPatience(execution, job, now)) throw answer.reason;
    const { executionId } = execution;
    deps.log('pollFailed', { executionId, jobId: attempt.jobId, reason: 'ended without', error: answer.reason });
  }
  const known = log.status === 'fulfilled' ? log.value : noMessages;
  const summary = metrics.status === 'fulfilled' ? metrics.value : execution.metrics;
  return { messages: known.messages.map(shortened), ...(summary === undefined ? {} : { metrics: summary }) };
}

const noMessages: Awaited<ReturnType<EngineDeps['jobs']['messages']>> = { messages: [], autoscaling: [] };

/** Enough to classify a failure by; a worker may log whole files. */
const maxText = 10_000;

const shortened = (message: JobMessage): JobMessage =>
  message.text.length <= maxText ? message : { ...message, text: message.text.slice(0, maxText) };
