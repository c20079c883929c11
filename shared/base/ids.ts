// Ids are hashes by design: pure functions of what they name, safe as Firestore document ids, job names and labels.

import { hash } from 'node:crypto';

const hex = (length: number, ...parts: string[]): string => hash('sha256', parts.join('\u0000')).slice(0, length);

/**
 * The execution id of a wish: `exe-` + 32 hex digits, a function of runId and executionKey alone.
 * Hashing keeps hostile ids (`a/b/c`, `..`, `__x__`: reliability facts, Firestore treats a slash as a sub-path) out of document paths.
 */
export function executionIdOf(runId: string, executionKey?: string): string {
  return `exe-${hex(32, 'execution', runId, executionKey ?? '')}`;
}

/** The document id of an external key (runId, idempotency key): 40 hex digits with a readable prefix. */
export function documentIdOf(kind: string, key: string): string {
  return `${kind}-${hex(40, kind, key)}`;
}

/**
 * The Dataflow job name of an execution: a pure function of its id, no clock, at most 33 characters, of the form
 * `[a-z]([-a-z0-9]*[a-z0-9])?` (Job.name). All attempts share it, because a name is unique among active jobs: however late a request of
 * an earlier attempt arrives, Dataflow itself refuses a second active job. The labels tell attempts apart. `load` only makes it readable.
 */
export function jobNameOf(load: string, executionId: string): string {
  const readable =
    load
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[^a-z]+/, '')
      .slice(0, 16)
      .replace(/-+$/, '') || 'load';
  return `${readable}-${hex(16, 'job', executionId)}`;
}

/** SHA-256 of a JSON value with sorted keys: equal payloads hash equally whatever the order of their fields. */
export function payloadHashOf(value: unknown): string {
  return hash('sha256', canonicalJson(value));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
