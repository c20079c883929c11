// Plays both recommenders through the simulated world, load by load and run by run, and keeps score.

import { generateCandidates, type SizedCandidate } from '../../shared/recommend/candidates.ts';
import { type Prices, pricesFor } from '../../shared/recommend/price-book.ts';
import { workloadOf } from '../../shared/recommend/workload.ts';
import type { Mode } from '../../shared/schema/recommendation.ts';
import { loadOf, profileAt } from './observe.ts';
import { backtestPolicy, backtestRegion, createOriginal, createOurs, type Player, type Seen } from './players.ts';
import { createRandom } from './random.ts';
import { type Actual, drawTruth, execute, expected, type Truth } from './world.ts';

/** Runs after which the score is taken. */
export const checkpoints = [0, 1, 3, 10, 20] as const;
export type Checkpoint = (typeof checkpoints)[number];

/** One prediction against one truth. */
export type Score = {
  readonly load: string;
  readonly mode: Mode;
  readonly after: Checkpoint;
  readonly durationErrorPct: number;
  readonly costErrorPct: number;
  /** By how much the true figure of the mode exceeds the best possible candidate's. */
  readonly regretPct: number;
};

export type Scores = { readonly ours: readonly Score[]; readonly original: readonly Score[] };

const modes: readonly Mode[] = ['COST_OPTIMAL', 'FAST_LOAD', 'BALANCED'];

/** Deterministic in `seed` and `loads`. */
export function playBacktest(seed: number, loads: number): Scores {
  const prices = pricesFor(backtestRegion, 'batch');
  if (!prices.ok) throw new Error(prices.problem);
  const ours: Score[] = [];
  const original: Score[] = [];
  for (let index = 0; index < loads; index++) {
    const truth = drawTruth(seed, index);
    const mode = modes[index % modes.length] ?? 'BALANCED';
    ours.push(...playLoad(createOurs(), truth, mode, seed, prices.prices));
    original.push(...playLoad(createOriginal(), truth, mode, seed, prices.prices));
  }
  return { ours, original };
}

function playLoad(player: Player, truth: Truth, mode: Mode, seed: number, prices: Prices): Score[] {
  const scores: Score[] = [];
  const last = checkpoints.at(-1) ?? 0;
  for (let run = 0; run <= last; run++) {
    const seen: Seen = { load: loadOf(truth), profile: profileAt(truth, run, seed), mode };
    const options = optionsOf(seen);
    const pick = player.pick(seen, options);
    const actual = execute(truth, pick.sized, run, prices, createRandom(seed, `${truth.name}/run-${run}`));
    const after = checkpoints.find((checkpoint) => checkpoint === run);
    if (after !== undefined) {
      const figure = (one: SizedCandidate) => figureOf(mode, expected(truth, one, run, prices));
      const best = Math.min(...options.map(figure));
      scores.push({
        load: truth.name,
        mode,
        after,
        durationErrorPct: errorPct(pick.durationSec, durationOf(actual)),
        costErrorPct: errorPct(pick.costMicroUsd, actual.costMicroUsd),
        regretPct: (figure(pick.sized) / best - 1) * 100,
      });
    }
    player.learn(pick, actual, run);
  }
  return scores;
}

function optionsOf(seen: Seen): SizedCandidate[] {
  const sized = workloadOf(seen.load, seen.profile, backtestPolicy);
  if (!sized.ok) throw new Error(sized.violations.map(({ message }) => message).join('; '));
  return generateCandidates({
    workload: sized.workload,
    region: backtestRegion,
    guardrails: backtestPolicy,
    flexRs: 'never',
  });
}

const durationOf = (actual: Actual): number => actual.startupSec + actual.runningSec;

/** For BALANCED the geometric mean of cost and time, so that a per cent means the same in every mode. */
function figureOf(mode: Mode, actual: Actual): number {
  if (mode === 'COST_OPTIMAL') return actual.costMicroUsd;
  return mode === 'FAST_LOAD' ? durationOf(actual) : Math.sqrt(actual.costMicroUsd * durationOf(actual));
}

const errorPct = (estimated: number, actual: number): number => Math.abs(estimated / actual - 1) * 100;
