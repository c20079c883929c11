// One built function as a real process under the functions framework, as Cloud Run would start an instance of it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from './inherited-environment.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const framework = `${root}node_modules/@google-cloud/functions-framework/build/src/main.js`;

export type FunctionTarget = 'onRecommendation' | 'execute' | 'pollJobs';

export type FunctionProcess = {
  readonly target: FunctionTarget;
  readonly url: string;
  readonly pid: number;
  /** When it began to listen, by performance.now(). */
  readonly since: number;
  /** Sends the signal; answers once the process has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Settles when the process has ended, whoever ended it. */
  readonly ended: Promise<void>;
};

/**
 * Starts one out of `source` (see built-functions.ts) and answers when it takes connections. `output`: a file descriptor for its log.
 * Rejects when the process ends before.
 */
export async function startFunctionProcess(options: {
  readonly source: string;
  readonly target: FunctionTarget;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly output?: number | 'ignore' | 'inherit';
}): Promise<FunctionProcess> {
  const { source, target, port, env, output = 'inherit' } = options;
  const child = spawn(process.execPath, [framework, `--source=${source}`, `--target=${target}`, `--port=${port}`], {
    env: { ...inheritedEnvironment(), NODE_ENV: 'production', METADATA_SERVER_DETECTION: 'none', ...env },
    stdio: ['ignore', output, output],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilListening(child, target, port);
  return {
    target,
    url: `http://127.0.0.1:${port}/`,
    pid: child.pid ?? 0,
    since: performance.now(),
    ended,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

async function untilListening(child: ChildProcess, target: string, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`function ${target} ended with ${child.exitCode ?? child.signalCode} before it listened`);
    }
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // Not yet: asked again. There is no event of another process to wait for.
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
