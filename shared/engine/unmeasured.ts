// The running executions of a tick whose metrics have been unread for longest: as many as its budget can measure, no more are kept.

import type { Execution } from '../schema/execution.ts';
import type { Versioned } from './ports.ts';

export type Unmeasured = {
  /** Keeps the execution if its metrics are due and it is among the `size` that have waited longest. */
  offer(read: Versioned<Execution>, now: number): void;
  /** Those kept, the longest unread first. */
  longestFirst(): Versioned<Execution>[];
};

/**
 * Going by time unread rather than by the order of a tick is what keeps every job's turn: with more jobs than the budget holds, the
 * order of a tick is the same each time, and its last ones would never be measured (found by a test).
 */
export function createUnmeasured(options: { readonly size: number; readonly metricsEveryMs: number }): Unmeasured {
  const kept: Versioned<Execution>[] = [];
  return {
    offer(read, now) {
      const last = measuredAt(read);
      if (now - last < options.metricsEveryMs) return;
      const youngest = kept.at(-1);
      if (kept.length >= options.size && (youngest === undefined || measuredAt(youngest) <= last)) return;
      kept.splice(placeFor(kept, last), 0, read);
      if (kept.length > options.size) kept.pop();
    },
    longestFirst: () => [...kept],
  };
}

const measuredAt = ({ value }: Versioned<Execution>): number => value.lastMetricsAt ?? 0;

/** Behind all that were measured at or before `last`. */
function placeFor(kept: readonly Versioned<Execution>[], last: number): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = kept[middle];
    if (other !== undefined && measuredAt(other) <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
