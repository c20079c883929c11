// How the original chose: guardrails, scores over all candidates, and one winner for each mode.

import type { Mode } from '../../shared/schema/recommendation.ts';
import type { OriginalEstimate } from './original.ts';

export type OriginalGuardrails = {
  readonly maxCostUsd?: number | null;
  readonly maxDurationSec?: number | null;
  readonly minThroughputMbPerSec?: number | null;
  readonly allowedMachineTypes?: readonly string[] | null;
};

/** The original's pick for a mode: least figure, then the mode's second figure, then more successes, then list order. Null when none passes. */
export function originalChoice(
  estimates: readonly OriginalEstimate[],
  mode: Mode,
  guardrails: OriginalGuardrails = {},
  successCountByMachineType: Readonly<Record<string, number>> = {},
): OriginalEstimate | null {
  const eligible = estimates.filter((estimate) => originalPasses(estimate, guardrails));
  const [first, second] = figures[mode];
  const successes = (estimate: OriginalEstimate) => successCountByMachineType[estimate.candidate.machineType] ?? 0;
  return eligible.reduce<OriginalEstimate | null>((best, estimate) => {
    if (best === null) return estimate;
    const difference =
      first(best) - first(estimate) || second(best) - second(estimate) || successes(estimate) - successes(best);
    return difference > 0 ? estimate : best;
  }, null);
}

type Figure = (estimate: OriginalEstimate) => number;
const cost: Figure = (estimate) => estimate.estimatedCostUsd;
const duration: Figure = (estimate) => estimate.estimatedDurationSec;
const costTimesDuration: Figure = (estimate) => {
  const product = estimate.estimatedCostUsd * estimate.estimatedDurationSec;
  return Number.isFinite(product) ? product : Number.MAX_VALUE;
};
const figures: Readonly<Record<Mode, readonly [Figure, Figure]>> = {
  COST_OPTIMAL: [cost, duration],
  FAST_LOAD: [duration, cost],
  BALANCED: [costTimesDuration, cost],
};

/** Whether the original lets a candidate through; its machine match is a prefix up to a hyphen. */
export function originalPasses(estimate: OriginalEstimate, guardrails: OriginalGuardrails): boolean {
  const { maxCostUsd, maxDurationSec, minThroughputMbPerSec, allowedMachineTypes } = guardrails;
  const { machineType } = estimate.candidate;
  const allowed =
    allowedMachineTypes == null ||
    allowedMachineTypes.length === 0 ||
    allowedMachineTypes.some((entry) => machineType === entry || machineType.startsWith(`${entry}-`));
  return (
    allowed &&
    (maxCostUsd == null || estimate.estimatedCostUsd <= maxCostUsd) &&
    (maxDurationSec == null || estimate.estimatedDurationSec <= maxDurationSec) &&
    (minThroughputMbPerSec == null || estimate.effectiveThroughputMbPerSec >= minThroughputMbPerSec)
  );
}

/** Scores of 0..100 over all candidates, 100 being the best; a range below 1e-9 counts as 1. */
export function originalScores(
  estimates: readonly OriginalEstimate[],
): { readonly costScore: number; readonly fastScore: number; readonly balancedScoreRaw: number }[] {
  const scoreOf = (figure: Figure) => {
    const values = estimates.map(figure);
    const least = Math.min(...values);
    const range = Math.max(...values) - least;
    return (estimate: OriginalEstimate) =>
      Math.min(100, Math.max(0, 100 * (1 - (figure(estimate) - least) / (range < 1e-9 ? 1 : range))));
  };
  const costScore = scoreOf(cost);
  const fastScore = scoreOf(duration);
  return estimates.map((estimate) => ({
    costScore: costScore(estimate),
    fastScore: fastScore(estimate),
    balancedScoreRaw: costTimesDuration(estimate),
  }));
}
