// Which candidates there are and what each would take: from load, profile, history and policy to estimates, before anything is chosen.

import type { Violation } from '../base/errors.ts';
import { checkGuardrails, tightest } from '../plan/guardrails.ts';
import { defaultMaxRuntimeSec } from '../plan/launch-environment.ts';
import { findMachineType } from '../plan/machine-types.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Guardrails, Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';
import { generateCandidates, type SizedCandidate } from './candidates.ts';
import type { Cohort } from './cohort.ts';
import { type CandidateEstimate, estimateCandidate, flexRsDelaySec, readingAt } from './estimate.ts';
import { type Learnt, learnFrom } from './learn-from.ts';
import { type PriceBook, type Prices, pricesFor, shippedPriceBook } from './price-book.ts';
import { speedScenarios } from './scenarios.ts';
import { assumedSpeeds, type Runtime, type SpeedAssumptions } from './speeds.ts';
import { type Workload, workloadOf } from './workload.ts';

export type ConsiderInput = {
  readonly load: EffectiveLoad;
  readonly profile?: TableProfile | undefined;
  readonly policy: Policy;
  readonly requestGuardrails?: Guardrails | undefined;
  /** The load's cohorts, all machine families. */
  readonly cohorts?: readonly Cohort[] | undefined;
  readonly region: string;
  /** Default: the shipped price book. */
  readonly priceBook?: PriceBook | undefined;
  /** Default: DATAFLOW. */
  readonly runtime?: Runtime | undefined;
  /** Estimated instead of the generated ones: candidates somebody else chose. */
  readonly candidates?: readonly SizedCandidate[] | undefined;
};

export type Considered = {
  readonly ok: true;
  readonly estimates: readonly CandidateEstimate[];
  /** Those estimated, in the same order. */
  readonly candidates: readonly SizedCandidate[];
  readonly workload: Workload;
  readonly learnt: Learnt | undefined;
  readonly guardrails: Guardrails;
  /** Why these are candidates that the rules on machines forbid: there are no others. Empty otherwise. */
  readonly noneAllowed: readonly Violation[];
};

/** Every candidate with its estimate for one job, before anything is chosen; for the backtest and the bench as well. */
export function estimateAll(
  input: ConsiderInput,
): Considered | { readonly ok: false; readonly violations: readonly Violation[] } {
  const guardrails = tightest(input.policy, input.requestGuardrails);
  const region = workerRegionOf(input);
  const problems = inputProblems(input, guardrails);
  const batch = pricesFor(region, 'batch', input.priceBook ?? shippedPriceBook);
  if (!batch.ok) problems.push({ code: 'PRICES_UNKNOWN', path: '/region', message: batch.problem });
  const flexRs = pricesFor(region, 'flexrs', input.priceBook ?? shippedPriceBook);
  if (!flexRs.ok && input.load.environment?.flexrsGoal === 'FLEXRS_COST_OPTIMIZED') {
    problems.push({ code: 'PRICES_UNKNOWN', path: '/environment/flexrsGoal', message: flexRs.problem });
  }
  const sized = workloadOf(input.load, input.profile, input.policy);
  if (!sized.ok) problems.push(...sized.violations);
  if (problems.length > 0 || !batch.ok || !sized.ok) return { ok: false, violations: problems };
  const { workload } = sized;
  const generate = (within: Guardrails) =>
    generateCandidates({
      workload,
      region,
      guardrails: within,
      flexRs: flexRs.ok ? flexRsFor(input, guardrails) : 'never',
      ...(input.load.fetchSize === undefined ? {} : { fetchSize: input.load.fetchSize }),
    });
  const allowed = input.candidates ?? generate(guardrails);
  const noneAllowed = allowed.length === 0 ? [nothingAllowed(guardrails, region)] : [];
  const candidates = allowed.length === 0 ? generate(withoutMachineRules(guardrails)) : allowed;
  if (candidates.length === 0) return { ok: false, violations: noneAllowed };
  const assumed = assumedSpeeds(
    input.load.source.type,
    input.load.target.type,
    input.runtime ?? 'DATAFLOW',
    input.profile,
  );
  const learnt = learnFrom(input.cohorts ?? [], assumed, workload);
  const prices = { batch: batch.prices, flexRs: flexRs.ok ? flexRs.prices : batch.prices };
  const context = { workload, assumed, learnt, prices, load: input.load };
  return {
    ok: true,
    estimates: estimatesOf(candidates, context),
    candidates,
    workload,
    learnt,
    guardrails,
    noneAllowed,
  };
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
  const reading = readingAt(speedScenarios(assumed.speeds, assumed.spread, []), workload);
  const learntReading = learnt === undefined ? reading : readingAt(learnt.scenarios, workload);
  const diskGb = load.environment?.diskSizeGb;
  return candidates.map(({ candidate, machine }) =>
    estimateCandidate({
      candidate,
      machine,
      workload,
      reading,
      startup: assumed.startup,
      prices: candidate.flexRs === true ? context.prices.flexRs : context.prices.batch,
      ...(learnt === undefined
        ? {}
        : { learnt: { reading: learntReading, correction: learnt.correctionFor(machine.family) } }),
      ...(diskGb === undefined ? {} : { diskGb }),
      assumptions,
    }),
  );
}

