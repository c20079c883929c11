// The Ledger contract on SQLite.

import { sqliteLedger } from '../../local/store/sqlite-ledger.ts';
import { temporaryStore } from '../support/sqlite-store.ts';
import { ledgerContract } from './ledger.contract.ts';

ledgerContract('SQLite', async () => {
  const store = temporaryStore();
  const db = store.connect();
  return {
    ledger: sqliteLedger(db),
    connect: async () => sqliteLedger(store.connect()),
    async writeRaw(executionId, document) {
      db.prepare('INSERT INTO executions VALUES (?, 0, ?, ?, ?, ?, ?)').run(
        executionId,
        String(document.status),
        String(document.load),
        Number(document.acceptedAt),
        Number(document.nextCheckAt),
        JSON.stringify(document),
      );
    },
    close: store.close,
  };
});
