// Where the time went: our queue, Dataflow's queue, start-up, running. Pure.

import type { Attempt, Durations, Execution, MetricsSummary } from '../schema/execution.ts';
import type { JobMessage } from '../schema/job.ts';
import { phaseOf } from '../schema/job-state.ts';

/** First and last moment of workers at work, from the texts Google's own launcher framework and metrics exporter look for. */
export const workersStarted = /^All workers have finished the startup processes and began to receive work requests/;
const workersStopping = /^Stopping worker pool/;

/**
 * Durations in seconds at the end of `attempt`, the last of its execution. Queued by us: from acceptance to the launch, and from an
 * attempt's end to the launch of the next. Queued by Dataflow, start-up and running are the last attempt's alone, and are kept apart
 * because only running depends on the candidate; what earlier attempts took is in the total. Falls back to the job's own start and end
 * when the messages are missing; a job that never had workers ran for no time.
 */
export function durationsOf(
  execution: Execution,
  attempt: Attempt,
  messages: readonly JobMessage[],
  metrics?: MetricsSummary,
): Durations {
  const endedAt = attempt.endedAt ?? attempt.lastStateAt ?? execution.updatedAt;
  const launchedAt = launchTime(attempt);
  const createdAt = clamp(attempt.jobCreatedAt ?? launchedAt, launchedAt, endedAt);
  const startedAt = clamp(attempt.jobStartedAt ?? createdAt, createdAt, endedAt);
  const began = messages.find((message) => workersStarted.test(message.text))?.at;
  const workersAt = clamp(began ?? (everRan(attempt, metrics) ? startedAt : endedAt), startedAt, endedAt);
  const stopping = messages.findLast((message) => workersStopping.test(message.text))?.at;
  const stoppedAt = clamp(stopping ?? endedAt, workersAt, endedAt);
  return {
    queuedSec: seconds(0, queuedMs(execution, attempt)),
    dataflowQueuedSec: seconds(createdAt, startedAt),
    startupSec: seconds(startedAt, workersAt),
    runningSec: seconds(workersAt, stoppedAt),
    totalSec: seconds(execution.acceptedAt, endedAt),
  };
}

/** When the request that made the job was sent: the last intent, or an earlier one when the job is older than that. */
function launchTime(attempt: Attempt): number {
  const lastIntent = attempt.launchIntents.at(-1) ?? attempt.intentAt;
  return Math.min(lastIntent, attempt.jobCreatedAt ?? lastIntent);
}

function queuedMs(execution: Execution, last: Attempt): number {
  const attempts = execution.attempts.map((attempt) => (attempt.number === last.number ? last : attempt));
  let waitingSince = execution.acceptedAt;
  let waitedMs = 0;
  for (const attempt of attempts) {
    const launchedAt = launchTime(attempt);
    waitedMs += Math.max(0, launchedAt - waitingSince);
    waitingSince = attempt.endedAt ?? launchedAt;
  }
  return waitedMs;
}

/** Whether workers ever were at work, as far as the record tells: metered vCPU time, or a state only working jobs have. */
function everRan(attempt: Attempt, metrics: MetricsSummary | undefined): boolean {
  if (metrics?.vcpuSec !== undefined) return metrics.vcpuSec > 0;
  const phase = phaseOf(attempt.lastState);
  return phase === 'running' || phase === 'succeeded';
}

const seconds = (from: number, to: number): number => Math.max(0, Math.round(to - from) / 1000);

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));
