// The Ledger in memory: documents with versions, shared between readers instead of copied, because nobody may change one.

import { EngineError } from '../../shared/base/errors.ts';
import { pageTokenOf, parsePageToken } from '../../shared/base/page-token.ts';
import type { ExecutionPage, Ledger, Versioned } from '../../shared/engine/ports.ts';
import { type Execution, executionSchema } from '../../shared/schema/execution.ts';
import type { Sync } from './remote.ts';

export type MemoryLedger = {
  readonly port: Sync<Ledger>;
  /** Every execution, for those who look from outside. */
  all(): Execution[];
  peek(executionId: string): Execution | undefined;
  /** Lays a document down past the port. */
  writeRaw(executionId: string, document: Record<string, unknown>): void;
};

type Stored = { readonly read: Versioned<Execution>; readonly checked: boolean };

export type LedgerWrite = { readonly before: Execution | undefined; readonly after: Execution | undefined };

/** `onWrite` is told of every write that applied, before anybody can read it. */
export function memoryLedger(onWrite: (write: LedgerWrite) => void = () => {}): MemoryLedger {
  const documents = new Map<string, Stored>();
  let versions = 0;

  const put = (execution: Execution, before: Execution | undefined): string => {
    versions += 1;
    const version = `v${versions}`;
    onWrite({ before, after: execution });
    documents.set(execution.executionId, { read: { value: execution, version }, checked: true });
    return version;
  };
  const open = (id: string, stored: Stored): Versioned<Execution> => (stored.checked ? stored.read : parse(id, stored));

  const port: Sync<Ledger> = {
    create(execution) {
      if (documents.has(execution.executionId)) return { kind: 'exists' };
      return { kind: 'created', version: put(execution, undefined) };
    },
    read(executionId) {
      const stored = documents.get(executionId);
      return stored === undefined ? undefined : open(executionId, stored);
    },
    replace(execution, version) {
      const stored = documents.get(execution.executionId);
      if (stored === undefined || stored.read.version !== version) return { kind: 'conflict' };
      return { kind: 'applied', version: put(execution, stored.read.value) };
    },
    remove(executionId, version) {
      const stored = documents.get(executionId);
      if (stored === undefined || stored.read.version !== version) return { kind: 'conflict' };
      onWrite({ before: stored.read.value, after: undefined });
      documents.delete(executionId);
      return { kind: 'applied', version };
    },
    due({ now, pageSize, pageToken }) {
      const due = [...documents]
        .map(([id, stored]) => open(id, stored))
        .filter(({ value }) => value.nextCheckAt !== null && value.nextCheckAt <= now);
      return pageOf(due, pageSize, pageToken, 1, ({ nextCheckAt, executionId }) => [nextCheckAt ?? 0, executionId]);
    },
    list({ status, load, pageSize, pageToken }) {
      const listed = [...documents]
        .map(([id, stored]) => open(id, stored))
        .filter(
          ({ value }) =>
            (status === undefined || value.status === status) && (load === undefined || value.load === load),
        );
      return pageOf(listed, pageSize, pageToken, -1, ({ acceptedAt, executionId }) => [acceptedAt, executionId]);
    },
  };
  return {
    port,
    all: () => [...documents.values()].map(({ read }) => read.value),
    peek: (executionId) => documents.get(executionId)?.read.value,
    writeRaw(executionId, document) {
      versions += 1;
      documents.set(executionId, {
        read: { value: document as unknown as Execution, version: `v${versions}` },
        checked: false,
      });
    },
  };
}

type Key = [number, string];

const compare = (left: Key, right: Key): number =>
  left[0] - right[0] || (left[1] < right[1] ? -1 : left[1] > right[1] ? 1 : 0);

function pageOf(
  found: Versioned<Execution>[],
  pageSize: number,
  pageToken: string | undefined,
  direction: 1 | -1,
  keyOf: (execution: Execution) => Key,
): ExecutionPage {
  const order = (left: Key, right: Key): number => direction * compare(left, right);
  const from = pageToken === undefined ? undefined : parsePageToken(pageToken);
  const rest = found
    .filter(({ value }) => from === undefined || order(keyOf(value), from) > 0)
    .sort((left, right) => order(keyOf(left.value), keyOf(right.value)));
  const executions = rest.slice(0, pageSize);
  const last = executions.at(-1);
  return {
    executions,
    ...(last === undefined || executions.length < pageSize ? {} : { nextPageToken: pageTokenOf(keyOf(last.value)) }),
  };
}

function parse(executionId: string, { read }: Stored): Versioned<Execution> {
  const parsed = executionSchema.safeParse(read.value);
  if (parsed.success) return { value: parsed.data, version: read.version };
  const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
  throw new EngineError('CORRUPT_RECORD', `executions/${executionId} does not fit its schema: ${problems}`);
}
