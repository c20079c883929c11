// The lists are ranges of indexes: what SQLite plans to do, so that no timing has to prove it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openJobStore } from '../../local/dataflow/job-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'job-store-'));
let db: DatabaseSync;
beforeAll(() => {
  openJobStore(join(folder, 'jobs.sqlite'), () => undefined).close();
  db = new DatabaseSync(join(folder, 'jobs.sqlite'));
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const region = 'project = ? AND listed_from <= ? AND location = ?';
test.each([
  [`${region} AND seq < ? ORDER BY seq DESC`],
  [`${region} AND active = 1 AND seq < ? ORDER BY seq DESC`],
  [`${region} AND active = 0 AND (ended_at, seq) < (?, ?) ORDER BY ended_at DESC, seq DESC`],
  [`${region} AND name = ? AND seq < ? ORDER BY seq DESC`],
  ['project = ? AND listed_from <= ? AND seq < ? ORDER BY seq DESC'],
  ['project = ? AND listed_from <= ? AND active = 1 AND seq < ? ORDER BY seq DESC'],
  ['project = ? AND listed_from <= ? AND active = 0 AND (ended_at, seq) < (?, ?) ORDER BY ended_at DESC, seq DESC'],
  ['due_at <= ? ORDER BY due_at'],
])('%s: searched in an index, not scanned, not sorted', (where) => {
  const plan = db
    .prepare(`EXPLAIN QUERY PLAN SELECT record FROM jobs WHERE ${where} LIMIT ?`)
    .all(...Array(where.split('?').length).fill(1));
  const detail = plan.map((row) => String(row.detail)).join('; ');
  expect(detail).toMatch(/^SEARCH jobs USING INDEX/);
  expect(detail).not.toContain('TEMP B-TREE');
});
