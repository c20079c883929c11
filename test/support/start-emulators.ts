// Starts Google's Firestore and Pub/Sub emulators for the suites that need them; without gcloud or Java it skips aloud, or fails where they are required.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../local/free-port.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    firestoreEmulator: string | undefined;
    pubsubEmulator: string | undefined;
  }
}

/** vitest's global setup: provides `firestoreEmulator` and `pubsubEmulator` as host:port, or undefined with the reason printed. */
export default async function startEmulators(project: TestProject): Promise<() => Promise<void>> {
  const missing = ['gcloud', 'java'].filter((command) => spawnSync(command, ['--version']).error !== undefined);
  if (missing.length > 0) {
    const reason = `Google's emulators need ${missing.join(' and ')}, not installed here`;
    if (process.env.REQUIRE_EMULATORS === '1') throw new Error(`${reason}, but REQUIRE_EMULATORS=1`);
    console.log(`SKIPPED: ${reason}`);
    project.provide('firestoreEmulator', undefined);
    project.provide('pubsubEmulator', undefined);
    return async () => {};
  }
  const firestore = await startEmulator(['emulators', 'firestore', 'start'], /Dev App Server is now running/);
  const pubsub = await startEmulator(['beta', 'emulators', 'pubsub', 'start'], /Server started, listening on/);
  project.provide('firestoreEmulator', firestore.address);
  project.provide('pubsubEmulator', pubsub.address);
  return async () => {
    await Promise.all([firestore.stop(), pubsub.stop()]);
  };
}

/** One emulator as its own process group; `stop` ends the Java process that gcloud leaves behind. */
export async function startEmulator(
  command: readonly string[],
  ready: RegExp,
  port?: number,
): Promise<{ readonly address: string; stop(signal?: NodeJS.Signals): Promise<void> }> {
  const address = `127.0.0.1:${port ?? (await freePort(0, '--host-port'))}`;
  const child = spawn('gcloud', [...command, `--host-port=${address}`, '--project=test'], {
    detached: true,
    stdio: 'pipe',
  });
  await untilOutput(child, ready, 90_000);
  return {
    address,
    async stop(signal = 'SIGTERM') {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.pid !== undefined && child.exitCode === null) {
        process.kill(-child.pid, signal);
        await ended;
      }
    },
  };
}

function untilOutput(child: ChildProcess, ready: RegExp, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(
      () => reject(new Error(`the emulator did not start within ${timeoutMs} ms:\n${output}`)),
      timeoutMs,
    );
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (ready.test(output)) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`the emulator ended with ${code}:\n${output}`)));
  });
}
