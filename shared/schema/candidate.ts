// A candidate: one way to run a load (machine type, workers, shards), and the estimate that goes with it.

import * as z from 'zod';

const count = (max: number) => z.int().min(1).max(max);

/** `LoadCandidate` of the design. Bounds are Dataflow's: 1..1000 workers (FlexTemplateRuntimeEnvironment.maxWorkers). */
export const candidateSchema = z
  .strictObject({
    machineType: z.string().min(1).max(63).meta({ description: 'Compute Engine machine type of the workers' }),
    workerCount: count(1000).meta({ description: 'number of workers' }),
    shardCount: count(100_000).meta({ description: 'ranges the table is read in (numPartitions)' }),
    maxConcurrentShards: count(100_000).optional().meta({ description: 'ranges read at the same time, fleet-wide' }),
    suggestedPoolSize: count(100_000).optional().meta({ description: 'connections the recommender planned for' }),
    virtualCpus: count(10_000).optional().meta({ description: 'vCPUs of one worker, informative' }),
    launcherMachineType: z.string().min(1).max(63).optional(),
    flexRs: z.boolean().optional().meta({ description: 'delayed, cheaper scheduling (FlexRS)' }),
    label: z.string().max(128).optional(),
  })
  .meta({ id: 'LoadCandidate' });

export type Candidate = z.output<typeof candidateSchema>;

/** Money by component, integer micro-dollars. */
export const costSchema = z
  .strictObject({
    vcpu: z.int().min(0),
    memory: z.int().min(0),
    disk: z.int().min(0),
    shuffle: z.int().min(0),
    total: z.int().min(0),
  })
  .meta({ id: 'CostMicroUsd' });

export type CostMicroUsd = z.output<typeof costSchema>;

/** An estimate of one candidate, as recommendations carry it. */
export const estimateSchema = z
  .looseObject({
    candidate: candidateSchema,
    estimatedDurationSec: z.number().min(0),
    estimatedCostMicroUsd: z.int().min(0),
    effectiveThroughputMbPerSec: z.number().min(0),
    bottleneck: z.string(),
    costMicroUsd: costSchema.optional().meta({ description: 'the estimated cost by component' }),
    assumptions: z.array(z.string()).optional(),
  })
  .meta({ id: 'CandidateEstimate' });

export type Estimate = z.output<typeof estimateSchema>;
