// What every Documents store must do: small documents that change by compare-and-set alone.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Documents } from '../../shared/engine/ports.ts';

export type DocumentsUnderTest = {
  readonly documents: Documents;
  /** Another client of the same store, as a second instance would have. */
  connect(): Promise<Documents>;
  close(): Promise<void>;
};

/** Everything JSON knows, nested as capacity documents are. */
const value = {
  entries: {
    'exe-1': { connections: 8, expiresAt: 1_767_323_045_000, load: 'Grüße' },
    'exe-2': { ratio: 0.1, off: null },
  },
  list: [1, 'two', true],
};

export function documentsContract(name: string, makeStore: () => Promise<DocumentsUnderTest>): void {
  describe(`Documents on ${name}`, () => {
    let store: DocumentsUnderTest;
    beforeEach(async () => {
      store = await makeStore();
    });
    afterEach(() => store.close());

    test('two stores do not see each other', async () => {
      const other = await makeStore();
      await store.documents.write('capacity', 'shop', value, undefined);
      expect(await other.documents.read('capacity', 'shop')).toBeUndefined();
      await other.close();
    });

    test('what was never written reads as undefined', async () => {
      expect(await store.documents.read('cohorts', 'nothing')).toBeUndefined();
    });

    test('a document is made, read back equal, replaced, and each write gives the next version', async () => {
      const made = await store.documents.write('capacity', 'shop', value, undefined);
      const first = await store.documents.read('capacity', 'shop');
      expect(first?.value).toEqual(value);
      expect(made).toEqual({ kind: 'applied', version: first?.version });
      const replaced = await store.documents.write('capacity', 'shop', { entries: {} }, first?.version);
      const second = await store.documents.read('capacity', 'shop');
      expect(second?.value).toEqual({ entries: {} });
      expect(replaced).toEqual({ kind: 'applied', version: second?.version });
      expect(second?.version).not.toBe(first?.version);
    });

    test('kinds are apart: the same id in two kinds names two documents', async () => {
      await store.documents.write('capacity', 'shop', { is: 'capacity' }, undefined);
      await store.documents.write('cohorts', 'shop', { is: 'cohort' }, undefined);
      expect((await store.documents.read('capacity', 'shop'))?.value).toEqual({ is: 'capacity' });
      expect((await store.documents.read('cohorts', 'shop'))?.value).toEqual({ is: 'cohort' });
    });

    test('making what is there conflicts and changes nothing', async () => {
      await store.documents.write('capacity', 'shop', { by: 'first' }, undefined);
      expect(await store.documents.write('capacity', 'shop', { by: 'second' }, undefined)).toEqual({
        kind: 'conflict',
      });
      expect((await store.documents.read('capacity', 'shop'))?.value).toEqual({ by: 'first' });
    });

    test('a write at a stale version conflicts and changes nothing', async () => {
      await store.documents.write('capacity', 'shop', { by: 'first' }, undefined);
      const stale = (await store.documents.read('capacity', 'shop'))?.version;
      await store.documents.write('capacity', 'shop', { by: 'second' }, stale);
      expect(await store.documents.write('capacity', 'shop', { by: 'third' }, stale)).toEqual({ kind: 'conflict' });
      expect((await store.documents.read('capacity', 'shop'))?.value).toEqual({ by: 'second' });
    });

    test('a write at a version of what is not there conflicts', async () => {
      await store.documents.write('capacity', 'shop', value, undefined);
      const version = (await store.documents.read('capacity', 'shop'))?.version;
      expect(await store.documents.write('capacity', 'other', value, version)).toEqual({ kind: 'conflict' });
      expect(await store.documents.read('capacity', 'other')).toBeUndefined();
    });

    test('adding an entry by read and compare-and-set loses none of 20 racers', async () => {
      const clients = [store.documents, await store.connect()];
      const add = async (documents: Documents, entry: string): Promise<void> => {
        for (;;) {
          const current = await documents.read('capacity', 'shop');
          const entries = { ...(current?.value as Record<string, boolean> | undefined), [entry]: true };
          const answer = await documents.write('capacity', 'shop', entries, current?.version);
          if (answer.kind === 'applied') return;
        }
      };
      const racers = Array.from({ length: 20 }, (_, index) => index);
      await Promise.all(racers.map((index) => add(clients[index % 2] ?? store.documents, `exe-${index}`)));
      const entries = (await store.documents.read('capacity', 'shop'))?.value as Record<string, boolean>;
      expect(Object.keys(entries).sort()).toEqual(racers.map((index) => `exe-${index}`).sort());
    });

    test('an expiry does not hide a document before its time', async () => {
      const expiresAt = Date.UTC(2100, 0);
      await store.documents.write('idempotency', 'key', value, undefined, { expiresAt });
      expect((await store.documents.read('idempotency', 'key'))?.value).toEqual(value);
    });
  });
}
