// Runs the commands of the local cloud as a person would: as processes, in folders of their own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inheritedEnvironment } from './inherited-environment.ts';

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type RunningCommand = {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves to the output of that stream as soon as it matches; rejects when the process ends before. */
  until(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string>;
};

const root = join(import.meta.dirname, '../..');

type Environment = Readonly<Record<string, string>>;

/** Starts `node local/NAME.ts …args`; `env` is all it finds in its environment beside what every process needs. */
export function startCommand(
  name: 'start' | 'serve' | 'executions',
  args: readonly string[],
  env: Environment = {},
): RunningCommand {
  const child = spawn(process.execPath, [join(root, 'local', `${name}.ts`), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inheritedEnvironment(), NO_COLOR: '1', ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
    });
  }
  const finished = once(child, 'close').then(([code]) => ({ code, ...output }) as Finished);
  return {
    child,
    finished,
    until: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(output[stream])) resolve(output[stream]);
        };
        child[stream].on('data', look);
        child.once('close', () => reject(new Error(`ended before ${pattern}: ${output.stdout}${output.stderr}`)));
        look();
      }),
  };
}

/** Runs it to its end. */
export const runCommand = (
  name: 'start' | 'serve' | 'executions',
  args: readonly string[],
  env: Environment = {},
): Promise<Finished> => startCommand(name, args, env).finished;

/** A state folder that the account root lends to PostgreSQL can enter; `remove` when nothing runs on it any more. */
export function temporaryState(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'local-cloud-'));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Command lines of the processes that name `text`: what a command on that folder has left behind. Linux only; elsewhere empty. */
export function processesNaming(text: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(text));
}
