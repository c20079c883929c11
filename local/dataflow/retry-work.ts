// Tries a piece of work again as a Dataflow worker does, if its failure may pass.

import { setTimeout as sleep } from 'node:timers/promises';
import { SourceError } from './source-reader.ts';

/** Tries of one piece of work in batch jobs (Dataflow documentation: "a work item has failed 4 times", not configurable). */
const attempts = 4;
/** Pause before another try, times the number of the tries so far; Dataflow's own back-off is longer. */
const pauseMs = 200;

/**
 * The result of the work. A transient SourceError is told to `onRetry` and the work is done again, four times in all; any other error
 * rejects at once, and so does the abort of the signal.
 */
export async function retried<T>(
  signal: AbortSignal,
  onRetry: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof SourceError) || !error.transient) throw error;
      if (attempt === attempts) {
        throw new Error(
          `The job failed because a work item has failed ${attempts} times. Look in previous log entries for the cause of each one of the ${attempts} failures. Root cause: ${error.message}`,
        );
      }
      onRetry(error.message);
      await sleep(pauseMs * attempt, undefined, { signal });
    }
  }
}
