// Distributions the backtest's world is drawn from, on a seeded generator: the same seed gives the same world everywhere.

import { createRandom as createSeeded } from '../../shared/recommend/random.ts';

export type Random = {
  uniform(low: number, high: number): number;
  /** Every order of magnitude between the bounds equally likely. */
  logUniform(low: number, high: number): number;
  /** A factor with median 1 and the given standard deviation of its logarithm. */
  factor(spread: number): number;
  chance(probability: number): boolean;
};

/** A stream of its own for each name. */
export function createRandom(seed: number, name: string): Random {
  const { next, normal } = createSeeded(`${seed}/${name}`);
  const uniform = (low: number, high: number): number => low + (high - low) * next();
  return {
    uniform,
    logUniform: (low, high) => Math.exp(uniform(Math.log(low), Math.log(high))),
    factor: (spread) => Math.exp(spread * normal()),
    chance: (probability) => next() < probability,
  };
}
