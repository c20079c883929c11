// Time is a parameter (design invariant 10): the only place that reads the machine's clock.

/** Epoch milliseconds now. Every module that needs the time takes one of these. */
export type Clock = { now(): number };

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds from some moment on, fractions included: never set back, so it measures how long something took. */
export const systemStopwatch = (): number => performance.now();
