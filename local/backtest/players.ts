// The two recommenders of the backtest behind one face: choose from what is visible, then learn from what happened.

import { findMachineType } from '../../shared/plan/machine-types.ts';
import type { SizedCandidate } from '../../shared/recommend/candidates.ts';
import { choose } from '../../shared/recommend/choose.ts';
import { type Cohort, updateCohort } from '../../shared/recommend/cohort.ts';
import { estimateAll } from '../../shared/recommend/consider.ts';
import type { CandidateEstimate } from '../../shared/recommend/estimate.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import { type Policy, policySchema } from '../../shared/schema/policy.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';
import type { Mode } from '../../shared/schema/recommendation.ts';
import { noSignals, type OriginalRecord, originalEstimate, originalSignals } from './original.ts';
import { originalChoice } from './original-choice.ts';
import type { Actual } from './world.ts';

export type Seen = { readonly load: EffectiveLoad; readonly profile: TableProfile; readonly mode: Mode };
export type Pick = { readonly sized: SizedCandidate; readonly durationSec: number; readonly costMicroUsd: number };

/** Plays one load: `pick` must not look at anything but `seen` and what `learn` was told. */
export type Player = {
  pick(seen: Seen, options: readonly SizedCandidate[]): Pick;
  learn(pick: Pick, actual: Actual, run: number): void;
};

export const backtestRegion = 'us-central1';
export const backtestPolicy: Policy = policySchema.parse({ maxWorkers: 16 });

/** Our recommender, with its cohorts. */
export function createOurs(): Player {
  let cohorts: readonly Cohort[] = [];
  let last: CandidateEstimate | undefined;
  return {
    pick(seen) {
      const considered = estimateAll({ ...seen, policy: backtestPolicy, cohorts, region: backtestRegion });
      if (!considered.ok) throw new Error(considered.violations.map(({ message }) => message).join('; '));
      const choice = choose({
        estimates: considered.estimates,
        guardrails: {},
        violationsOf: () => [],
        successes: considered.learnt?.successes,
      });
      if (!choice.ok) throw new Error('nothing to choose from');
      last = { COST_OPTIMAL: choice.cheapest, FAST_LOAD: choice.fastest, BALANCED: choice.balanced }[seen.mode];
      return pickOf(last);
    },
    learn(pick, actual, run) {
      if (last === undefined || pick.sized.candidate !== last.candidate) throw new Error('learn what was picked last');
      const { family } = pick.sized.machine;
      const key = { load: 'load', templateName: 'template', machineFamily: family };
      const record = {
        executionId: `exe-${run}`,
        endedAt: run,
        candidate: last.candidate,
        readers: last.readers,
        sizeBytes: last.sizeBytes,
        raw: last.raw,
        actual,
      };
      const known = cohorts.find((cohort) => cohort.machineFamily === family);
      const updated = updateCohort(known, { ...key, record });
      cohorts = [...cohorts.filter((cohort) => cohort !== known), updated];
    },
  };
}

function pickOf(estimate: CandidateEstimate): Pick {
  const machine = findMachineType(estimate.candidate.machineType);
  if (!machine.ok) throw new Error(machine.message);
  return {
    sized: { candidate: estimate.candidate, machine: machine.machineType },
    durationSec: estimate.estimatedDurationSec,
    costMicroUsd: estimate.estimatedCostMicroUsd,
  };
}

/**
 * The original's formulas on the same candidates. It is given more than it had: hundreds of candidates instead of its four, the
 * warm-up rate without its cache bias, and an outcome report, which its later versions had lost.
 */
export function createOriginal(): Player {
  const records: OriginalRecord[] = [];
  return {
    pick({ profile, mode }, options) {
      const table = {
        totalMb: (profile.totalBytes ?? 0) / 1_048_576,
        sourceType: profile.sourceType,
        loadPattern: 'DIRECT',
        measuredMbPerSec: profile.readThroughput?.mbPerSecPerConnection ?? null,
      } as const;
      const signals = records.length === 0 ? noSignals : originalSignals(records);
      const estimates = options.map(({ candidate }) => originalEstimate(candidate, table, signals));
      const chosen = originalChoice(estimates, mode, {}, signals.successCountByMachineType);
      const sized = chosen === null ? undefined : options[estimates.indexOf(chosen)];
      if (chosen === null || sized === undefined) throw new Error('nothing to choose from');
      return { sized, durationSec: chosen.estimatedDurationSec, costMicroUsd: chosen.estimatedCostUsd * 1e6 };
    },
    learn(pick, actual) {
      records.push({
        machineType: pick.sized.candidate.machineType,
        estimatedDurationSec: pick.durationSec,
        actualDurationSec: actual.startupSec + actual.runningSec,
        estimatedCostUsd: pick.costMicroUsd / 1e6,
        actualCostUsd: actual.costMicroUsd / 1e6,
      });
    },
  };
}
