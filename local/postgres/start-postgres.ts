// Starts a real PostgreSQL on loopback for the local cloud and for tests, as root or not, and stops it without leaving a process.

import { execFile, fork } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';
import { UsageError } from '../usage-error.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { type PostgresAccount, postgresAccount } from './postgres-account.ts';
import { canEnter, sharedFolder } from './reachable-folder.ts';
import type { Supervised, SupervisorMessage } from './supervisor.ts';

export type LocalPostgres = {
  /** `postgres://streamnova:streamnova@127.0.0.1:PORT/postgres` */
  readonly url: string;
  readonly port: number;
  /** Where the data lies: `<folder>/postgres`, or a temporary folder when the account PostgreSQL runs as cannot enter `folder`. */
  readonly dataDir: string;
  /** Why `dataDir` is not under `folder`, for people. */
  readonly notice?: string;
  /** Resolves when the server process is gone. */
  stop(): Promise<void>;
};

/** Known to everybody on purpose: the server listens on 127.0.0.1 alone. The superuser owns the database `postgres`. */
const localCredentials = { user: 'streamnova', password: 'streamnova' } as const;

const run = promisify(execFile);
const supervisorFile = fileURLToPath(new URL('supervisor.ts', import.meta.url));

/**
 * A running PostgreSQL whose data lies under `folder` (made when missing, reused when there: the caller makes sure that nobody else uses
 * the folder). `port` 0 takes a free one. Throws a UsageError when the port is taken, and with the server's last words when it does not start.
 */
export async function startPostgres(options: { folder: string; port?: number }): Promise<LocalPostgres> {
  const account = postgresAccount();
  const binaries = postgresBinaries(account);
  const { parent, notice } = placeFor(resolve(options.folder), account);
  const dataDir = join(parent, 'postgres');
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise(binaries, account, dataDir);
  await stopOrphan(binaries, account, dataDir);
  const wanted = options.port ?? 0;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(wanted, '--postgres-port');
    const server = await supervised({
      program: binaries.postgres,
      args: ['-D', dataDir, '-p', String(port), ...serverFlags],
      logFile: `${dataDir}.log`,
      ...account,
    });
    if (typeof server !== 'string') {
      const url = `postgres://${localCredentials.user}:${localCredentials.password}@127.0.0.1:${port}/postgres`;
      return { url, port, dataDir, stop: server.stop, ...(notice === undefined ? {} : { notice }) };
    }
    const lostTheRace = wanted === 0 && attempt < 5 && server.includes('could not bind');
    if (!lostTheRace) throw new Error(`PostgreSQL did not start on ${dataDir}: ${advice(server)}`);
  }
}

/**
 * No crash safety beyond the process: a local source can be seeded again. TCP on loopback only, no Unix socket (its folder may be
 * closed to the account). 400 connections: shards are read one connection each.
 */
const serverFlags = [
  ['listen_addresses', '127.0.0.1'],
  ['unix_socket_directories', ''],
  ['max_connections', '400'],
  ['shared_buffers', '256MB'],
  ['fsync', 'off'],
  ['synchronous_commit', 'off'],
  ['full_page_writes', 'off'],
  ['wal_level', 'minimal'],
  ['max_wal_senders', '0'],
  ['max_wal_size', '4GB'],
  ['timezone', 'UTC'],
  ['log_timezone', 'UTC'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

function placeFor(folder: string, account: PostgresAccount): { parent: string; notice?: string } {
  mkdirSync(folder, { recursive: true });
  if (canEnter(folder, account)) return { parent: folder };
  const parent = sharedFolder(folder, account);
  const notice = `PostgreSQL does not run as root, and the account it runs as cannot enter ${folder}: its data is kept in ${parent}`;
  return { parent, notice };
}

const nameless =
  'PostgreSQL will not run under an account without a name (its id has no entry in /etc/passwd, as in some containers); start as a named one, or as root';

/** Into a folder beside it and renamed when complete: a crash half-way leaves nothing that looks like a database. */
async function initialise(binaries: PostgresBinaries, account: PostgresAccount, dataDir: string): Promise<void> {
  const half = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  writeFileSync(passwordFile, localCredentials.password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [half, passwordFile]) chownSync(path, account.uid, account.gid);
  }
  try {
    await run(
      binaries.initdb,
      [
        ...['-D', half, '--encoding=UTF8', '--no-locale', '--no-sync', '--auth=scram-sha-256'],
        ...[`--username=${localCredentials.user}`, `--pwfile=${passwordFile}`],
      ],
      { ...account, cwd: '/' },
    );
  } catch (error) {
    throw (error as { stderr?: string }).stderr?.includes('could not look up effective user ID')
      ? new UsageError(`${nameless}, or give --source-url postgres://…`, { cause: error })
      : error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(half, dataDir);
}

/** A server that outlived a killed supervisor would hold the data folder; pg_ctl checks that the recorded process is a server. */
async function stopOrphan(binaries: PostgresBinaries, account: PostgresAccount, dataDir: string): Promise<void> {
  if (!existsSync(join(dataDir, 'postmaster.pid'))) return;
  // Fails when no such process runs any more; the server then clears the stale file itself.
  await run(binaries.pgCtl, ['stop', '-D', dataDir, '-m', 'fast', '-w'], { ...account, cwd: '/' }).catch(() => {});
}

/** The running server, or its last words when it ended before it was ready. */
function supervised(server: Supervised): Promise<{ stop(): Promise<void> } | string> {
  const child = fork(supervisorFile, {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, POSTGRES_SUPERVISED: JSON.stringify(server) },
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
  };
  return new Promise((settle) => {
    child.on('message', (message: SupervisorMessage) =>
      settle(message.kind === 'ready' ? { stop } : message.lastWords),
    );
    child.once('error', (error) => settle(error.message));
    child.once('exit', () => settle('its supervisor ended'));
  });
}

function advice(lastWords: string): string {
  const reset = 'remove that folder to start with a fresh one';
  return /incompatible|initialized by PostgreSQL/.test(lastWords) ? `${lastWords.trim()}; ${reset}` : lastWords.trim();
}
