// Lets work on one document go in turn within a tick, so that its workers do not race each other for it.

/** Runs `work` after everything that was handed in before under the same key, whatever came of it. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Compare-and-set keeps racing writers apart between instances; within one, five hundred ends racing for one capacity document would
 * lose most of their races for nothing.
 */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(key, mine);
    return mine;
  };
}
