// Tries a piece of work again as a Dataflow worker does, if its failure may pass.

import pRetry from 'p-retry';
import { SourceError } from './source-reader.ts';

/** Tries of one piece of work in batch jobs (Dataflow documentation: "a work item has failed 4 times", not configurable). */
const attempts = 4;
/** Pause before the second try, doubled before each further one; Dataflow's own back-off is longer. */
const pauseMs = 200;

/**
 * The result of the work. A transient SourceError is told to `onRetry` and the work is done again, four times in all; any other error
 * rejects at once, and so does the abort of the signal.
 */
export function retried<T>(signal: AbortSignal, onRetry: (text: string) => void, work: () => Promise<T>): Promise<T> {
  const mayPass = (error: Error): boolean => error instanceof SourceError && error.transient;
  return pRetry(work, {
    retries: attempts - 1,
    minTimeout: pauseMs,
    signal,
    onFailedAttempt({ error, retriesLeft }) {
      if (!mayPass(error)) return;
      if (retriesLeft > 0) return onRetry(error.message);
      throw new Error(
        `The job failed because a work item has failed ${attempts} times. Look in previous log entries for the cause of each one of the ${attempts} failures. Root cause: ${error.message}`,
      );
    },
    shouldRetry: ({ error }) => mayPass(error),
  });
}
