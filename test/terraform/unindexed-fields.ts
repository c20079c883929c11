// Which fields of the ledger's documents no query filters by alone, read out of the schemas of the documents.

import * as z from 'zod';
import type { DocumentKind } from '../../shared/engine/ports.ts';
import { executionSchema } from '../../shared/schema/execution.ts';
import { recommendationSchema } from '../../shared/schema/recommendation.ts';

const kinds: Readonly<Record<DocumentKind, readonly string[]>> = {
  capacity: ['value'],
  cohorts: ['value'],
  idempotency: ['value'],
  profiles: ['value'],
  spend: ['value'],
};

/** Fields to leave unindexed, as `collection/field`: maps and lists, which cost an entry for each part, and times that only grow. */
export function unindexedFields(): string[] {
  const fields = { executions: costly(executionSchema), recommendations: costly(recommendationSchema), ...kinds };
  return Object.entries(fields).flatMap(([collection, names]) => names.map((name) => `${collection}/${name}`));
}

type JsonSchema = {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
};

function costly(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as JsonSchema;
  const resolved = (part: JsonSchema): JsonSchema =>
    part.$ref === undefined ? part : (json.$defs?.[part.$ref.split('/').at(-1) ?? ''] ?? part);
  return Object.entries(resolved(json).properties ?? {})
    .filter(([name, part]) => /^(object|array)$/.test(resolved(part).type ?? '') || /(At|Until|Since)$/.test(name))
    .map(([name]) => name)
    .sort();
}
