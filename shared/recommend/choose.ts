// Guardrails first, then the Pareto front, then the mode: which of the estimated candidates to run.

import type { Violation } from '../base/errors.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { Mode } from '../schema/recommendation.ts';
import type { CandidateEstimate } from './estimate.ts';

export type Judged = {
  readonly estimate: CandidateEstimate;
  readonly violations: readonly Violation[];
  readonly onParetoFront: boolean;
};

export type Choice =
  | {
      readonly ok: true;
      readonly cheapest: CandidateEstimate;
      readonly fastest: CandidateEstimate;
      readonly balanced: CandidateEstimate;
      readonly judged: readonly Judged[];
      readonly passing: number;
    }
  | { readonly ok: false; readonly violations: readonly Violation[]; readonly nearest?: Judged };

export type ChooseInput = {
  readonly estimates: readonly CandidateEstimate[];
  /** Every rule a candidate breaks; empty when it may run. */
  readonly violationsOf: (estimate: CandidateEstimate) => readonly Violation[];
  /** Bounds the violations come from, to tell the nearest candidate when none passes. */
  readonly guardrails: Guardrails;
  /** Clean runs by machine type. */
  readonly successes?: ReadonlyMap<string, number> | undefined;
};

/** Estimates nearer to each other than this are a tie: no estimate is better than a hundredth. */
export const tieRatio = 1.02;

/**
 * The cheapest, fastest and balanced (least cost x time) candidate among those that break no rule; they lie on the Pareto front but
 * for ties, where the better other figure wins, then the machine type with more clean runs, then fewer connections. When none passes: all
 * distinct violations, and the candidate that comes nearest. Pure.
 */
export function choose(input: ChooseInput): Choice {
  const rules = input.estimates.map((estimate) => ({ estimate, violations: input.violationsOf(estimate) }));
  const passing = rules.filter((judged) => judged.violations.length === 0).map((judged) => judged.estimate);
  const front = paretoFront(passing);
  const judged = rules.map((one) => ({ ...one, onParetoFront: front.has(one.estimate) }));
  const successes = input.successes ?? new Map<string, number>();
  const cheapest = pick(passing, costOfEstimate, timeOf, successes);
  const fastest = pick(passing, timeOf, costOfEstimate, successes);
  const balanced = pick(passing, costTimesTime, costOfEstimate, successes);
  if (cheapest === undefined || fastest === undefined || balanced === undefined) {
    const nearest = nearestOf(judged, input.guardrails);
    return {
      ok: false,
      violations: distinct(nearest === undefined ? judged : [nearest, ...judged]),
      ...(nearest === undefined ? {} : { nearest }),
    };
  }
  return { ok: true, cheapest, fastest, balanced, judged, passing: passing.length };
}

/** The figure a mode minimises. */
export function objectiveOf(mode: Mode): (estimate: CandidateEstimate) => number {
  return { COST_OPTIMAL: costOfEstimate, FAST_LOAD: timeOf, BALANCED: costTimesTime }[mode];
}

type Figure = (estimate: CandidateEstimate) => number;
const costOfEstimate: Figure = (estimate) => estimate.estimatedCostMicroUsd;
const timeOf: Figure = (estimate) => estimate.estimatedDurationSec;
const costTimesTime: Figure = (estimate) => estimate.estimatedCostMicroUsd * estimate.estimatedDurationSec;

function pick(
  estimates: readonly CandidateEstimate[],
  first: Figure,
  second: Figure,
  successes: ReadonlyMap<string, number>,
): CandidateEstimate | undefined {
  const proven = (estimate: CandidateEstimate) => successes.get(estimate.candidate.machineType) ?? 0;
  const tied = withinTie(estimates, first);
  const most = tied.reduce((count, estimate) => Math.max(count, proven(estimate)), 0);
  const rest = withinTie(
    tied.filter((estimate) => proven(estimate) === most),
    second,
  );
  return rest.reduce<CandidateEstimate | undefined>((best, estimate) => {
    if (best === undefined) return estimate;
    const difference =
      best.readers - estimate.readers || first(best) - first(estimate) || (labelOf(estimate) < labelOf(best) ? 1 : -1);
    return difference > 0 ? estimate : best;
  }, undefined);
}

function withinTie(estimates: readonly CandidateEstimate[], figure: Figure): readonly CandidateEstimate[] {
  let least = Number.POSITIVE_INFINITY;
  for (const estimate of estimates) least = Math.min(least, figure(estimate));
  return estimates.filter((estimate) => figure(estimate) <= least * tieRatio);
}

const labelOf = ({ candidate }: CandidateEstimate): string => candidate.label ?? candidate.machineType;

/** Candidates that no other one beats in both time and cost. */
export function paretoFront(estimates: readonly CandidateEstimate[]): Set<CandidateEstimate> {
  const byTime = [...estimates].sort((a, b) => timeOf(a) - timeOf(b) || costOfEstimate(a) - costOfEstimate(b));
  const front = new Set<CandidateEstimate>();
  let cheapest = Number.POSITIVE_INFINITY;
  for (const estimate of byTime) {
    if (costOfEstimate(estimate) >= cheapest) continue;
    front.add(estimate);
    cheapest = costOfEstimate(estimate);
  }
  return front;
}

/** Each broken rule once, as the first that breaks it does. */
function distinct(judged: readonly Judged[]): Violation[] {
  const seen = new Map<string, Violation>();
  for (const { violations } of judged)
    for (const violation of violations) {
      const rule = `${violation.code} ${violation.path}`;
      if (!seen.has(rule)) seen.set(rule, violation);
    }
  return [...seen.values()];
}

/** The candidate with the fewest broken rules, among those the least excess over the bounds that have a number, among those the cheapest. */
function nearestOf(judged: readonly Judged[], guardrails: Guardrails): Judged | undefined {
  return judged.reduce<Judged | undefined>((best, one) => {
    if (best === undefined) return one;
    const difference =
      best.violations.length - one.violations.length ||
      excess(best.estimate, guardrails) - excess(one.estimate, guardrails) ||
      costOfEstimate(best.estimate) - costOfEstimate(one.estimate);
    return difference > 0 ? one : best;
  }, undefined);
}

function excess(estimate: CandidateEstimate, guardrails: Guardrails): number {
  const over = (value: number, bound: number | undefined) =>
    bound === undefined ? 0 : Math.max(0, Math.log(value / bound));
  const { workerCount, virtualCpus } = estimate.candidate;
  return (
    over(workerCount * (virtualCpus ?? 1), guardrails.maxVcpus) +
    over(estimate.estimatedCostMicroUsd, guardrails.maxCostMicroUsd) +
    over(estimate.estimatedDurationSec, guardrails.maxDurationSec) +
    over(guardrails.minThroughputMbPerSec ?? 0, estimate.effectiveThroughputMbPerSec)
  );
}
