// Reads jobs, messages and autoscaling events from the job store; each page is one range of one index.

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { JobRecord } from './job-record.ts';

/** Where a page begins: the section it is in and the last row before it. */
export type ListCursor = {
  readonly section: 'all' | 'active' | 'ended';
  readonly endedAt: number;
  readonly seq: number;
};

export type ListScope = {
  readonly projectId: string;
  /** Undefined: every region of the project. */
  readonly location?: string;
  readonly name?: string;
};

export type ListedJob = { readonly record: JobRecord; readonly cursor: ListCursor };

export type Importance =
  | 'JOB_MESSAGE_DEBUG'
  | 'JOB_MESSAGE_DETAILED'
  | 'JOB_MESSAGE_BASIC'
  | 'JOB_MESSAGE_WARNING'
  | 'JOB_MESSAGE_ERROR';

export type StoredMessage = {
  readonly seq: number;
  readonly at: number;
  readonly importance: Importance;
  readonly text: string;
};

export type StoredScaling = {
  readonly at: number;
  readonly current: number;
  readonly target: number;
  readonly type: 'TARGET_NUM_WORKERS_CHANGED' | 'CURRENT_NUM_WORKERS_CHANGED' | 'ACTUATION_FAILURE' | 'NO_CHANGE';
  readonly text: string;
};

export type JobQueries = {
  get(id: string): JobRecord | undefined;
  all(): JobRecord[];
  activeNamed(projectId: string, location: string, name: string): JobRecord | undefined;
  /** Up to `limit` jobs of one section after the cursor: newest first, the ended ones by their end. */
  list(
    scope: ListScope,
    section: ListCursor['section'],
    after: ListCursor | undefined,
    now: number,
    limit: number,
  ): ListedJob[];
  /** Scripted jobs whose next state is due. */
  due(now: number): JobRecord[];
  addMessage(jobId: string, at: number, importance: Importance, text: string): void;
  messages(
    jobId: string,
    importances: readonly Importance[],
    from: number,
    to: number,
    afterSeq: number,
    limit: number,
  ): StoredMessage[];
  addScaling(jobId: string, event: StoredScaling): void;
  scaling(jobId: string, from: number, to: number): StoredScaling[];
};

/** The read side of the store over an open database that has the store's tables. */
export function createJobQueries(db: DatabaseSync): JobQueries {
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  const rows = (sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Record<string, unknown>[];
  const records = (sql: string, ...values: SQLInputValue[]) => rows(sql, ...values).map((row) => recordOf(row.record));

  return {
    get: (id) => records('SELECT record FROM jobs WHERE id = ?', id)[0],
    all: () => records('SELECT record FROM jobs ORDER BY seq'),
    activeNamed: (projectId, location, name) =>
      records(
        'SELECT record FROM jobs WHERE project = ? AND location = ? AND name = ? AND active = 1',
        projectId,
        location,
        name,
      )[0],
    list(scope, section, after, now, limit) {
      const where = ['project = ?', 'listed_from <= ?'];
      const values: SQLInputValue[] = [scope.projectId, now];
      const also = (condition: string, ...more: SQLInputValue[]) => {
        where.push(condition);
        values.push(...more);
      };
      if (scope.location !== undefined) also('location = ?', scope.location);
      if (scope.name !== undefined) also('name = ?', scope.name);
      if (section === 'active') where.push('active = 1');
      if (section === 'ended') where.push('active = 0');
      if (after !== undefined) {
        if (section === 'ended') also('(ended_at, seq) < (?, ?)', after.endedAt, after.seq);
        else also('seq < ?', after.seq);
      }
      const order = section === 'ended' ? 'ended_at DESC, seq DESC' : 'seq DESC';
      const sql = `SELECT seq, ended_at, record FROM jobs WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`;
      return rows(sql, ...values, limit).map((row) => ({
        record: recordOf(row.record),
        cursor: { section, endedAt: Number(row.ended_at ?? 0), seq: Number(row.seq) },
      }));
    },
    due: (now) => records('SELECT record FROM jobs WHERE due_at <= ? ORDER BY due_at', now),
    addMessage: (jobId, at, importance, text) => {
      statement('INSERT INTO messages (job_id, at, importance, text) VALUES (?, ?, ?, ?)').run(
        jobId,
        at,
        importance,
        text,
      );
    },
    messages: (jobId, importances, from, to, afterSeq, limit) =>
      rows(
        `SELECT seq, at, importance, text FROM messages WHERE job_id = ? AND seq > ? AND at >= ? AND at < ?
         AND importance IN (${importances.map(() => '?').join(', ')}) ORDER BY seq LIMIT ?`,
        jobId,
        afterSeq,
        from,
        to,
        ...importances,
        limit,
      ) as unknown as StoredMessage[],
    addScaling: (jobId, event) => {
      statement('INSERT INTO scaling (job_id, at, current, target, type, text) VALUES (?, ?, ?, ?, ?, ?)').run(
        jobId,
        event.at,
        event.current,
        event.target,
        event.type,
        event.text,
      );
    },
    scaling: (jobId, from, to) =>
      rows(
        'SELECT at, current, target, type, text FROM scaling WHERE job_id = ? AND at >= ? AND at < ? ORDER BY seq',
        jobId,
        from,
        to,
      ) as unknown as StoredScaling[],
  };
}

function recordOf(json: unknown): JobRecord {
  return JSON.parse(String(json)) as JobRecord;
}
