// A store in a temporary file, with as many connections to it as a test wants.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../local/store/open-store.ts';
import { someTime } from './execution.ts';

export type TemporaryStore = { readonly path: string; connect(): DatabaseSync; close(): Promise<void> };

/** `close` closes every connection and removes the file. */
export function temporaryStore(): TemporaryStore {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-store-'));
  const path = join(folder, 'ledger.sqlite');
  const connections: DatabaseSync[] = [];
  return {
    path,
    connect() {
      const db = openStore(path, someTime);
      connections.push(db);
      return db;
    },
    async close() {
      for (const db of connections) if (db.isOpen) db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
