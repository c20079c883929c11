// From a load's cohorts to what the estimator uses: calibrated speeds for the load, and what is left to correct per machine family.

import { findMachineType } from '../plan/machine-types.ts';
import { type Cohort, type CohortRecord, cohortSize } from './cohort.ts';
import { fleetOf, rampSec, readingOf } from './estimate.ts';
import { type Correction, correctionOf, type Predict } from './learning.ts';
import { type Observation, speedScenarios } from './scenarios.ts';
import type { SpeedAssumptions, Speeds } from './speeds.ts';
import { type Fleet, fleetOfShape, rangeStretch } from './throughput.ts';
import type { Workload } from './workload.ts';

export type Learnt = {
  readonly scenarios: readonly Speeds[];
  readonly correctionFor: (machineFamily: string) => Correction;
  /** Clean runs of the load over all families. */
  readonly samples: number;
  /** Clean runs by machine type: proven successes, which break ties. */
  readonly successes: ReadonlyMap<string, number>;
};

/**
 * What the cohorts of one load and template teach. Two steps, each against raw facts alone: the speeds are calibrated on the
 * throughputs all families reached; what a family's runs still differ from the calibrated prediction is its correction. A family
 * without runs leans on the load's other families. Undefined when there are no runs. Pure.
 */
export function learnFrom(
  cohorts: readonly Cohort[],
  assumed: Pick<SpeedAssumptions, 'speeds' | 'spread' | 'startup'>,
  workload: Workload,
): Learnt | undefined {
  const runs = cohorts
    .flatMap((cohort) => cohort.records)
    .sort((a, b) => b.endedAt - a.endedAt)
    .slice(0, maxObservations);
  if (runs.length === 0) return undefined;
  const observations = runs.flatMap((record, rank) => observationOf(record, rank, workload));
  const scenarios = speedScenarios(assumed.speeds, assumed.spread, observations);
  const predict: Predict = (record) => predictionOf(record, scenarios, assumed.startup, workload);
  const pooled = correctionOf({ records: runs.slice(0, cohortSize) }, predict);
  const byFamily = new Map(
    cohorts.map((cohort) => [cohort.machineFamily, leaning(correctionOf(cohort, predict), pooled)]),
  );
  const successes = new Map<string, number>();
  for (const { candidate } of runs)
    successes.set(candidate.machineType, (successes.get(candidate.machineType) ?? 0) + 1);
  return {
    scenarios,
    correctionFor: (family) => byFamily.get(family) ?? { ...pooled, samples: 0 },
    samples: runs.length,
    successes,
  };
}

/** Runs the speeds are fitted to, over all families, newest first. */
const maxObservations = 46;
/**
 * A run counts half as much as one this many runs younger. Much longer than for the corrections, which follow what changes: what a
 * bigger fleet did not gain is asked again as soon as it is forgotten, and asking costs a run (in the backtest regret after 10 runs falls
 * from 5 % to 4 % between 7 and 40).
 */
const halfLifeRuns = 40;
/** The load's other families count like this many runs of the family's own. */
const pooledRuns = 2;

function leaning(own: Correction, pooled: Correction): Correction {
  if (own.samples === 0) return { ...pooled, samples: 0 };
  const share = own.samples / (own.samples + pooledRuns);
  const between = (a: number, b: number) => Math.exp(share * Math.log(a) + (1 - share) * Math.log(b));
  return {
    startup: between(own.startup, pooled.startup),
    running: between(own.running, pooled.running),
    cost: between(own.cost, pooled.cost),
    samples: own.samples,
  };
}

function fleetOfRecord(record: CohortRecord, workload: Workload): Fleet | undefined {
  const machine = findMachineType(record.candidate.machineType);
  if (!machine.ok) return undefined;
  return fleetOfShape({ ...fleetOf(record.candidate, machine.machineType, workload), readers: record.readers });
}

function observationOf(record: CohortRecord, rank: number, workload: Workload): Observation[] {
  const fleet = fleetOfRecord(record, workload);
  if (fleet === undefined || record.sizeBytes <= 0) return [];
  const readingSec = record.actual.runningSec - rampSec(fleet);
  if (readingSec <= 0) return [];
  const mbPerSec = (record.sizeBytes / 1e6 / readingSec) * rangeStretch(fleet, workload.fullestShare);
  return [{ fleet, mbPerSec, weight: 0.5 ** (rank / halfLifeRuns) }];
}

function predictionOf(
  record: CohortRecord,
  scenarios: readonly Speeds[],
  startup: SpeedAssumptions['startup'],
  workload: Workload,
) {
  const fleet = fleetOfRecord(record, workload);
  return {
    startupSec: startup.launchSec + startup.workerSec,
    runningSec:
      fleet === undefined
        ? record.raw.runningSec
        : readingOf(scenarios, fleet, { sizeBytes: record.sizeBytes, fullestShare: workload.fullestShare }).seconds,
  };
}
