// The folder everything of a local cloud lies in, and the lock that keeps it to one local cloud at a time.

import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
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

const names = {
  lock: 'lock.sqlite',
  ledger: 'ledger.sqlite',
  jobs: 'jobs.sqlite',
  // DuckDB names the catalogue after the file; with the hyphen no dataset can have that name too.
  warehouse: 'local-warehouse.duckdb',
  buckets: 'buckets',
  log: 'engine.log',
} as const;

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be written by this account (was it made as root?)',
  EPERM: 'may not be written by this account (was it made as root?)',
  EEXIST: 'is a file',
  ENOTDIR: 'is a file',
};

/** SQLite's result code of a file that somebody else has locked. */
const busy = 5;

/**
 * Makes the folder if it is missing and takes it. The lock is one that the system lets go of when the process ends, however it ends
 * (an open SQLite transaction). Throws a UsageError naming `--state-dir` when another process holds it, or another account owns it.
 */
export function takeStateFolder(path: string): StateFolder {
  const folder = resolve(path);
  try {
    // The account that root lends to PostgreSQL must get through to its data. A folder that was there keeps its mode.
    if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o755);
    for (const name of ['.', ...Object.values(names)]) mustBeWritable(join(folder, name));
  } catch (cause) {
    const { code, path: where = folder } = cause as NodeJS.ErrnoException;
    const why = reasons[code ?? ''] ?? (cause as Error).message;
    throw new UsageError(`the state folder ${folder} cannot be used: ${where} ${why}; \`--state-dir\` names another`, {
      cause,
    });
  }
  const lock = new DatabaseSync(join(folder, names.lock), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if ((cause as { errcode?: number }).errcode !== busy) throw cause;
    throw new UsageError(
      `another local cloud runs on ${folder}; stop it, or give this one a folder of its own with \`--state-dir\``,
      { cause },
    );
  }
  return {
    path: folder,
    ledgerFile: join(folder, names.ledger),
    jobsFile: join(folder, names.jobs),
    warehouseFile: join(folder, names.warehouse),
    bucketsFolder: join(folder, names.buckets),
    logFile: join(folder, names.log),
    release: () => lock.close(),
  };
}

function mustBeWritable(path: string): void {
  if (existsSync(path)) accessSync(path, constants.W_OK);
}
