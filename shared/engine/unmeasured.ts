// The running executions of a tick whose metrics have been unread for longest: as many as its budget can measure, no more are kept.

import type { Execution } from '../schema/execution.ts';

export type Unmeasured = {
  /** Keeps the execution's id if its metrics are due and it is among the `size` that have waited longest. */
  offer(execution: Execution, now: number): void;
  /** The ids kept, the longest unread first. */
  longestFirst(): string[];
};

type Kept = { readonly executionId: string; readonly measuredAt: number };

/**
 * Going by time unread rather than by the order of a tick is what keeps every job's turn: with more jobs than the budget holds, the
 * order of a tick is the same each time, and its last ones would never be measured (found by a test). Ids, not records: hundreds of
 * records held through a tick were a third of its memory (measured).
 */
export function createUnmeasured(options: { readonly size: number; readonly metricsEveryMs: number }): Unmeasured {
  const kept: Kept[] = [];
  return {
    offer({ executionId, lastMetricsAt: measuredAt = 0 }, now) {
      if (now - measuredAt < options.metricsEveryMs) return;
      const youngest = kept.at(-1);
      if (kept.length >= options.size && (youngest === undefined || youngest.measuredAt <= measuredAt)) return;
      kept.splice(placeFor(kept, measuredAt), 0, { executionId, measuredAt });
      if (kept.length > options.size) kept.pop();
    },
    longestFirst: () => kept.map(({ executionId }) => executionId),
  };
}

/** Behind all that were measured at or before `measuredAt`. */
function placeFor(kept: readonly Kept[], measuredAt: number): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.measuredAt ?? 0) <= measuredAt) low = middle + 1;
    else high = middle;
  }
  return low;
}
