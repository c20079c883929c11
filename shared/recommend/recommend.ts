// The recommender: from a load, its profile, its history and the policy to one recommendation document. Pure.

import type { Violation } from '../base/errors.ts';
import { findMachineType } from '../plan/machine-types.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Guardrails, Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';
import type { Mode, Recommendation } from '../schema/recommendation.ts';
import { generateCandidates, type SizedCandidate } from './candidates.ts';
import { choose, type Judged, objectiveOf } from './choose.ts';
import type { Cohort } from './cohort.ts';
import { type CandidateEstimate, estimateCandidate, flexRsDelaySec } from './estimate.ts';
import { explain } from './explain.ts';
import { type Learnt, learnFrom } from './learn-from.ts';
import { type PriceBook, type Prices, pricesFor, shippedPriceBook } from './price-book.ts';
import { speedScenarios } from './scenarios.ts';
import { assumedSpeeds, type Runtime, type SpeedAssumptions } from './speeds.ts';
import { tighten, violationsOf } from './within-guardrails.ts';
import { type Workload, workloadOf } from './workload.ts';

export type RecommendInput = {
  readonly runId: string;
  readonly load: EffectiveLoad;
  readonly mode: Mode;
  readonly profile?: TableProfile | undefined;
  readonly policy: Policy;
  readonly requestGuardrails?: Guardrails | undefined;
  /** The load's cohorts, all machine families. */
  readonly cohorts?: readonly Cohort[] | undefined;
  readonly region: string;
  /** Default: the shipped price book. */
  readonly priceBook?: PriceBook | undefined;
  readonly runtime?: Runtime | undefined;
  /** Estimated instead of the generated ones: a candidate somebody else chose. */
  readonly candidates?: readonly SizedCandidate[] | undefined;
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
  const considered = estimateAll(input);
  if (!considered.ok) return considered;
  const { estimates, learnt, guardrails } = considered;
  const choice = choose({
    estimates,
    guardrails,
    violationsOf: (estimate) => violationsOf(estimate, guardrails),
    successes: learnt?.successes,
  });
  if (!choice.ok) {
    const nearest = choice.nearest?.estimate;
    return { ok: false, violations: choice.violations, ...(nearest === undefined ? {} : { nearest }) };
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
      guardrailViolations: judged
        .flatMap((one) => one.violations.map(({ message }) => message))
        .slice(0, listedViolations),
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

export type Considered = {
  readonly ok: true;
  readonly estimates: readonly CandidateEstimate[];
  readonly learnt: Learnt | undefined;
  readonly guardrails: Guardrails;
};

/** Every candidate with its estimate, before anything is chosen; for the backtest and the bench as well. */
export function estimateAll(
  input: Omit<RecommendInput, 'runId' | 'mode' | 'now'>,
): Considered | Extract<RecommendOutcome, { ok: false }> {
  const guardrails = tighten(input.policy, input.requestGuardrails);
  const problems = inputProblems(input, guardrails);
  const batch = pricesFor(input.region, 'batch', input.priceBook ?? shippedPriceBook);
  if (!batch.ok) problems.push({ code: 'PRICES_UNKNOWN', path: '/region', message: batch.problem });
  const sized = workloadOf(input.load, input.profile, input.policy);
  if (!sized.ok) problems.push(...sized.violations);
  if (problems.length > 0 || !batch.ok || !sized.ok) return { ok: false, violations: problems };
  const { workload } = sized;
  const flexRs = pricesFor(input.region, 'flexrs', input.priceBook ?? shippedPriceBook);
  const candidates =
    input.candidates ??
    generateCandidates({
      workload,
      region: input.region,
      guardrails,
      flexRs: flexRs.ok && toleratesDelay(input.load, guardrails),
      ...(input.load.fetchSize === undefined ? {} : { fetchSize: input.load.fetchSize }),
    });
  if (candidates.length === 0) return { ok: false, violations: [nothingAllowed(guardrails, input.region)] };
  const assumed = assumedSpeeds(
    input.load.source.type,
    input.load.target.type,
    input.runtime ?? 'DATAFLOW',
    input.profile,
  );
  const learnt = learnFrom(input.cohorts ?? [], assumed, workload);
  const prices = { batch: batch.prices, flexRs: flexRs.ok ? flexRs.prices : batch.prices };
  const context = { workload, assumed, learnt, prices, load: input.load };
  return { ok: true, estimates: estimatesOf(candidates, context), learnt, guardrails };
}

type Context = {
  readonly workload: Workload;
  readonly assumed: SpeedAssumptions;
  readonly learnt: Learnt | undefined;
  readonly prices: { readonly batch: Prices; readonly flexRs: Prices };
  readonly load: EffectiveLoad;
};

function estimatesOf(candidates: readonly SizedCandidate[], context: Context): CandidateEstimate[] {
  const { workload, assumed, learnt, load } = context;
  const assumptions = [...workload.assumptions, ...assumed.assumptions, `prices ${context.prices.batch.priceBook}`];
  const scenarios = speedScenarios(assumed.speeds, assumed.spread, []);
  const diskGb = load.environment?.diskSizeGb;
  return candidates.map(({ candidate, machine }) =>
    estimateCandidate({
      candidate,
      machine,
      workload,
      scenarios,
      startup: assumed.startup,
      prices: candidate.flexRs === true ? context.prices.flexRs : context.prices.batch,
      ...(learnt === undefined
        ? {}
        : { learnt: { scenarios: learnt.scenarios, correction: learnt.correctionFor(machine.family) } }),
      ...(diskGb === undefined ? {} : { diskGb }),
      assumptions,
    }),
  );
}

/** FlexRS may wait six hours, so it is offered only where someone said that they can: the load itself, or a duration bound above that. */
function toleratesDelay(load: EffectiveLoad, guardrails: Guardrails): boolean {
  const goal = load.environment?.flexrsGoal;
  if (goal !== undefined) return goal === 'FLEXRS_COST_OPTIMIZED';
  return guardrails.maxDurationSec !== undefined && guardrails.maxDurationSec > flexRsDelaySec;
}

function inputProblems(input: Pick<RecommendInput, 'region'>, guardrails: Guardrails): Violation[] {
  const problems: Violation[] = [];
  if (guardrails.regions !== undefined && !guardrails.regions.includes(input.region)) {
    const message = `region ${input.region} is not among the allowed ones: ${guardrails.regions.join(', ') || 'none'}`;
    problems.push({ code: 'REGION', path: '/policy/regions', message });
  }
  for (const name of guardrails.machineTypes ?? []) {
    const found = findMachineType(name);
    if (!found.ok) problems.push({ code: 'MACHINE_TYPE', path: '/policy/machineTypes', message: found.message });
  }
  return problems;
}

function nothingAllowed(guardrails: Guardrails, region: string): Violation {
  const bounds = JSON.stringify(guardrails);
  return {
    code: 'NO_CANDIDATE',
    path: '/policy',
    message: `no machine type in ${region} can be a worker within ${bounds}: allow another family, type, or more vCPUs`,
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
