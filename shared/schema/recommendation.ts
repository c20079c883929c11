// The document `recommendations/{runId}`: any producer may write it; it is checked on read.

import * as z from 'zod';
import { estimateSchema } from './candidate.ts';
import { profileSchema } from './profile.ts';

export const modeSchema = z.enum(['COST_OPTIMAL', 'FAST_LOAD', 'BALANCED']);
export type Mode = z.output<typeof modeSchema>;

/** A run id: any text of 1..256 characters without control characters; it never reaches a document path unhashed. */
export const runIdSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must not contain control characters');

export const loadNameSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a load name: letters, digits, dot, underscore, hyphen');

export const scoredCandidateSchema = z.looseObject({
  estimate: estimateSchema,
  onParetoFront: z.boolean().optional(),
  passesGuardrails: z.boolean(),
  violations: z.array(z.string()).optional(),
});

/** Recommendation, schema version 1. Unknown fields of newer producers are kept out, not refused. */
export const recommendationSchema = z
  .object({
    schemaVersion: z.literal(1),
    runId: runIdSchema,
    load: loadNameSchema,
    mode: modeSchema,
    createdAt: z.iso.datetime({ offset: true }),
    recommended: estimateSchema,
    cheapest: estimateSchema.optional(),
    fastest: estimateSchema.optional(),
    balanced: estimateSchema.optional(),
    scoredCandidates: z.array(scoredCandidateSchema).max(5000).optional(),
    guardrailViolations: z.array(z.string()).optional(),
    explanation: z.string().optional(),
    profile: profileSchema.optional(),
  })
  .meta({ id: 'Recommendation' });

export type Recommendation = z.output<typeof recommendationSchema>;

/** The estimate a mode picks: cheapest, fastest or balanced; `recommended` when no mode is asked for. Undefined: the document lacks it. */
export function estimateForMode(recommendation: Recommendation, mode: Mode | undefined): Estimate | undefined {
  switch (mode) {
    case undefined:
      return recommendation.recommended;
    case 'COST_OPTIMAL':
      return recommendation.cheapest;
    case 'FAST_LOAD':
      return recommendation.fastest;
    case 'BALANCED':
      return recommendation.balanced;
  }
}
type Estimate = z.output<typeof estimateSchema>;
