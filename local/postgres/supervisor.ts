// A process of its own that keeps one PostgreSQL: when the process that started it ends, however it ends, PostgreSQL ends too.
// It runs in its own process group, so that Ctrl-C in a terminal reaches the local cloud first and PostgreSQL last.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { env } from 'node:process';

/** What the starter passes in the environment variable POSTGRES_SUPERVISED. */
export type Supervised = {
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
};

/** What the supervisor tells its starter. */
export type SupervisorMessage = { readonly kind: 'ready' } | { readonly kind: 'ended'; readonly lastWords: string };

/** How long a fast shutdown (SIGINT: open connections are cut) may take before an immediate one (SIGQUIT). */
const fastShutdownMs = 10_000;

if (env.POSTGRES_SUPERVISED !== undefined) supervise(JSON.parse(env.POSTGRES_SUPERVISED) as Supervised);

function supervise({ program, args, logFile, uid, gid }: Supervised): void {
  const account = uid === undefined || gid === undefined ? {} : { uid, gid };
  const server = spawn(program, args, {
    ...account,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  });
  const log = createWriteStream(logFile);
  let lastWords = '';
  let ready = false;
  server.stderr.on('data', (chunk: Buffer) => {
    log.write(chunk);
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2000);
    if (ready || !lastWords.includes('database system is ready to accept connections')) return;
    ready = true;
    tell({ kind: 'ready' });
  });
  server.once('error', (error) => leave(error.message));
  server.once('close', () => leave(lastWords));

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.kill('SIGINT');
    setTimeout(() => server.kill('SIGQUIT'), fastShutdownMs).unref();
  };
  process.once('disconnect', stop);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

function leave(lastWords: string): void {
  tell({ kind: 'ended', lastWords });
  process.exit(0);
}

function tell(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message);
}
