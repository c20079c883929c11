// Delivers the messages of one push subscription: as many at a time as allowed, again with a growing wait until acknowledged.

import type { Delivery } from './message-store.ts';

/** Statuses by which a push endpoint acknowledges (Pub/Sub's documentation of push). Everything else, 4xx included, is delivered again. */
const acknowledging = [102, 200, 201, 202, 204];

export type PushLoop = {
  /** Something may have become due. */
  wake(): void;
  /** Delivers nothing more; resolves when nothing is in flight. Deliveries still out after `graceMs` are cut and stay owed. */
  stop(graceMs: number): Promise<void>;
};

export type PushTarget = { readonly endpoint: string; readonly maxInFlight: number; readonly ackDeadlineMs: number };

/** What the loop asks of its broker. `claim` hands out at most `limit` due messages, each once until it is settled or its deadline passed. */
export type PushSource = {
  claim(limit: number): Delivery[];
  bodyOf(delivery: Delivery): unknown;
  settle(delivery: Delivery, acknowledged: boolean): void;
  /** Milliseconds until the next message is due; undefined: none. */
  nextDueMs(): number | undefined;
};

/** Starts delivering at once. A loop without anything due waits on one timer. */
export function createPushLoop(target: PushTarget, source: PushSource): PushLoop {
  const { endpoint, maxInFlight, ackDeadlineMs } = target;
  const inFlight = new Set<Promise<void>>();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const deliver = async (delivery: Delivery): Promise<void> => {
    const acknowledged = await post(endpoint, source.bodyOf(delivery), ackDeadlineMs, abort.signal);
    // Cut by `stop`: neither acknowledged nor counted against it; the next start delivers it at once.
    if (!abort.signal.aborted) source.settle(delivery, acknowledged);
  };

  const wake = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    const free = maxInFlight - inFlight.size;
    for (const delivery of free > 0 ? source.claim(free) : []) {
      const done = deliver(delivery).finally(() => {
        inFlight.delete(done);
        wake();
      });
      inFlight.add(done);
    }
    const waitMs = inFlight.size < maxInFlight ? source.nextDueMs() : undefined;
    if (waitMs !== undefined) timer = setTimeout(wake, Math.max(1, waitMs));
  };

  wake();
  return {
    wake,
    async stop(graceMs) {
      stopped = true;
      clearTimeout(timer);
      const cut = setTimeout(() => abort.abort(), graceMs);
      await Promise.allSettled(inFlight);
      clearTimeout(cut);
    },
  };
}

/** True when the endpoint acknowledged in time. An endpoint that is down, slow or redirects has not. */
async function post(endpoint: string, body: unknown, deadlineMs: number, stop: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), stop]),
    });
    await response.arrayBuffer();
    return acknowledging.includes(response.status);
  } catch {
    return false;
  }
}
