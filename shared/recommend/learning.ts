// What clean runs teach: by which factor start-up, running time and cost differ from what was predicted for them.

import type { Cohort, CohortRecord } from './cohort.ts';

export type Correction = {
  /** Actual over predicted, 1 when nothing is known. */
  readonly startup: number;
  readonly running: number;
  /** Actual cost over predicted cost after the times are right: prices or resources that differ from the book's. */
  readonly cost: number;
  /** Clean runs behind the factors: the confidence. */
  readonly samples: number;
};

export const noCorrection: Correction = { startup: 1, running: 1, cost: 1, samples: 0 };

/** What a record's run is compared with; by default its raw estimate. */
export type Predict = (record: CohortRecord) => { readonly startupSec: number; readonly runningSec: number };

/**
 * No correction is more than this, whatever its cohort saw: one bad record must not ruin the next choice. Speeds that many runs agree on
 * (scenarios.ts) may be further from the assumption; a correction is what is left beside them.
 */
export const leastFactor = 0.2;
export const greatestFactor = 5;

/** A run counts half as much as one this many runs younger. */
const halfLifeRuns = 7;

/**
 * The correction a cohort's runs ask for: the weighted median of the logarithms of actual / predicted over its last 20 runs, newer
 * runs weighing more, clamped to 0.2..5; start-up and running time apart. Pure, and a function of raw estimates and actuals only,
 * so a correction never feeds on corrected estimates.
 */
export function correctionOf(cohort: Pick<Cohort, 'records'> | undefined, predict: Predict = rawOf): Correction {
  const records = cohort?.records ?? [];
  if (records.length === 0) return noCorrection;
  const predicted = records.map(predict);
  return {
    startup: factorOf(records.map((record, rank) => ratio(record.actual.startupSec, predicted[rank]?.startupSec))),
    running: factorOf(records.map((record, rank) => ratio(record.actual.runningSec, predicted[rank]?.runningSec))),
    cost: factorOf(records.map(costResidual)),
    samples: records.length,
  };
}

const rawOf: Predict = (record) => record.raw;

/** Holds a factor within the bounds. */
export const clampFactor = (factor: number): number => Math.min(greatestFactor, Math.max(leastFactor, factor));

function ratio(actual: number | undefined, predicted: number | undefined): number | undefined {
  return actual !== undefined && predicted !== undefined && actual > 0 && predicted > 0
    ? actual / predicted
    : undefined;
}

/**
 * Cost is linear in the seconds workers are up, so actual cost over raw cost holds the error of the times as well; dividing the ratio
 * of times out leaves what is wrong with the money. Exact up to start-up seconds that are not billed, hence running time alone.
 */
function costResidual(record: CohortRecord): number | undefined {
  const cost = ratio(record.actual.costMicroUsd, record.raw.costMicroUsd);
  const time = ratio(
    record.actual.runningSec + billedShare * (record.actual.startupSec ?? record.raw.startupSec),
    record.raw.runningSec + billedShare * record.raw.startupSec,
  );
  return cost === undefined || time === undefined ? undefined : cost / time;
}

/** Share of the start-up during which workers are up and billed; see `dataflowStartup` in speeds.ts: 80 of 220 s. */
const billedShare = 80 / 220;

function factorOf(ratios: readonly (number | undefined)[]): number {
  const logs = ratios.flatMap((value, rank) =>
    value === undefined ? [] : [{ value: Math.log(value), weight: 0.5 ** (rank / halfLifeRuns) }],
  );
  return logs.length === 0 ? 1 : clampFactor(Math.exp(weightedMedian(logs)));
}

/** The weighted median; between the two middle values when the weight is split evenly. */
export function weightedMedian(points: readonly { readonly value: number; readonly weight: number }[]): number {
  const sorted = [...points].sort((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, point) => sum + point.weight, 0) / 2;
  let below = 0;
  for (const [index, point] of sorted.entries()) {
    below += point.weight;
    const next = sorted[index + 1];
    if (Math.abs(below - half) < 1e-12 && next !== undefined) return (point.value + next.value) / 2;
    if (below > half) return point.value;
  }
  return sorted.at(-1)?.value ?? 0;
}
