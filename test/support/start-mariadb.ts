// One MariaDB or MySQL for a test file: the one MYSQL_URL names, or a temporary server where one is installed. npm has none.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../local/free-port.ts';

export type TestMariadb = {
  /** `mysql://user:password@host:port/` of a user who may do everything. */
  readonly url: string;
  stop(): Promise<void>;
};

const given = process.env.MYSQL_URL;
const run = promisify(execFile);
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/mysql/bin'];

/** The path of a program; undefined where it is not installed. */
function program(...names: string[]): string | undefined {
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

const server = program('mariadbd', 'mysqld');

/** True where `startMariadb` can; else says on stderr what is skipped, and why. For `describe.skipIf(!mariadbFor(…))`. */
export function mariadbFor(suite: string): boolean {
  if (given !== undefined || server !== undefined) return true;
  process.stderr.write(
    `SKIPPED here: ${suite} (npm has no MySQL server; install mariadbd or mysqld, or name one by MYSQL_URL=mysql://user:password@host:3306/)\n`,
  );
  return false;
}

/** The server of MYSQL_URL, or a fresh one on 127.0.0.1 (1 to 4 s), which ends with this process at the latest. */
export async function startMariadb(): Promise<TestMariadb> {
  if (given !== undefined) return { url: given, stop: async () => {} };
  if (server === undefined) throw new Error('no MySQL server is installed; mariadbFor() tells');
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-mariadb-'));
  try {
    await initialise(server, folder);
    for (let attempt = 1; ; attempt++) {
      const port = await freePort(0, '');
      const child = await started(server, folder, port);
      if (typeof child !== 'string') {
        return { url: `mysql://tester:streamnova@127.0.0.1:${port}/`, stop: () => stopped(child, folder) };
      }
      if (attempt === 5 || !/Can't start server|already in use/.test(child)) throw new Error(`${server}: ${child}`);
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Where the server's own files are: beside its binary, wherever that was unpacked. */
const baseOf = (binary: string): string => `--basedir=${dirname(dirname(binary))}`;

/** Root must say so, or the server refuses to run. */
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

async function initialise(binary: string, folder: string): Promise<void> {
  const data = `--datadir=${join(folder, 'data')}`;
  const small = '--innodb-log-file-size=16M';
  const install = program('mariadb-install-db', 'mysql_install_db');
  const { stdout } = await run(binary, ['--no-defaults', '--version']);
  if (!/mariadb/i.test(stdout) || install === undefined) {
    await run(binary, ['--no-defaults', baseOf(binary), '--initialize-insecure', data, ...asRoot]);
    return;
  }
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve', small];
  await run(install, ['--no-defaults', baseOf(binary), data, ...options, ...asRoot], { cwd: dirname(binary) });
}

/** The first statements of the server: a user who may come from anywhere. */
const firstStatements =
  "CREATE USER tester@'%' IDENTIFIED BY 'streamnova';\nGRANT ALL PRIVILEGES ON *.* TO tester@'%' WITH GRANT OPTION;\n";

/**
 * The running server, or its last words when it ended before it was ready. A shell stands between: when this process goes, however it does,
 * the shell's input ends, and it ends the server and removes its files.
 */
function started(binary: string, folder: string, port: number): Promise<ChildProcess | string> {
  const init = join(folder, 'init.sql');
  writeFileSync(init, firstStatements);
  const script =
    'exec 3<&0; "$@" 3<&- & server=$!; exec 2>/dev/null; { cat <&3 >/dev/null; kill -9 $server; } & wait $server; kill $!; rm -rf "$0"';
  const child = spawn('/bin/sh', ['-c', script, folder, binary, ...serverFlags(binary, folder, port), ...asRoot], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  return new Promise((resolve) => {
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + String(chunk)).slice(-4000);
      if (/ready for connections/.test(words)) resolve(child);
    });
    child.once('exit', () => resolve(words));
  });
}

/** TCP on loopback alone; no crash safety, the data is thrown away. `loose`: what only one of the two servers knows. */
function serverFlags(binary: string, folder: string, port: number): string[] {
  return [
    '--no-defaults',
    baseOf(binary),
    `--datadir=${join(folder, 'data')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--init-file=${join(folder, 'init.sql')}`,
    '--skip-log-bin',
    '--max-connections=200',
    '--innodb-buffer-pool-size=64M',
    '--innodb-flush-log-at-trx-commit=0',
    '--loose-mysqlx=0',
    '--loose-innodb-log-file-size=16M',
  ];
}

async function stopped(child: ChildProcess, folder: string): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null) {
    child.stdin?.end();
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}