/**
 * FlexRS may wait six hours, so it is offered only where someone said that they can: the load itself, which then gets nothing else, or
 * a bound on the duration above that. A pinned zone or a nearer deadline rules it out, as the plan would.
 */
function flexRsFor(
  { load, policy }: Pick<ConsiderInput, 'load' | 'policy'>,
  guardrails: Guardrails,
): 'never' | 'also' | 'only' {
  const { flexrsGoal, workerZone, maxRuntimeSec = defaultMaxRuntimeSec } = load.environment ?? {};
  if (flexrsGoal !== undefined) return flexrsGoal === 'FLEXRS_COST_OPTIMIZED' ? 'only' : 'never';
  if (workerZone !== undefined) return 'never';
  if (policy.deadlineSec !== undefined && policy.deadlineSec < flexRsDelaySec + maxRuntimeSec) return 'never';
  return guardrails.maxDurationSec !== undefined && guardrails.maxDurationSec > flexRsDelaySec ? 'also' : 'never';
}

/** Workers may run elsewhere than the job's record, and are billed there. */
function workerRegionOf({ load, region }: Pick<ConsiderInput, 'load' | 'region'>): string {
  return load.environment?.workerRegion ?? load.environment?.workerZone?.replace(/-[a-z]$/, '') ?? region;
}

/** The rules every candidate would break alike, told once. */
function inputProblems(input: Pick<ConsiderInput, 'load' | 'region'>, guardrails: Guardrails): Violation[] {
  const regions = [...new Set([input.region, workerRegionOf(input)])];
  const nowhere = { machineType: '', workerCount: 1, shardCount: 1 };
  const { regions: allowed } = guardrails;
  const problems: Violation[] = checkGuardrails({
    candidate: nowhere,
    machine: undefined,
    regions,
    guardrails: allowed === undefined ? {} : { regions: allowed },
  }).map(asViolation);
  for (const name of guardrails.machineTypes ?? []) {
    const found = findMachineType(name);
    if (!found.ok) problems.push({ code: 'MACHINE_TYPE', path: '/policy/machineTypes', message: found.message });
  }
  return problems;
}

/** A guardrail's violation without the fields that only its own callers read. */
export const asViolation = ({ code, path, message }: Violation): Violation => ({ code, path, message });

/** Those rules that keep a candidate from being generated; without them it can be told which it breaks, and which comes nearest. */
function withoutMachineRules(guardrails: Guardrails): Guardrails {
  const { machineFamilies: _families, machineTypes: _types, maxVcpus: _vcpus, ...rest } = guardrails;
  return rest;
}

function nothingAllowed(guardrails: Guardrails, region: string): Violation {
  const bounds = JSON.stringify(guardrails);
  return {
    code: 'NO_CANDIDATE',
    path: '/policy',
    message: `no machine type in ${region} can be a worker within ${bounds}: allow another family, type, or more vCPUs`,
  };
}
