// The candidate a person means on the command line: theirs, the load's own, or one with the shards the planner counts.

import { choosePartition } from '../../shared/plan/partition.ts';
import { planShards } from '../../shared/plan/plan-shards.ts';
import { measureSkew } from '../../shared/plan/skew.ts';
import { sourceHandler } from '../../shared/plan/sources/registry.ts';
import type { Candidate } from '../../shared/schema/candidate.ts';
import type { EffectiveLoad, LoadConfig } from '../../shared/schema/load-config.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';
import { UsageError } from '../usage-error.ts';

export type CandidateOptions = {
  readonly machineType?: string | undefined;
  readonly workers?: number | undefined;
  readonly shards?: number | undefined;
};

/** The load's own candidate, or one of the options; a number of shards that nobody gave comes from the shard planner. */
export function candidateOf(
  options: CandidateOptions,
  load: EffectiveLoad,
  config: LoadConfig,
  profile: TableProfile | undefined,
): { readonly candidate: Candidate; readonly steps: readonly string[] } {
  if (load.candidate !== undefined && options.machineType === undefined && options.workers === undefined) {
    return { candidate: { ...load.candidate, shardCount: options.shards ?? load.candidate.shardCount }, steps: [] };
  }
  const machineType = options.machineType ?? load.candidate?.machineType;
  const workerCount = options.workers ?? load.candidate?.workerCount;
  if (machineType === undefined || workerCount === undefined) {
    throw new UsageError('say --machine-type and --workers: the load has no candidate of its own');
  }
  if (options.shards !== undefined) {
    return { candidate: { machineType, workerCount, shardCount: options.shards }, steps: [] };
  }
  const plan = (skewRatio?: number) => {
    const shards = planShards({
      machineType,
      workerCount,
      profile: {
        rowCountEstimate: profile?.rowCountEstimate ?? load.rowCountEstimate ?? load.expectedRows ?? null,
        averageRowBytes: profile?.averageRowBytes ?? load.averageRowBytes ?? null,
        skewRatio,
      },
      connectionBudget: load.source.connectionBudget,
      policy: config.policy,
    });
    // An unknown machine type is the plan's to refuse, with everything else that is wrong.
    return shards.ok ? shards.plan : { shards: 1, steps: [] };
  };
  const { shards, steps } = plan(skewOf(load, profile, plan().shards));
  return { candidate: { machineType, workerCount, shardCount: shards }, steps: steps.map((step) => `shards: ${step}`) };
}

/** How uneven that many ranges of the table would be, where a histogram tells. */
function skewOf(load: EffectiveLoad, profile: TableProfile | undefined, shards: number): number | undefined {
  const handler = sourceHandler(load.source.type);
  if (handler.kind !== 'database' || load.table === undefined) return undefined;
  const partition = choosePartition(load, profile, handler.dialectOf(load.source), shards);
  if (partition.kind !== 'split' || partition.profiled === undefined) return undefined;
  return measureSkew(partition.profiled, partition.columnType, shards)?.ratio;
}
