// Guardrails first, then the Pareto front, then the mode: which of the estimated candidates to run.

import type { Violation } from '../base/errors.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { Mode } from '../schema/recommendation.ts';
import type { CandidateEstimate } from './estimate.ts';
import { distinctViolations, nearestOf } from './nearest.ts';
import { paretoFront } from './pareto-front.ts';
import { spareReaders } from './spare-readers.ts';

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
      /** All but those that spend connections for nothing. */
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
 * The cheapest, fastest and balanced (least cost x time) candidate among those that break no rule and spend no connections for nothing
 * (spareReaders). All three lie on the Pareto front: no other one of these beats them (paretoFront). Within the front figures nearer than
 * `tieRatio` are a tie: it goes to the machine type with more clean runs, then to the better other figure, then to fewer connections; but
 * never to a cheapest that is dearer, nor to a fastest that is slower, than the balanced one. When none passes: all distinct violations,
 * and the candidate that comes nearest. Pure.
 */
export function choose(input: ChooseInput): Choice {
  const rules = input.estimates.map((estimate) => ({ estimate, violations: input.violationsOf(estimate) }));
  const passing = rules.filter((judged) => judged.violations.length === 0).map((judged) => judged.estimate);
  const sparing = new Set(spareReaders(passing, tieRatio));
  const front = paretoFront([...sparing]);
  const judged = rules
    .filter(({ estimate, violations }) => violations.length > 0 || sparing.has(estimate))
    .map((one) => ({ ...one, onParetoFront: front.has(one.estimate) }));
  const choice = chooseFrom([...front], input.successes ?? new Map<string, number>());
  if (choice === undefined) {
    const nearest = nearestOf(judged, input.guardrails);
    const violations = distinctViolations(nearest === undefined ? judged : [nearest, ...judged]);
    return { ok: false, violations, ...(nearest === undefined ? {} : { nearest }) };
  }
  return { ok: true, ...choice, judged, passing: sparing.size };
}

function chooseFrom(front: readonly CandidateEstimate[], successes: ReadonlyMap<string, number>) {
  const balanced = pick(front, costTimesTime, costOfEstimate, successes);
  if (balanced === undefined) return undefined;
  const noWorse = (figure: Figure) => front.filter((estimate) => figure(estimate) <= figure(balanced));
  return {
    cheapest: pick(noWorse(costOfEstimate), costOfEstimate, timeOf, successes) ?? balanced,
    fastest: pick(noWorse(timeOf), timeOf, costOfEstimate, successes) ?? balanced,
    balanced,
  };
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
