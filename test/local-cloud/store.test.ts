// What only the SQLite store promises: queries through indexes, a file that outlives the process, a clear word about foreign files.

import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../local/store/open-store.ts';
import { listQuery, sqliteLedger } from '../../local/store/sqlite-ledger.ts';
import { anEndedExecution, anExecution, someTime } from '../support/execution.ts';
import { type TemporaryStore, temporaryStore } from '../support/sqlite-store.ts';

let store: TemporaryStore;
beforeEach(() => {
  store = temporaryStore();
});
afterEach(() => store.close());

test.each([
  [{}],
  [{ status: 'RUNNING' as const }],
  [{ load: 'orders' }],
  [{ status: 'RUNNING' as const, load: 'orders' }],
])('listing by %j walks an index and sorts nothing', (filter) => {
  const db = store.connect();
  const pageToken = Buffer.from(JSON.stringify([someTime, 'exe-1'])).toString('base64url');
  for (const token of [{}, { pageToken }]) {
    const { sql, values } = listQuery({ ...filter, ...token, pageSize: 10 });
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    const steps = plan.map(({ detail }) => String(detail));
    expect(steps.join('; ')).toMatch(/USING INDEX executions_/);
    expect(steps.join('; ')).not.toContain('TEMP B-TREE');
  }
});

test('a ledger closed and opened again is as it was', async () => {
  const db = store.connect();
  await sqliteLedger(db).create(anEndedExecution());
  db.close();
  const { executionId } = anEndedExecution();
  expect((await sqliteLedger(store.connect()).read(executionId))?.value).toStrictEqual(anEndedExecution());
});

test('a file of another layout is refused with what to do', () => {
  const db = store.connect();
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(() => openStore(store.path, someTime)).toThrow(/layout 99.*move the file away/);
  const foreign = new DatabaseSync(store.path);
  expect(foreign.prepare('PRAGMA user_version').get()?.user_version).toBe(99);
  foreign.close();
});

test('a writer that holds the file makes others answer UNAVAILABLE, which may be tried again', async () => {
  const holder = store.connect();
  const ledger = sqliteLedger(store.connect());
  const blocked = new DatabaseSync(store.path, { timeout: 0 });
  holder.exec('BEGIN IMMEDIATE');
  await expect(sqliteLedger(blocked).create(anExecution())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  holder.exec('COMMIT');
  expect((await ledger.create(anExecution())).kind).toBe('created');
  blocked.close();
});
