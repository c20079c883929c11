// What every Ledger must do, whatever it is made of.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger, Versioned } from '../../shared/engine/ports.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { anEndedExecution, anExecution, someTime } from '../support/execution.ts';

/** A fresh, empty ledger and the ways around the port that the suite needs. */
export type LedgerUnderTest = {
  readonly ledger: Ledger;
  /** Another client of the same ledger, as a second instance would have. */
  connect(): Promise<Ledger>;
  /** Lays a document down past the port, as a damaging hand would. */
  writeRaw(executionId: string, document: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
};

export function ledgerContract(name: string, makeStore: () => Promise<LedgerUnderTest>): void {
  describe(`Ledger on ${name}`, () => {
    let store: LedgerUnderTest;
    beforeEach(async () => {
      store = await makeStore();
    });
    afterEach(() => store.close());

    test('two stores do not see each other', async () => {
      const other = await makeStore();
      await store.ledger.create(anExecution());
      expect(await other.ledger.read(anExecution().executionId)).toBeUndefined();
      expect((await other.ledger.list({ pageSize: 10 })).executions).toEqual([]);
      await other.close();
    });

    test.each([2, 8, 32, 128])('%i concurrent creates of one execution have one winner', async (racers) => {
      const ledgers = [store.ledger, await store.connect()];
      const answers = await Promise.all(
        Array.from({ length: racers }, (_, index) =>
          at(ledgers, index % 2).create(anExecution({ owner: `o${index}` })),
        ),
      );
      const winners = answers.flatMap((answer, index) => (answer.kind === 'created' ? [{ answer, index }] : []));
      expect(winners).toHaveLength(1);
      const stored = await must(store.ledger, anExecution().executionId);
      expect(stored.value.owner).toBe(`o${winners[0]?.index}`);
      expect(stored.version).toBe(winners[0]?.answer.version);
    });

    test('a create of an id that is there answers `exists` and changes nothing', async () => {
      await store.ledger.create(anExecution({ owner: 'first' }));
      expect(await store.ledger.create(anExecution({ owner: 'second' }))).toEqual({ kind: 'exists' });
      expect((await must(store.ledger, anExecution().executionId)).value.owner).toBe('first');
    });

    test('a read of what is not there answers undefined', async () => {
      expect(await store.ledger.read('exe-missing')).toBeUndefined();
    });

    test('a document with every field filled reads back equal, and so does one with none', async () => {
      for (const execution of [anEndedExecution(), anExecution({ runId: 'bare' })]) {
        await store.ledger.create(execution);
        expect((await must(store.ledger, execution.executionId)).value).toStrictEqual(execution);
      }
    });

    test('a replace at the version read applies, drops absent fields and gives the next version', async () => {
      await store.ledger.create(anExecution({ owner: 'me', leaseUntil: someTime + 1 }));
      const { version } = await must(store.ledger, anExecution().executionId);
      const changed = anExecution({ status: 'REJECTED', nextCheckAt: null });
      const answer = await store.ledger.replace(changed, version);
      const stored = await must(store.ledger, changed.executionId);
      expect(stored.value).toStrictEqual(changed);
      expect(answer).toEqual({ kind: 'applied', version: stored.version });
      expect(stored.version).not.toBe(version);
    });

    test('a replace at a stale version conflicts and writes nothing', async () => {
      await store.ledger.create(anExecution());
      const { version } = await must(store.ledger, anExecution().executionId);
      await store.ledger.replace(anExecution({ owner: 'first' }), version);
      expect(await store.ledger.replace(anExecution({ owner: 'second' }), version)).toEqual({ kind: 'conflict' });
      expect((await must(store.ledger, anExecution().executionId)).value.owner).toBe('first');
    });

    test('a replace of what is not there conflicts', async () => {
      await store.ledger.create(anExecution());
      const { version } = await must(store.ledger, anExecution().executionId);
      expect(await store.ledger.replace(anExecution({ runId: 'other' }), version)).toEqual({ kind: 'conflict' });
    });

    test('of many concurrent replaces at one version exactly one applies', async () => {
      await store.ledger.create(anExecution());
      const ledgers = [store.ledger, await store.connect()];
      const { version } = await must(store.ledger, anExecution().executionId);
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          at(ledgers, index % 2).replace(anExecution({ owner: `o${index}` }), version),
        ),
      );
      expect(answers.filter((answer) => answer.kind === 'applied')).toHaveLength(1);
    });

    test('`due` gives what is due, oldest first, page by page, without gaps or repeats', async () => {
      const offsets = [50, -20, 0, -20, -10, 1, -30];
      const executions = offsets.map((offset, index) =>
        anExecution({ runId: `run-${index}`, nextCheckAt: someTime + offset }),
      );
      const done = anExecution({ runId: 'done', nextCheckAt: null });
      for (const execution of [...executions, done]) await store.ledger.create(execution);
      const seen = await pages((pageToken) => store.ledger.due({ now: someTime, pageSize: 2, ...pageToken }));
      const expected = executions
        .filter(({ nextCheckAt }) => nextCheckAt !== null && nextCheckAt <= someTime)
        .sort((a, b) => (a.nextCheckAt ?? 0) - (b.nextCheckAt ?? 0) || (a.executionId < b.executionId ? -1 : 1));
      expect(seen.map(({ value }) => value.executionId)).toEqual(expected.map(({ executionId }) => executionId));
    });

    test('a version from a page fits a replace', async () => {
      await store.ledger.create(anExecution());
      const { executions } = await store.ledger.due({ now: someTime, pageSize: 10 });
      expect((await store.ledger.replace(anExecution({ owner: 'me' }), executions[0]?.version ?? '')).kind).toBe(
        'applied',
      );
    });

    test('`list` gives the newest first, filtered by status and load, page by page', async () => {
      const executions = Array.from({ length: 12 }, (_, index) =>
        anExecution({
          runId: `run-${index}`,
          acceptedAt: someTime + Math.floor(index / 2),
          load: index % 3 === 0 ? 'orders' : 'customers',
          status: index % 2 === 0 ? 'RUNNING' : 'QUEUED',
        }),
      );
      for (const execution of executions) await store.ledger.create(execution);
      const filters = [{}, { status: 'RUNNING' }, { load: 'customers' }, { status: 'QUEUED', load: 'orders' }] as const;
      for (const filter of filters) {
        const seen = await pages((pageToken) => store.ledger.list({ ...filter, pageSize: 2, ...pageToken }));
        const expected = executions
          .filter((execution) => Object.entries(filter).every(([key, value]) => execution[key as 'load'] === value))
          .sort((a, b) => b.acceptedAt - a.acceptedAt || (a.executionId > b.executionId ? -1 : 1));
        expect(seen.map(({ value }) => value.executionId)).toEqual(expected.map(({ executionId }) => executionId));
      }
    });

    test('a page token nobody gave out is refused with what to do', async () => {
      const attempt = store.ledger.list({ pageSize: 2, pageToken: 'made-up' });
      await expect(attempt).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: /pageToken/ });
    });

    test('a damaged document is named with the place of the damage', async () => {
      const damaged = { ...anExecution(), status: 'EXPLODED', attempts: 'none' };
      await store.writeRaw(damaged.executionId, damaged);
      const attempt = store.ledger.read(damaged.executionId);
      await expect(attempt).rejects.toMatchObject({ code: 'CORRUPT_RECORD', message: /\/status.*\/attempts/s });
      await expect(attempt).rejects.toThrow(damaged.executionId);
    });

    test('a damaged document hides no other from `due` and `list`, wherever it stands, and is named beside them', async () => {
      const sound = ['one', 'two', 'three'].map((runId) => anExecution({ runId, nextCheckAt: someTime }));
      for (const execution of sound) await store.ledger.create(execution);
      const damaged = ['low', 'high'].map((runId, index) => ({
        ...anExecution({ runId, nextCheckAt: someTime + index - 1, acceptedAt: someTime + 1 - index }),
        attempts: 'none',
      }));
      for (const document of damaged) await store.writeRaw(document.executionId, document);
      for (const ask of [
        (token: object) => store.ledger.due({ now: someTime, pageSize: 2, ...token }),
        (token: object) => store.ledger.list({ pageSize: 2, ...token }),
      ]) {
        const named: string[] = [];
        const seen = await pages(async (token) => {
          const page = await ask(token);
          named.push(...(page.damaged ?? []).map(({ code, message }) => `${code} ${message}`));
          return page;
        });
        expect(new Set(seen.map(({ value }) => value.runId))).toEqual(new Set(['one', 'two', 'three']));
        for (const { executionId } of damaged) {
          expect(named).toContainEqual(
            expect.stringMatching(new RegExp(`^CORRUPT_RECORD executions/${executionId}.*/attempts`)),
          );
        }
      }
    });
  });
}

async function must(ledger: Ledger, executionId: string): Promise<Versioned<Execution>> {
  const found = await ledger.read(executionId);
  if (found === undefined) throw new Error(`no execution ${executionId}`);
  return found;
}

async function pages(
  ask: (pageToken: { pageToken?: string }) => ReturnType<Ledger['list']>,
): Promise<Versioned<Execution>[]> {
  const seen: Versioned<Execution>[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token === undefined ? {} : { pageToken: token });
    expect(page.executions.length).toBeLessThanOrEqual(2);
    seen.push(...page.executions);
    token = page.nextPageToken;
  } while (token !== undefined);
  return seen;
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index}`);
  return item;
}
