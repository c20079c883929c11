// Writes the topics' schemas (proto3, as Pub/Sub takes them) from the zod nouns, with field numbers that never move.

import { protobuf } from 'google-gax';
import * as z from 'zod';
import { recommendationEventSchema } from '../../shared/schema/event.ts';
import { attemptFailedSchema, attemptPhaseSchema, outcomeSchema, settledSchema } from '../../shared/schema/outcome.ts';

/** Outcome and lifecycle events share a topic; the attribute `ce-type` tells them apart, the schema has the fields of all. */
export const executionEventSchema = z.object({
  ...attemptPhaseSchema.shape,
  ...attemptFailedSchema.shape,
  ...settledSchema.shape,
  ...outcomeSchema.shape,
});

/** The schema files of terraform/schemas by name, given what they hold now (numbers of known fields are kept: a revision may only add). */
export function topicSchemas(now: Readonly<Record<string, string>>): Record<string, string> {
  return {
    'recommendation.proto': protoOf('Recommendation', recommendationEventSchema, now['recommendation.proto']),
    'execution.proto': protoOf('Execution', executionEventSchema, now['execution.proto']),
  };
}

type JsonSchema = {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
};

function protoOf(name: string, schema: z.ZodType, now: string | undefined): string {
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  const known = now === undefined ? undefined : protobuf.parse(now).root;
  const writer = messageWriter(json.$defs ?? {});
  const lines = writer(name, json, known?.nested?.[name], '');
  return [
    '// Written from the zod schema of the event; `node test/terraform/refresh.ts` writes it anew. Enumerations stay text: the code',
    '// records a wrong one with its reason, this schema would only refuse it.',
    'syntax = "proto3";',
    '',
    ...lines,
    '',
  ].join('\n');
}

type Known = protobuf.ReflectionObject | undefined;

/** Pub/Sub allows one message on top, so every other is nested where it is used. */
function messageWriter(definitions: Readonly<Record<string, JsonSchema>>) {
  const resolved = (schema: JsonSchema): JsonSchema =>
    schema.$ref === undefined ? schema : (definitions[schema.$ref.split('/').at(-1) ?? ''] ?? schema);

  return function message(name: string, written: JsonSchema, known: Known, indent: string): string[] {
    const schema = resolved(written);
    const own = known instanceof protobuf.Type ? known : undefined;
    const number = numbers(own);
    const lines = [`${indent}message ${name} {`];
    for (const [field, fieldSchema] of Object.entries(schema.properties ?? {})) {
      const target = resolved(fieldSchema);
      const repeated = target.type === 'array';
      const item = resolved(repeated ? (target.items ?? {}) : target);
      const values = typeof item.additionalProperties === 'object' ? resolved(item.additionalProperties) : undefined;
      let type = scalar(item);
      if (type === undefined && item.properties !== undefined) {
        type = field.slice(0, 1).toUpperCase() + field.slice(1);
        lines.push(...message(type, item, own?.nested?.[type], `${indent}  `));
      }
      if (type === undefined && values !== undefined) type = `map<string, ${scalar(values)}>`;
      if (type === undefined) throw new Error(`${name}.${field} has no form in proto3: ${JSON.stringify(item)}`);
      lines.push(`${indent}  ${repeated ? 'repeated ' : ''}${type} ${field} = ${number(field)};`);
    }
    return [...lines, `${indent}}`];
  };
}

function scalar({ type, const: constant }: JsonSchema): string | undefined {
  if (type === 'number' && Number.isInteger(constant)) return 'int64';
  return { string: 'string', integer: 'int64', number: 'double', boolean: 'bool' }[type ?? ''];
}

/** The number a field has, or the next that none ever had. */
function numbers(known: protobuf.Type | undefined): (field: string) => number {
  let next = Math.max(0, ...(known?.fieldsArray ?? []).map(({ id }) => id)) + 1;
  return (field) => known?.fields[field]?.id ?? next++;
}
