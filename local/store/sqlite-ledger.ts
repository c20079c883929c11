// The Ledger port on SQLite: one row per execution, compare-and-set on an integer version, both queries through indexes.

import type { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../shared/base/errors.ts';
import { pageTokenOf, parsePageToken } from '../../shared/base/page-token.ts';
import type { ExecutionPage, Ledger, Versioned } from '../../shared/engine/ports.ts';
import { type Execution, executionSchema } from '../../shared/schema/execution.ts';
import { nextVersion } from './next-version.ts';
import { parseDocument } from './parse-document.ts';
import { isDuplicate, stored } from './sqlite-errors.ts';

type Row = { readonly id: string; readonly version: number; readonly document: string };
/** `sort`: the value the page is ordered by, from its own column: a damaged document cannot tell it. */
type SortedRow = Row & { readonly sort: number };

/** The ledger in a database opened by `openStore`. Several may share a file, from several processes. */
export function sqliteLedger(db: DatabaseSync): Ledger {
  const insert = db.prepare('INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?)');
  const select = db.prepare('SELECT id, version, document FROM executions WHERE id = ?');
  const update = db.prepare(
    `UPDATE executions SET version = ?, status = ?, load = ?, accepted_at = ?, next_check_at = ?, document = ?
     WHERE id = ? AND version = ?`,
  );
  const due = db.prepare(
    `SELECT id, version, document, next_check_at AS sort FROM executions
     WHERE next_check_at <= ? AND (next_check_at, id) > (?, ?) ORDER BY next_check_at, id LIMIT ?`,
  );

  return {
    create: (execution) =>
      stored(`create of executions/${execution.executionId}`, () => {
        const version = nextVersion(db);
        try {
          insert.run(execution.executionId, version, ...fieldsOf(execution));
          return { kind: 'created', version: String(version) };
        } catch (error) {
          if (isDuplicate(error)) return { kind: 'exists' };
          throw error;
        }
      }),
    read: (executionId) =>
      stored(`read of executions/${executionId}`, () => {
        const row = select.get(executionId) as Row | undefined;
        return row === undefined ? undefined : parse(row);
      }),
    replace: (execution, version) =>
      stored(`replace of executions/${execution.executionId}`, () => {
        const next = nextVersion(db);
        const { changes } = update.run(next, ...fieldsOf(execution), execution.executionId, Number(version));
        return changes === 1 ? { kind: 'applied', version: String(next) } : { kind: 'conflict' };
      }),
    due: ({ now, pageSize, pageToken }) =>
      stored('query of executions', () => {
        const [after, id] = pageToken === undefined ? [-1, ''] : parsePageToken(pageToken);
        return page(due.all(now, after, id, pageSize) as SortedRow[], pageSize);
      }),
    list: (query) =>
      stored('query of executions', () => {
        const { sql, values } = listQuery(query);
        return page(db.prepare(sql).all(...values) as SortedRow[], query.pageSize);
      }),
  };
}

/** The statement of `list` and its values; every combination of filters has its index, so no sorting takes place. */
export function listQuery(query: Parameters<Ledger['list']>[0]): { sql: string; values: (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  for (const column of ['status', 'load'] as const) {
    const wanted = query[column];
    if (wanted === undefined) continue;
    conditions.push(`${column} = ?`);
    values.push(wanted);
  }
  if (query.pageToken !== undefined) {
    conditions.push('(accepted_at, id) < (?, ?)');
    values.push(...parsePageToken(query.pageToken));
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `SELECT id, version, document, accepted_at AS sort FROM executions ${where} ORDER BY accepted_at DESC, id DESC LIMIT ?`;
  return { sql, values: [...values, query.pageSize] };
}

function fieldsOf(execution: Execution): [string, string, number, number | null, string] {
  const { status, load, acceptedAt, nextCheckAt } = execution;
  return [status, load, acceptedAt, nextCheckAt, JSON.stringify(execution)];
}

function page(rows: readonly SortedRow[], pageSize: number): ExecutionPage {
  const executions: Versioned<Execution>[] = [];
  const damaged: EngineError[] = [];
  for (const row of rows) {
    try {
      executions.push(parse(row));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      damaged.push(error);
    }
  }
  const last = rows.at(-1);
  return {
    executions,
    ...(last === undefined || rows.length < pageSize ? {} : { nextPageToken: pageTokenOf([last.sort, last.id]) }),
    ...(damaged.length === 0 ? {} : { damaged }),
  };
}

function parse(row: Row): Versioned<Execution> {
  return {
    value: parseDocument(`executions/${row.id}`, executionSchema, row.document),
    version: String(row.version),
  };
}
