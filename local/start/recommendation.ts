// The recommendation `npm start` runs: the recommender's choice, or the candidate of the command line with its own estimate.

import type { Engine } from '../../shared/engine/engine.ts';
import { effectiveLoadConfig } from '../../shared/plan/effective-load.ts';
import { findMachineType } from '../../shared/plan/machine-types.ts';
import { estimateCandidate, readingAt } from '../../shared/recommend/estimate.ts';
import { pricesFor, shippedPriceBook } from '../../shared/recommend/price-book.ts';
import { speedScenarios } from '../../shared/recommend/scenarios.ts';
import { assumedSpeeds } from '../../shared/recommend/speeds.ts';
import { workloadOf } from '../../shared/recommend/workload.ts';
import type { Candidate, Estimate } from '../../shared/schema/candidate.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import type { Mode, Recommendation } from '../../shared/schema/recommendation.ts';
import { UsageError } from '../usage-error.ts';

/** What the command line asks for; a field left out is the recommender's. */
export type Wish = {
  readonly load: string;
  readonly mode?: Mode | undefined;
  readonly machineType?: string | undefined;
  readonly workers?: number | undefined;
  readonly shards?: number | undefined;
};

/** Writes the document `runId` and answers it. Throws a UsageError with every reason when there is no recommendation. */
export async function writeRecommendation(engine: Engine, runId: string, wish: Wish): Promise<Recommendation> {
  const { load, mode = 'BALANCED', machineType, workers, shards } = wish;
  const isOwn = machineType !== undefined || workers !== undefined || shards !== undefined;
  const config = await engine.deps.config();
  const base = await engine.recommend({ load, mode, runId: isOwn ? `${runId}-recommended` : runId, refresh: true });
  if (base.kind !== 'recommended') {
    throw new UsageError(base.violations.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  }
  if (!isOwn) return base.recommendation;
  const { recommended, createdAt, profile } = base.recommendation;
  const candidate: Candidate = {
    machineType: machineType ?? recommended.candidate.machineType,
    workerCount: workers ?? recommended.candidate.workerCount,
    shardCount: shards ?? recommended.candidate.shardCount,
    label: 'command-line',
  };
  const estimate = estimateOf(candidate, config, base.recommendation, engine.deps.runtime.region);
  const recommendation: Recommendation = {
    schemaVersion: 1,
    runId,
    load,
    mode,
    createdAt,
    recommended: estimate,
    cheapest: estimate,
    fastest: estimate,
    balanced: estimate,
    explanation: 'the candidate of the command line',
    ...(profile === undefined ? {} : { profile }),
  };
  await engine.deps.recommendations.write(recommendation);
  return recommendation;
}

/** The estimate of a candidate on the local Dataflow. What cannot be estimated (an unknown machine type) is left to the engine to refuse. */
function estimateOf(candidate: Candidate, config: LoadConfig, base: Recommendation, region: string): Estimate {
  const machine = findMachineType(candidate.machineType);
  const effective = effectiveLoadConfig(config, base.load);
  const prices = pricesFor(region, 'batch', shippedPriceBook);
  const workload = effective.ok ? workloadOf(effective.load, base.profile, config.policy) : undefined;
  if (!machine.ok || !effective.ok || !prices.ok || workload?.ok !== true) {
    const unknown = { estimatedDurationSec: 0, estimatedCostMicroUsd: 0, effectiveThroughputMbPerSec: 0 };
    return { candidate, ...unknown, bottleneck: 'UNKNOWN' };
  }
  const { source, target } = effective.load;
  const assumed = assumedSpeeds(source.type, target.type, 'LOCAL', base.profile);
  return estimateCandidate({
    candidate,
    machine: machine.machineType,
    workload: workload.workload,
    reading: readingAt(speedScenarios(assumed.speeds, assumed.spread, []), workload.workload),
    startup: assumed.startup,
    prices: prices.prices,
    assumptions: assumed.assumptions,
  });
}
