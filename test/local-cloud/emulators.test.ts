// Which emulators a local cloud uses is read from the environment, and what is wrong there is said before anything is started.

import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findEmulators } from '../../local/cloud/emulators.ts';
import { type Listening, listen } from '../../local/cloud/listen.ts';
import { UsageError } from '../../local/usage-error.ts';
import { runCommand, temporaryState } from '../support/command.ts';

let emulator: Listening;
let host: string;
beforeEach(async () => {
  emulator = await listen(
    createServer((_request, response) => response.end('Ok\n')),
    0,
    '',
  );
  host = new URL(emulator.url).host;
});
afterEach(() => emulator.close());

test('without the variables, or with empty ones, there are none, and the project is the local one', async () => {
  expect(await findEmulators({ GOOGLE_CLOUD_PROJECT: 'shop-prod' })).toEqual({ projectId: 'local' });
  expect(await findEmulators({ FIRESTORE_EMULATOR_HOST: '', PUBSUB_EMULATOR_HOST: '' })).toEqual({
    projectId: 'local',
  });
});

test('each variable names one, and the project is that of the environment', async () => {
  expect(await findEmulators({ FIRESTORE_EMULATOR_HOST: host })).toEqual({ firestore: host, projectId: 'local' });
  expect(await findEmulators({ PUBSUB_EMULATOR_HOST: host, GOOGLE_CLOUD_PROJECT: 'demo-shop' })).toEqual({
    pubsub: host,
    projectId: 'demo-shop',
  });
});

test('values that are no host:port are all named at once', async () => {
  const env = { FIRESTORE_EMULATOR_HOST: 'http://localhost:8080', PUBSUB_EMULATOR_HOST: 'localhost' };
  await expect(findEmulators(env)).rejects.toThrow(
    new UsageError(
      'environment variables: FIRESTORE_EMULATOR_HOST: must be host:port; PUBSUB_EMULATOR_HOST: must be host:port',
    ),
  );
});

test.each(['start', 'serve'] as const)(
  'npm %s where no emulator answers: exit code 2, and how to start it',
  async (name) => {
    await emulator.close();
    const state = temporaryState();
    const { code, stderr } = await runCommand(name, ['--state-dir', state.path], { PUBSUB_EMULATOR_HOST: host });
    state.remove();
    expect(stderr).toContain(
      `error: PUBSUB_EMULATOR_HOST is ${host}, but no emulator answers there; start it (gcloud beta emulators pubsub start --host-port=${host}), or unset it\n`,
    );
    expect(code).toBe(2);
  },
);
