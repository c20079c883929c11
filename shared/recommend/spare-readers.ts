// Connections of the source are spent only where they gain something: more readers on the same workers must be worth it.

import type { CandidateEstimate } from './estimate.ts';

/**
 * The estimates without those that read with more connections than another one on the same workers and gain less than `worthwhile` (1.02:
 * two per cent) in time and in money. What a model makes of the last half per cent is no reason to load a source twice as much: without
 * this a candidate on the Pareto front drives its sparing twin off it by next to nothing. Pure.
 */
export function spareReaders(estimates: readonly CandidateEstimate[], worthwhile: number): CandidateEstimate[] {
  const kept = new Map<string, CandidateEstimate[]>();
  for (const estimate of [...estimates].sort((a, b) => a.readers - b.readers)) {
    const fleet = fleetOf(estimate);
    const fewer = kept.get(fleet) ?? [];
    const gainsNothing = fewer.some(
      (other) =>
        other.readers < estimate.readers &&
        other.estimatedDurationSec <= estimate.estimatedDurationSec * worthwhile &&
        other.estimatedCostMicroUsd <= estimate.estimatedCostMicroUsd * worthwhile,
    );
    if (!gainsNothing) kept.set(fleet, [...fewer, estimate]);
  }
  return [...kept.values()].flat();
}

const fleetOf = ({ candidate }: CandidateEstimate): string =>
  `${candidate.machineType} ${candidate.workerCount} ${candidate.flexRs === true}`;
