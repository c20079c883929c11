// The policy of a configuration: bounds that hold at recommend and at execute. Requests may tighten them, never loosen.

import * as z from 'zod';

/** Bounds a single request may carry too; there the tighter of both counts. */
export const guardrailsSchema = z
  .strictObject({
    machineFamilies: z.array(z.string().min(1)).optional(),
    machineTypes: z.array(z.string().min(1)).optional(),
    regions: z.array(z.string().min(1)).optional(),
    maxWorkers: z.int().min(1).optional(),
    maxVcpus: z.int().min(1).optional(),
    maxShards: z.int().min(1).optional(),
    maxCostMicroUsd: z.int().min(1).optional(),
    maxDurationSec: z.int().min(1).optional(),
    minThroughputMbPerSec: z.number().min(0).optional(),
  })
  .meta({ id: 'Guardrails' });

export type Guardrails = z.output<typeof guardrailsSchema>;

export const policySchema = z
  .strictObject({
    ...guardrailsSchema.shape,
    configOnlyRuns: z.boolean().default(false).meta({ description: 'allow {load} alone to start a run from the YAML' }),
    templatePaths: z
      .array(z.string().regex(/^gs:\/\/[a-z0-9]/, 'must be a gs:// prefix'))
      .optional()
      .meta({ description: 'allowed prefixes of container specs' }),
    buckets: z.array(z.string()).optional().meta({ description: 'allowed buckets for temp, staging and files' }),
    dailyBudgetMicroUsd: z.int().min(0).optional().meta({ description: 'per load and UTC day' }),
    // Up to 1,000: each running job is an entry of one document (see shared/engine/capacity.ts).
    maxConcurrentJobs: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: "per project; Dataflow's default quota is 25" }),
    connectionHeadroomRatio: z.number().gt(0).max(1).default(0.8),
    maxAttempts: z.int().min(1).max(10).default(3),
    deadlineSec: z
      .int()
      .min(60)
      .optional()
      .meta({ description: 'no new attempt after this many seconds from acceptance' }),
    rowCountTolerance: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .meta({ description: 'accepted shortfall against an exact count; more against a statistic is a warning' }),
    profileAtExecute: z
      .boolean()
      .default(true)
      .meta({ description: 'ask the source catalogue when a recommendation has no profile' }),
    lifecycleEvents: z
      .array(z.enum(['execution.started', 'execution.running', 'execution.attempt_failed', 'execution.settled']))
      .default([]),
  })
  .meta({ id: 'Policy' });

export type Policy = z.output<typeof policySchema>;
