// The HTTP API's nouns: what callers send, and how an execution is shown to them.

import * as z from 'zod';
import type { Violation } from '../base/errors.ts';
import { candidateSchema } from './candidate.ts';
import { executionKeySchema, overridesSchema } from './event.ts';
import { executionStatusSchema } from './execution.ts';
import { loadNameSchema, modeSchema, runIdSchema } from './recommendation.ts';

/** `POST /api/agent/execute`: `{runId}`, `{runId, mode}`, `{mode, load}`, `{candidate, load}` or `{load}`. */
export const executeRequestSchema = z
  .strictObject({
    runId: runIdSchema.optional(),
    mode: modeSchema.optional(),
    load: loadNameSchema.optional(),
    candidate: candidateSchema.optional(),
    executionKey: executionKeySchema.optional(),
    overrides: overridesSchema.optional(),
    dryRun: z.boolean().optional(),
    validateOnly: z.boolean().optional(),
    queue: z.boolean().default(true).meta({ description: 'false: answer 429 instead of waiting for capacity' }),
  })
  .superRefine((request, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (request.runId === undefined && request.load === undefined)
      problem('runId', 'send a runId, or a load (alone, with a mode, or with a candidate)');
    if (request.runId !== undefined && request.load !== undefined)
      problem('load', 'send either a runId or a load: the recommendation names its load');
    if (request.runId !== undefined && request.candidate !== undefined) {
      problem('candidate', 'a run brings its own candidate; send the candidate with a load instead');
    }
    if (request.candidate !== undefined && request.mode !== undefined) {
      problem('mode', 'a mode chooses a candidate; send either a mode or a candidate');
    }
  })
  .meta({ id: 'ExecuteRequest' });

export type ExecuteRequest = z.output<typeof executeRequestSchema>;

export const listQuerySchema = z.strictObject({
  status: executionStatusSchema.optional(),
  load: loadNameSchema.optional(),
  pageSize: z.coerce.number().int().min(1).max(500).default(50),
  pageToken: z.string().max(512).optional(),
});

export const recommendQuerySchema = z.strictObject({
  load: loadNameSchema,
  mode: modeSchema.default('BALANCED'),
  refresh: z.stringbool().optional(),
  warmUp: z.stringbool().optional(),
});

export const cancelRequestSchema = z.strictObject({ reason: z.string().max(500).optional() });

/** Every issue of a failed parse, with its JSON pointer. */
export function violationsOf(error: z.ZodError): Violation[] {
  return error.issues.flatMap((issue): Violation[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          code: 'UNKNOWN_FIELD',
          path: pointer([...issue.path, key]),
          message: `unknown field ${JSON.stringify(key)}`,
        }))
      : [{ code: 'INVALID_FIELD', path: pointer(issue.path), message: issue.message }],
  );
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
