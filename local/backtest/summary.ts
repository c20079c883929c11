// From single scores to the figures the backtest prints.

import { type Checkpoint, checkpoints, type Score } from './play.ts';

export type Figures = { readonly medianAbsErrorPct: number; readonly regretPct: number };
export type Summary = { readonly [After in `after${Checkpoint}`]: Figures };

/**
 * By number of runs learnt from: the median over all loads of the absolute error of duration and cost together, against what the run
 * truly took (scatter included), and the mean regret over all loads. The mean, because a median would hide the loads that go wrong.
 */
export function summarise(scores: readonly Score[]): Summary {
  const entries = checkpoints.map((after) => {
    const some = scores.filter((score) => score.after === after);
    const errors = some.flatMap((score) => [score.durationErrorPct, score.costErrorPct]);
    const figures: Figures = {
      medianAbsErrorPct: rounded(median(errors)),
      regretPct: rounded(mean(some.map((score) => score.regretPct))),
    };
    return [`after${after}`, figures];
  });
  return Object.fromEntries(entries) as Summary;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const rounded = (value: number): number => Math.round(value * 100) / 100;
