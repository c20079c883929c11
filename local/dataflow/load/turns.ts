// Lets pieces of work go one after the other, in the order they came.

export type Turns = {
  /** Does the work when all that came before is over, whether it went well or not. */
  take<T>(work: () => Promise<T>): Promise<T>;
};

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(work) {
      const turn = last.then(work, work);
      last = turn;
      return turn;
    },
  };
}
