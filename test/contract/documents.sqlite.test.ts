// The Documents contract on SQLite, and what only SQLite does: dropping expired documents when the store is opened.

import { expect, test } from 'vitest';
import { openStore } from '../../local/store/open-store.ts';
import { sqliteDocuments } from '../../local/store/sqlite-documents.ts';
import { someTime } from '../support/execution.ts';
import { temporaryStore } from '../support/sqlite-store.ts';
import { documentsContract } from './documents.contract.ts';

documentsContract('SQLite', async () => {
  const store = temporaryStore();
  return {
    documents: sqliteDocuments(store.connect()),
    connect: async () => sqliteDocuments(store.connect()),
    close: store.close,
  };
});

test('opening the store drops documents that expired before that moment, and no other', async () => {
  const store = temporaryStore();
  const documents = sqliteDocuments(store.connect());
  await documents.write('idempotency', 'old', 1, undefined, { expiresAt: someTime + 1 });
  await documents.write('idempotency', 'young', 2, undefined, { expiresAt: someTime + 100 });
  await documents.write('idempotency', 'forever', 3, undefined);
  const later = openStore(store.path, someTime + 50);
  const found = await Promise.all(
    ['old', 'young', 'forever'].map((id) => sqliteDocuments(later).read('idempotency', id)),
  );
  expect(found.map((document) => document?.value)).toEqual([undefined, 2, 3]);
  later.close();
  await store.close();
});
