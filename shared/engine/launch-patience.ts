// How long launch requests that leave no job are repeated: with growing pauses, for a day. Pure.

import type { Violation } from '../base/errors.ts';
import type { Attempt, Execution } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineSettings } from './settings.ts';

/**
 * Long loads may use up the project's jobs for most of a day, and what was accepted is to run after them. In a day of pauses some forty
 * requests are sent; whoever spent the day waiting for a place of ours still gets its fair number.
 */
const patienceMs = 24 * 3_600_000;
const fewestRequests = 20;

/** The longest pause in units of the first: half an hour, where the queue is asked every 30 s. */
const longestPause = 60;

/**
 * Milliseconds to wait, once it is sure that the requests so far left no job, before the next is sent. None after the first: mostly it was
 * lost, or its instance was. After that Dataflow may have refused it for want of quota, which only time helps.
 */
export function launchPauseMs(
  { queueRetryMs }: Pick<EngineSettings, 'queueRetryMs'>,
  { launchIntents }: Attempt,
): number {
  const requests = launchIntents.length;
  return requests < 2 ? 0 : queueRetryMs * Math.min(2 ** (requests - 2), longestPause);
}

/** What an execution waits for between two requests. */
export function launchPauseReason({ launchIntents }: Attempt): string {
  return `${launchIntents.length} launch requests left no job, perhaps for want of quota (Dataflow's answers are in the log of this execution); the next follows after a pause`;
}

/** Why no further request is sent; undefined while there is patience. */
export function launchGivenUp(execution: Execution, now: number): Violation | undefined {
  const attempt = currentAttempt(execution);
  if (attempt === undefined || attempt.launchIntents.length < fewestRequests) return undefined;
  const hours = Math.floor((now - attempt.intentAt) / 3_600_000);
  if (now - attempt.intentAt < patienceMs) return undefined;
  const message = `given up after ${attempt.launchIntents.length} launch requests in ${hours} h that left no job; see the log of this execution for Dataflow's answers`;
  return { code: 'LAUNCH_GIVEN_UP', path: '', message };
}
