// Where the time went: our queue, Dataflow's queue, start-up, running. Pure.

import type { Attempt, Durations, Execution } from '../schema/execution.ts';
import type { JobMessage } from '../schema/job.ts';

/** First and last moment of workers at work, from the texts Google's own launcher framework and metrics exporter look for. */
export const workersStarted = /^All workers have finished the startup processes and began to receive work requests/;
export const workersStopping = /^Stopping worker pool/;

/**
 * Durations of an ended attempt in seconds, within its execution. Falls back to the job's start and end when the messages are missing.
 * Queue and start-up are kept apart from running because only running depends on the candidate.
 */
export function durationsOf(execution: Execution, attempt: Attempt, messages: readonly JobMessage[]): Durations {
  const endedAt = attempt.endedAt ?? attempt.lastStateAt ?? execution.updatedAt;
  const launchedAt = attempt.launchIntents.at(-1) ?? attempt.intentAt;
  const createdAt = attempt.jobCreatedAt ?? launchedAt;
  const startedAt = clamp(attempt.jobStartedAt ?? createdAt, createdAt, endedAt);
  const workersAt = clamp(
    messages.find((message) => workersStarted.test(message.text))?.at ?? startedAt,
    startedAt,
    endedAt,
  );
  const stoppedAt = clamp(
    messages.find((message) => workersStopping.test(message.text))?.at ?? endedAt,
    workersAt,
    endedAt,
  );
  return {
    queuedSec: seconds(execution.acceptedAt, launchedAt),
    dataflowQueuedSec: seconds(createdAt, startedAt),
    startupSec: seconds(startedAt, workersAt),
    runningSec: seconds(workersAt, stoppedAt),
    totalSec: seconds(execution.acceptedAt, endedAt),
  };
}

const seconds = (from: number, to: number): number => Math.max(0, Math.round(to - from) / 1000);

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));
