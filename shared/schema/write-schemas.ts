// Writes the published JSON Schemas from the zod nouns (`npm run schemas`); a test fails when the files are not current.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { executeRequestSchema } from './api.ts';
import { recommendationEventSchema } from './event.ts';
import { loadConfigSchema } from './load-config.ts';
import { attemptFailedSchema, attemptPhaseSchema, outcomeSchema, settledSchema } from './outcome.ts';
import { recommendationSchema } from './recommendation.ts';

type Published = {
  readonly schema: z.ZodType;
  /** `input`: what a writer may leave out is optional; `output`: what a reader gets. */
  readonly io: 'input' | 'output';
  /** draft-07 for the configuration: editors' YAML servers know no later draft whole. */
  readonly target: 'draft-07' | 'draft-2020-12';
  readonly title: string;
};

const published: Readonly<Record<string, Published>> = {
  'load-config': { schema: loadConfigSchema, io: 'input', target: 'draft-07', title: 'StreamNova load configuration' },
  'recommendation-event': {
    schema: recommendationEventSchema,
    io: 'input',
    target: 'draft-2020-12',
    title: 'Event v1 on the recommendations topic',
  },
  recommendation: {
    schema: recommendationSchema,
    io: 'input',
    target: 'draft-2020-12',
    title: 'Document recommendations/{runId}, version 1',
  },
  'execute-request': {
    schema: executeRequestSchema,
    io: 'input',
    target: 'draft-2020-12',
    title: 'Body of POST /api/agent/execute',
  },
  outcome: { schema: outcomeSchema, io: 'output', target: 'draft-2020-12', title: 'Outcome event v1' },
  'attempt-phase': {
    schema: attemptPhaseSchema,
    io: 'output',
    target: 'draft-2020-12',
    title: 'Events execution.started and execution.running, v1',
  },
  'attempt-failed': {
    schema: attemptFailedSchema,
    io: 'output',
    target: 'draft-2020-12',
    title: 'Event execution.attempt_failed, v1',
  },
  settled: { schema: settledSchema, io: 'output', target: 'draft-2020-12', title: 'Event execution.settled, v1' },
};

/** File name → content of every published schema, as `npm run schemas` writes them. */
export function publishedSchemas(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(published).map(([name, { schema, io, target, title }]) => {
      const { $schema, ...plain } = z.toJSONSchema(schema, { io, target, unrepresentable: 'any' });
      const rest = name === 'load-config' ? withVariables(plain) : plain;
      return [`${name}.schema.json`, `${json({ $schema, title, ...rest }, 0)}\n`];
    }),
  );
}

/** In the configuration a `${VAR}` may stand for any value: wherever the schema narrows one, such a text is accepted too. */
function withVariables(node: object): object {
  const inner = Object.fromEntries(
    Object.entries(node).map(([key, value]: [string, unknown]) => {
      if (key === 'propertyNames' || value === null || typeof value !== 'object') return [key, value];
      return [
        key,
        Array.isArray(value)
          ? value.map((item) => (isObject(item) ? withVariables(item) : item))
          : withVariables(value),
      ];
    }),
  );
  const narrow = ['number', 'integer', 'boolean'].includes(String(inner.type)) || 'enum' in inner || 'pattern' in inner;
  if (!narrow || 'const' in inner) return inner;
  const { description, default: fallback, ...rest } = inner;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [rest, { type: 'string', pattern: '\\$\\{[A-Za-z_]' }],
  };
}

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object';

/** JSON as the formatter of this project writes it: objects on many lines, arrays of plain values on one line where it has room. */
function json(value: unknown, depth: number, used = 0): string {
  const pad = '  '.repeat(depth + 1);
  const end = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    const plain = value.every((item) => item === null || typeof item !== 'object');
    if (plain && used + line.length <= 119) return line;
    return `[\n${value.map((item) => `${pad}${json(item, depth + 1, pad.length)}`).join(',\n')}\n${end}]`;
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return '{}';
  const lines = fields.map(([key, field]) => {
    const head = `${pad}${JSON.stringify(key)}: `;
    return `${head}${json(field, depth + 1, head.length)}`;
  });
  return `{\n${lines.join(',\n')}\n${end}}`;
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL('./json/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of publishedSchemas()) {
    writeFileSync(`${folder}${file}`, content);
    process.stdout.write(`${file}\n`);
  }
}
