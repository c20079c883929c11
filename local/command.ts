// How a command of the local cloud ends: exit codes, one word about errors, and Ctrl-C that leaves nothing behind.

import { CommanderError } from '@commander-js/extra-typings';
import { EngineError } from '../shared/base/errors.ts';
import { scrub } from '../shared/base/log.ts';
import { UsageError } from './usage-error.ts';

/** 0 done · 1 what was asked for failed · 2 wrong usage or configuration · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/**
 * Runs a command to its end. `signal` is aborted by the first Ctrl-C (or SIGTERM, SIGHUP): the command then stops what it started and
 * returns. A second one a second later ends the process at once; PostgreSQL's supervisor notices and stops it.
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<ExitCode>): Promise<void> {
  // Without it Express shows error texts and stack traces to callers.
  process.env.NODE_ENV = 'production';
  // `npm start | head` closes the pipe early: what is left to say has no reader.
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  const interrupt = new AbortController();
  let interruptedAt: number | undefined;
  const onSignal = (): void => {
    // npm passes on the Ctrl-C that the terminal has sent to this process as well: the two arrive together.
    if (interruptedAt !== undefined && Date.now() - interruptedAt > 1000) process.exit(130);
    interruptedAt ??= Date.now();
    interrupt.abort(new Error('interrupted'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  watchParent(onSignal);
  try {
    process.exitCode = await command(interrupt.signal);
  } catch (error) {
    process.exitCode = interrupt.signal.aborted ? 130 : reportError(error);
  }
  // Everything that was started is stopped; what is still under way (a query on somebody's database) is not waited for.
  if (interrupt.signal.aborted) process.exit();
}

/**
 * A killed npm takes nobody with it: a change of the parent is taken for the signal. That npm is the parent, and that a signal sent to
 * it alone arrives here, is the doing of `exec` in package.json: the shell in between (dash) would hold a SIGINT back (npm 11).
 */
function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 250);
  timer.unref();
}

/** Says what went wrong on stderr and answers the exit code for it. */
export function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isExpected = error instanceof UsageError || error instanceof EngineError;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${scrub(text)}\n`);
  if (!isExpected && process.env.DEBUG !== undefined && error instanceof Error) {
    process.stderr.write(`${scrub(error.stack ?? '')}\n`);
  }
  return error instanceof UsageError || (error instanceof EngineError && error.code === 'CONFIG') ? 2 : 1;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
