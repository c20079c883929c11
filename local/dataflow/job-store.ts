// Keeps every job, message and autoscaling event of the service in SQLite, so that a restart knows them and lists page in constant time.

import { DatabaseSync } from 'node:sqlite';
import type { JobState } from '../../shared/schema/job.ts';
import { createJobQueries, type JobQueries } from './job-queries.ts';
import type { JobRecord } from './job-record.ts';
import { isTerminal, mayFollow } from './job-state.ts';

export type JobStore = JobQueries & {
  /** Adds a job; false if an active job of that project and region bears the name already. */
  insert(record: JobRecord): boolean;
  insertAll(records: readonly JobRecord[]): void;
  /** Changes fields of a job, its state aside. */
  patch(id: string, change: Partial<Omit<JobRecord, 'id' | 'state' | 'stateAt' | 'endedAt'>>): JobRecord;
  /** Moves a job to another state at that time; undefined if that state may not follow (somebody else was first). */
  move(id: string, state: JobState, at: number, change?: Partial<JobRecord>): JobRecord | undefined;
  /** Runs several changes as one SQLite transaction. */
  together<T>(work: () => T): T;
  close(): void;
};

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL, location TEXT NOT NULL, name TEXT NOT NULL,
    active INTEGER NOT NULL, ended_at INTEGER, listed_from INTEGER NOT NULL, due_at INTEGER,
    record TEXT NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS active_name ON jobs (project, location, name) WHERE active = 1;
  CREATE INDEX IF NOT EXISTS by_region ON jobs (project, location, seq);
  CREATE INDEX IF NOT EXISTS by_project ON jobs (project, seq);
  CREATE INDEX IF NOT EXISTS by_name ON jobs (project, location, name, seq);
  CREATE INDEX IF NOT EXISTS active_by_region ON jobs (project, location, seq) WHERE active = 1;
  CREATE INDEX IF NOT EXISTS active_by_project ON jobs (project, seq) WHERE active = 1;
  CREATE INDEX IF NOT EXISTS ended_by_region ON jobs (project, location, ended_at, seq) WHERE active = 0;
  CREATE INDEX IF NOT EXISTS ended_by_project ON jobs (project, ended_at, seq) WHERE active = 0;
  CREATE INDEX IF NOT EXISTS due ON jobs (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY, job_id TEXT NOT NULL, at INTEGER NOT NULL, importance TEXT NOT NULL, text TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS messages_of_job ON messages (job_id, seq);
  CREATE TABLE IF NOT EXISTS scaling (
    seq INTEGER PRIMARY KEY, job_id TEXT NOT NULL, at INTEGER NOT NULL, current INTEGER NOT NULL, target INTEGER NOT NULL,
    type TEXT NOT NULL, text TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS scaling_of_job ON scaling (job_id, seq);`;

/** Opens the store; without a path it lives in memory and ends with the process. `nextDue` tells when a scripted job moves next. */
export function openJobStore(path: string | undefined, nextDue: (record: JobRecord) => number | undefined): JobStore {
  const db = new DatabaseSync(path ?? ':memory:');
  db.exec(schema);
  const insertRow = db.prepare(
    `INSERT INTO jobs (id, project, location, name, active, ended_at, listed_from, due_at, record)
     VALUES (:id, :project, :location, :name, :active, :endedAt, :listedFrom, :dueAt, :record)
     ON CONFLICT DO NOTHING`,
  );
  const updateRow = db.prepare(
    'UPDATE jobs SET active = :active, ended_at = :endedAt, listed_from = :listedFrom, due_at = :dueAt, record = :record WHERE id = :id',
  );
  const queries = createJobQueries(db);

  const columns = (record: JobRecord) => ({
    id: record.id,
    active: isTerminal(record.state) ? 0 : 1,
    endedAt: record.endedAt ?? null,
    listedFrom: record.listedFrom ?? 0,
    dueAt: nextDue(record) ?? null,
    record: JSON.stringify(record),
  });
  const insert = (record: JobRecord): boolean => {
    const { projectId: project, location, name } = record;
    return insertRow.run({ ...columns(record), project, location, name }).changes === 1;
  };
  const write = (record: JobRecord): JobRecord => {
    updateRow.run(columns(record));
    return record;
  };
  const existing = (id: string): JobRecord => {
    const record = queries.get(id);
    if (record === undefined) throw new Error(`the job store holds no job ${id}`);
    return record;
  };
  const together = <T>(work: () => T): T => {
    db.exec('BEGIN');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    ...queries,
    insert,
    together,
    insertAll: (records) =>
      together(() => {
        for (const record of records) insert(record);
      }),
    patch: (id, change) => write({ ...existing(id), ...change }),
    move(id, state, at, change = {}) {
      const record = existing(id);
      if (!mayFollow(record.state, state)) return undefined;
      return write({ ...record, ...change, state, stateAt: at, ...(isTerminal(state) ? { endedAt: at } : {}) });
    },
    close: () => db.close(),
  };
}
