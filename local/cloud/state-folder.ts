// The folder everything of a local cloud lies in, and the lock that keeps it to one local cloud at a time.

import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../usage-error.ts';

export type StateFolder = {
  readonly path: string;
  readonly ledgerFile: string;
  readonly jobsFile: string;
  readonly warehouseFile: string;
  readonly bucketsFolder: string;
  readonly logFile: string;
  /** Lets the next local cloud in. */
  release(): void;
};

/**
 * Makes the folder if it is missing and takes it. The lock is one that the system lets go of when the process ends, however it ends
 * (an open SQLite transaction). Throws a UsageError naming `--state-dir` when another process holds it.
 */
export function takeStateFolder(path: string): StateFolder {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
    // The account that root lends to PostgreSQL must get through to its data.
    chmodSync(folder, 0o755);
  } catch (cause) {
    throw new UsageError(`the state folder ${folder} cannot be made; \`--state-dir\` names another`, { cause });
  }
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new UsageError(
      `another local cloud runs on ${folder}; stop it, or give this one a folder of its own with \`--state-dir\``,
      { cause },
    );
  }
  return {
    path: folder,
    ledgerFile: join(folder, 'ledger.sqlite'),
    jobsFile: join(folder, 'jobs.sqlite'),
    // DuckDB names the catalogue after the file; with the hyphen no dataset can have that name too.
    warehouseFile: join(folder, 'local-warehouse.duckdb'),
    bucketsFolder: join(folder, 'buckets'),
    logFile: join(folder, 'engine.log'),
    release: () => lock.close(),
  };
}
