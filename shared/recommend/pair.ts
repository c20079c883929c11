// The estimate of a three-stage load: that of both legs, which the same fleet runs one after the other.

import { sumOfCosts } from './cost.ts';
import type { CandidateEstimate } from './estimate.ts';

/**
 * Both legs of one candidate as one estimate: times and money added, part by part. Throughput is that of the bytes read from the source
 * over the running time of both; what limits is what limits the longer leg. Pure.
 */
export function pairOf(first: CandidateEstimate, second: CandidateEstimate): CandidateEstimate {
  const startupSec = first.startupSec + second.startupSec;
  const runningSec = first.runningSec + second.runningSec;
  const longer = first.runningSec >= second.runningSec ? first : second;
  const known = new Set(first.assumptions);
  const ofSecond = (second.assumptions ?? []).filter((assumption) => !known.has(assumption));
  return {
    ...first,
    estimatedDurationSec: first.estimatedDurationSec + second.estimatedDurationSec,
    estimatedCostMicroUsd: first.estimatedCostMicroUsd + second.estimatedCostMicroUsd,
    effectiveThroughputMbPerSec: runningSec > 0 ? first.sizeBytes / 1e6 / runningSec : 0,
    bottleneck: startupSec > runningSec ? 'STARTUP' : longer.bottleneck,
    ...(first.costMicroUsd === undefined || second.costMicroUsd === undefined
      ? {}
      : { costMicroUsd: sumOfCosts(first.costMicroUsd, second.costMicroUsd) }),
    assumptions: [...known, ...ofSecond.map((assumption) => `second leg: ${assumption}`)],
    startupSec,
    runningSec,
    delaySec: first.delaySec + second.delaySec,
    raw: {
      startupSec: first.raw.startupSec + second.raw.startupSec,
      runningSec: first.raw.runningSec + second.raw.runningSec,
      costMicroUsd: first.raw.costMicroUsd + second.raw.costMicroUsd,
    },
    // A pair is known as well as its lesser known leg.
    samples: Math.min(first.samples, second.samples),
    secondLeg: {
      estimatedDurationSec: second.estimatedDurationSec,
      estimatedCostMicroUsd: second.estimatedCostMicroUsd,
    },
  };
}
