// Lets one load at a time create a table: two transactions that create the same one would fail each other, which BigQuery's do not.

export type TableLocks = {
  /** Waits until nobody else creates this table; the answer releases it. Rejects when the signal aborts. */
  take(table: string, signal: AbortSignal): Promise<() => void>;
};

/** Locks of this process by table name. */
export function createTableLocks(): TableLocks {
  const held = new Map<string, Promise<void>>();
  return {
    async take(table, signal) {
      for (let holder = held.get(table); holder !== undefined; holder = held.get(table)) {
        await Promise.race([holder, aborted(signal)]);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(table, promise);
      return () => {
        held.delete(table);
        resolve();
      };
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
