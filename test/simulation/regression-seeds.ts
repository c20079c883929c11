// Seeds that once showed a fault, of the engine or of one broken on purpose: played with every test run.

/** In the order of `mutants.ts`: what each of them was noticed by. A seed that shows a fault of the engine itself is added here. */
export const regressionSeeds: readonly number[] = [1, 2, 3, 4, 9, 10, 14, 16, 32, 40, 64, 69, 79, 172, 211, 222, 680];
