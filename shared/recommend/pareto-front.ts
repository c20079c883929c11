// The Pareto front of time and cost: what is left once everything that another candidate beats is gone.

import type { CandidateEstimate } from './estimate.ts';

/** Candidates that no other one beats: none has less time at no more cost, nor less cost in no more time. Equals are there together. */
export function paretoFront(estimates: readonly CandidateEstimate[]): Set<CandidateEstimate> {
  const byTime = [...estimates].sort((a, b) => time(a) - time(b) || cost(a) - cost(b));
  const front = new Set<CandidateEstimate>();
  let last: CandidateEstimate | undefined;
  for (const estimate of byTime) {
    const isEqual = last !== undefined && time(estimate) === time(last) && cost(estimate) === cost(last);
    if (last !== undefined && !isEqual && cost(estimate) >= cost(last)) continue;
    front.add(estimate);
    last = estimate;
  }
  return front;
}

const time = (estimate: CandidateEstimate): number => estimate.estimatedDurationSec;
const cost = (estimate: CandidateEstimate): number => estimate.estimatedCostMicroUsd;
