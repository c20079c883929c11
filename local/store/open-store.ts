// The one SQLite file of the local cloud: its tables, its indexes, and how it is opened.

import { DatabaseSync } from 'node:sqlite';

/** Raise it when a table changes; a file of another version is refused with what to do. */
const layoutVersion = 1;

/**
 * `versions` hands out the numbers that documents are compared by: one sequence for all, so that a document that expired and was made
 * again never shows a number it had before.
 */
const layout = `
  CREATE TABLE versions (last INTEGER NOT NULL) STRICT;
  INSERT INTO versions VALUES (0);

  CREATE TABLE executions (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, load TEXT NOT NULL,
    accepted_at INTEGER NOT NULL, next_check_at INTEGER, document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX executions_due ON executions (next_check_at, id) WHERE next_check_at IS NOT NULL;
  CREATE INDEX executions_newest ON executions (accepted_at, id);
  CREATE INDEX executions_by_status ON executions (status, accepted_at, id);
  CREATE INDEX executions_by_load ON executions (load, accepted_at, id);
  CREATE INDEX executions_by_both ON executions (status, load, accepted_at, id);

  CREATE TABLE documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, expires_at INTEGER, document TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX documents_expiring ON documents (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE recommendations (run_id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, ordering_key TEXT NOT NULL, published_at INTEGER NOT NULL,
    attributes TEXT NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE TABLE deliveries (
    subscription TEXT NOT NULL, message_id INTEGER NOT NULL REFERENCES messages (id), ordering_key TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
    PRIMARY KEY (subscription, message_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deliveries_due ON deliveries (subscription, due_at);
  CREATE INDEX deliveries_by_key ON deliveries (subscription, ordering_key, message_id);
  CREATE INDEX deliveries_by_message ON deliveries (message_id);
`;

/**
 * Opens the store at `path` (a file, or `:memory:`), making it when it is not there, and drops documents that expired before `now`.
 * Write-ahead log with synchronous NORMAL: a killed process loses nothing; a power cut may lose the last commits but never damages
 * the file (SQLite's documentation of PRAGMA synchronous). Throws when the file is of another layout.
 */
export function openStore(path: string, now: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    layOut(db, path);
    db.prepare('DELETE FROM documents WHERE expires_at < ?').run(now);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function layOut(db: DatabaseSync, path: string): void {
  const found = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (found === layoutVersion) return;
  const tables = Number(db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count);
  if (found !== 0 || tables !== 0) {
    throw new Error(
      `${path} has layout ${found}, this version needs ${layoutVersion}; move the file away to start a new ledger`,
    );
  }
  db.exec(`BEGIN IMMEDIATE; ${layout} PRAGMA user_version = ${layoutVersion}; COMMIT`);
}
