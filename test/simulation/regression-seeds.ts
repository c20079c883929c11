// Seeds that once showed a fault, of the engine or of one broken on purpose: played with every test run.

/** What the mutants were noticed by, now or before schedules were drawn otherwise. A seed that shows a fault of the engine itself is added here. */
export const regressionSeeds: readonly number[] = [
  1, 2, 3, 4, 6, 9, 10, 11, 14, 16, 19, 27, 32, 40, 60, 64, 69, 79, 99, 100, 126, 137, 172, 176, 211, 213, 222, 223,
  253, 426, 680,
];
