// The backtest: the same world for both, the same figures for the same seed, and ours ahead.

import { beforeAll, describe, expect, it } from 'vitest';
import { checkpoints, playBacktest, type Scores } from '../../local/backtest/play.ts';
import { type Summary, summarise } from '../../local/backtest/summary.ts';

const seed = 7;
const loads = 9;
let scores: Scores;
let ours: Summary;
let original: Summary;

beforeAll(() => {
  scores = playBacktest(seed, loads);
  ours = summarise(scores.ours);
  original = summarise(scores.original);
}, 60_000);

describe('the backtest', () => {
  it('scores every load at every checkpoint, for both', () => {
    expect(scores.ours).toHaveLength(loads * checkpoints.length);
    expect(scores.original.map(({ load, after }) => [load, after])).toEqual(
      scores.ours.map(({ load, after }) => [load, after]),
    );
    for (const { regretPct } of [...scores.ours, ...scores.original]) expect(regretPct).toBeGreaterThanOrEqual(0);
  });

  it('is the same for the same seed, and another world for another', () => {
    const [again] = playBacktest(seed, 1).ours;
    expect(again).toEqual(scores.ours[0]);
    expect(playBacktest(seed + 1, 1).ours[0]).not.toEqual(again);
  });

  it('finds our estimates and choices better once they have learnt, and far better than the original', () => {
    expect(ours.after10.medianAbsErrorPct).toBeLessThan(ours.after0.medianAbsErrorPct);
    expect(ours.after10.medianAbsErrorPct).toBeLessThan(15);
    for (const after of checkpoints) {
      expect(ours[`after${after}`].regretPct).toBeLessThan(original[`after${after}`].regretPct / 3);
    }
  });
});
