// Finds folders another account can enter: a clone under /root or a mkdtemp folder is closed to the account PostgreSQL runs as.

import { hash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PostgresAccount } from './postgres-account.ts';

/** True when every folder on the way to `path`, and `path` itself, lets the account in. `path` must exist. */
export function canEnter(path: string, account: PostgresAccount): boolean {
  if (account.uid === undefined) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bits = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode;
    if ((bits & 1) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * A folder of ours in the machine's temporary space that the account can enter, the same one for the same `purpose` on every start.
 * Throws when somebody else owns that name: what lies there would be run with the account's rights.
 */
export function sharedFolder(purpose: string, account: PostgresAccount): string {
  const base = [tmpdir(), '/var/tmp', '/tmp'].find((folder) => exists(folder) && canEnter(folder, account));
  if (base === undefined) throw new Error(`no temporary folder is open to user id ${account.uid}; set TMPDIR to one`);
  const folder = join(base, `streamnova-${hash('sha256', purpose).slice(0, 16)}`);
  mkdirSync(folder, { recursive: true });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to somebody else; remove it or set TMPDIR to another folder`);
  }
  chmodSync(folder, 0o755);
  return folder;
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
