// The recommender: from a load, its profile, its history and the policy to one recommendation document. Pure.

import type { Violation } from '../base/errors.ts';
import { checkGuardrails } from '../plan/guardrails.ts';
import { findMachineType } from '../plan/machine-types.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { Mode, Recommendation } from '../schema/recommendation.ts';
import { choose, type Judged, objectiveOf } from './choose.ts';
import { asViolation } from './consider.ts';
import { type ConsiderLoadInput, estimateLoad } from './consider-chain.ts';
import type { CandidateEstimate } from './estimate.ts';
import { explain } from './explain.ts';

export type RecommendInput = ConsiderLoadInput & {
  readonly runId: string;
  readonly mode: Mode;
  /** What this load has cost today (UTC); only matters with policy.dailyBudgetMicroUsd. */
  readonly spentTodayMicroUsd?: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
};

export type RecommendOutcome =
  | { readonly ok: true; readonly recommendation: Recommendation }
  | { readonly ok: false; readonly violations: readonly Violation[]; readonly nearest?: CandidateEstimate };

/** Candidates a document lists besides the chosen ones: a Firestore document holds 1 MiB. */
const listedCandidates = 100;
/** Rejections a document lists in words. */
const listedViolations = 50;

/**
 * A recommendation that fits `recommendationSchema`, or every reason why there is none, with the candidate that comes nearest to the
 * guardrails. An unknown region is refused with the way to add its prices.
 */
export function recommend(input: RecommendInput): RecommendOutcome {
  const considered = estimateLoad(input);
  if (!considered.ok) return considered;
  const { estimates, learnt, guardrails, noneAllowed } = considered;
  const choice = choose({
    estimates,
    guardrails,
    violationsOf: (estimate) => violationsOf(estimate, input, guardrails),
    successes: learnt?.successes,
  });
  if (!choice.ok) {
    const nearest = choice.nearest?.estimate;
    return {
      ok: false,
      violations: [...noneAllowed, ...choice.violations],
      ...(nearest === undefined ? {} : { nearest }),
    };
  }
  const { cheapest, fastest, balanced, judged } = choice;
  const recommended = { COST_OPTIMAL: cheapest, FAST_LOAD: fastest, BALANCED: balanced }[input.mode];
  const ranked = rankedBy(input.mode, judged);
  const front = judged.filter((one) => one.onParetoFront).map((one) => one.estimate);
  return {
    ok: true,
    recommendation: {
      schemaVersion: 1,
      runId: input.runId,
      load: input.load.name,
      mode: input.mode,
      createdAt: new Date(input.now).toISOString(),
      recommended,
      cheapest,
      fastest,
      balanced,
      scoredCandidates: listed(ranked, judged),
      guardrailViolations: judged.flatMap(inWords).slice(0, listedViolations),
      explanation: explain({
        mode: input.mode,
        chosen: recommended,
        considered: judged.length,
        passing: choice.passing,
        front,
        ranked: ranked.map((one) => one.estimate),
        cheapest,
        fastest,
      }),
      ...(input.profile === undefined ? {} : { profile: input.profile }),
    },
  };
}

function rankedBy(mode: Mode, judged: readonly Judged[]): Judged[] {
  const figure = objectiveOf(mode);
  return judged.filter((one) => one.violations.length === 0).sort((a, b) => figure(a.estimate) - figure(b.estimate));
}

function listed(ranked: readonly Judged[], judged: readonly Judged[]): NonNullable<Recommendation['scoredCandidates']> {
  const front = judged.filter((one) => one.onParetoFront);
  const rejected = judged.filter((one) => one.violations.length > 0).slice(0, listedCandidates / 4);
  const chosen = new Set([...front, ...ranked.slice(0, listedCandidates), ...rejected]);
  return [...chosen].map(({ estimate, onParetoFront, violations }) => ({
    estimate,
    onParetoFront,
    passesGuardrails: violations.length === 0,
    ...(violations.length === 0 ? {} : { violations: violations.map(({ message }) => message) }),
  }));
}

function violationsOf(estimate: CandidateEstimate, input: RecommendInput, guardrails: Guardrails): Violation[] {
  const { candidate } = estimate;
  const machine = findMachineType(candidate.machineType);
  return checkGuardrails({
    candidate,
    machine: machine.ok ? machine.machineType : undefined,
    regions: [],
    guardrails,
    estimate,
    dailyBudgetMicroUsd: input.policy.dailyBudgetMicroUsd,
    spentTodayMicroUsd: input.spentTodayMicroUsd,
  }).map(asViolation);
}

const inWords = ({ estimate, violations }: Judged): string[] =>
  violations.map(({ message }) => `${estimate.candidate.label ?? estimate.candidate.machineType}: ${message}`);
