// Follows an execution over the HTTP API, as any client would, until something about it is true.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';

/** A view that may not be there yet. */
export type Follow = (
  until: (view: ExecutionView) => boolean,
  onView?: (view: ExecutionView) => void,
) => Promise<ExecutionView>;

/** How often the API is asked: often enough for a bar that moves. */
const pauseMs = 150;
/** How long an event may take from its publishing to the record; redeliveries included. */
const acceptWithinMs = 60_000;

/**
 * Asks for `executionId` until `until` holds. Throws when it is not in the record after a minute, when the API answers anything but
 * 200 or 404, and when `signal` is aborted.
 */
export function createFollow(api: string, executionId: string, signal: AbortSignal): Follow {
  const url = `${api}/api/agent/executions/${executionId}`;
  return async (until, onView = () => {}) => {
    const startedAt = Date.now();
    for (;;) {
      signal.throwIfAborted();
      const response = await fetch(url, { signal });
      if (response.status === 200) {
        const view = (await response.json()) as ExecutionView;
        onView(view);
        if (until(view)) return view;
      } else if (response.status !== 404) {
        throw new Error(`GET ${url} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
      } else if (Date.now() - startedAt > acceptWithinMs) {
        throw new Error(
          `the event was published, but after ${acceptWithinMs / 1000} s there is no execution ${executionId}`,
        );
      }
      await sleep(pauseMs, undefined, { signal });
    }
  };
}
