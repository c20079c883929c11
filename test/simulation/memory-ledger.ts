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
  const port: Sync<Ledger> = {
    create(execution) {
      if (documents.has(execution.executionId)) return { kind: 'exists' };
      return { kind: 'created', version: put(execution, undefined) };
    },
    read(executionId) {
      const stored = documents.get(executionId);
      if (stored === undefined) return undefined;
      const opened = open(stored);
      if (opened instanceof EngineError) throw opened;
      return opened;
    },
    replace(execution, version) {
      const stored = documents.get(execution.executionId);
      if (stored === undefined || stored.read.version !== version) return { kind: 'conflict' };
      return { kind: 'applied', version: put(execution, stored.read.value) };
    },
    due({ now, pageSize, pageToken }) {
      const due = [...documents.values()].filter(
        ({ read: { value } }) => value.nextCheckAt !== null && value.nextCheckAt <= now,
      );
      return pageOf(due, pageSize, pageToken, 1, ({ nextCheckAt, executionId }) => [nextCheckAt ?? 0, executionId]);
    },
    list({ status, load, pageSize, pageToken }) {
      const listed = [...documents.values()].filter(
        ({ read: { value } }) =>
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
  found: readonly Stored[],
  pageSize: number,
  pageToken: string | undefined,
  direction: 1 | -1,
  keyOf: (execution: Execution) => Key,
): ExecutionPage {
  const order = (left: Key, right: Key): number => direction * compare(left, right);
  const from = pageToken === undefined ? undefined : parsePageToken(pageToken);
  const page = found
    .filter(({ read }) => from === undefined || order(keyOf(read.value), from) > 0)
    .sort((left, right) => order(keyOf(left.read.value), keyOf(right.read.value)))
    .slice(0, pageSize);
  const last = page.at(-1);
  const opened = page.map(open);
  const damaged = opened.flatMap((one) => (one instanceof EngineError ? [one] : []));
  return {
    executions: opened.flatMap((one) => (one instanceof EngineError ? [] : [one])),
    ...(damaged.length === 0 ? {} : { damaged }),
    ...(last === undefined || page.length < pageSize ? {} : { nextPageToken: pageTokenOf(keyOf(last.read.value)) }),
  };
}

/** The document, or what is wrong with it. What came through the port is known to fit. */
function open({ read, checked }: Stored): Versioned<Execution> | EngineError {
  if (checked) return read;
  const parsed = executionSchema.safeParse(read.value);
  if (parsed.success) return { value: parsed.data, version: read.version };
  const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
  const id = read.value.executionId;
  return new EngineError('CORRUPT_RECORD', `executions/${id} does not fit its schema: ${problems}`);
}
