// Event v1: what arrives on the recommendations topic, and the overrides a request may carry.

import * as z from 'zod';
import { environmentSchema } from './environment.ts';
import { guardrailsSchema } from './policy.ts';
import { modeSchema, runIdSchema } from './recommendation.ts';

export const executionKeySchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must not contain control characters');

/** What a request may lay over the configuration: never connection, table, machine type, workers or shards. */
export const overridesSchema = z
  .strictObject({
    scenario: z.string().max(128).optional(),
    incremental: z.strictObject({ from: z.string().max(64).optional(), to: z.string().max(64).optional() }).optional(),
    truncate: z.boolean().optional(),
    environment: environmentSchema
      .pick({ additionalUserLabels: true, maxRuntimeSec: true, workerZone: true })
      .optional(),
    guardrails: guardrailsSchema.optional().meta({ description: 'may only tighten the policy' }),
  })
  .meta({ id: 'Overrides' });

export type Overrides = z.output<typeof overridesSchema>;

export const recommendationEventSchema = z
  .strictObject({
    runId: runIdSchema,
    mode: modeSchema.optional(),
    executionKey: executionKeySchema
      .optional()
      .meta({ description: 'another value runs the same recommendation again' }),
    overrides: overridesSchema.optional(),
    dryRun: z.boolean().optional(),
  })
  .meta({ id: 'RecommendationEvent' });

export type RecommendationEvent = z.output<typeof recommendationEventSchema>;
