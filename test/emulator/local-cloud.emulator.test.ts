// The local cloud where Google's emulators take the place of its store, of its broker, or of both: the commands as a person runs them.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { processesNaming, type RunningCommand, runCommand, startCommand, temporaryState } from '../support/command.ts';
import { hasEmulators } from '../support/functions-on-emulators.ts';
import { pubsubRest } from '../support/pubsub-rest.ts';

type Places = {
  readonly api: string;
  readonly pubsub: string;
  readonly project: string;
  readonly store: string;
  readonly broker: string;
};
type View = { readonly executionId: string; readonly runId: string; readonly status: string };

describe.runIf(hasEmulators)("the local cloud on Google's emulators", () => {
  const firestore = { FIRESTORE_EMULATOR_HOST: inject('firestoreEmulator') ?? '' };
  const pubsub = { PUBSUB_EMULATOR_HOST: inject('pubsubEmulator') ?? '' };
  const freePorts = ['--api-port', '--pubsub-port', '--dataflow-port', '--postgres-port'].flatMap((flag) => [
    flag,
    '0',
  ]);
  let state: ReturnType<typeof temporaryState>;
  let project: string;
  let serving: RunningCommand | undefined;
  beforeEach(() => {
    state = temporaryState();
    project = `demo-${randomUUID().slice(0, 8)}`;
  });
  afterEach(async () => {
    await stop();
    expect(processesNaming(state.path)).toEqual([]);
    state.remove();
  });

  async function serve(env: Readonly<Record<string, string>>): Promise<Places> {
    const args = ['--state-dir', state.path, '--rows', '500', ...freePorts];
    serving = startCommand('serve', args, { GOOGLE_CLOUD_PROJECT: project, ...env });
    return JSON.parse(await serving.until('stdout', /\n/)) as Places;
  }
  async function stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    serving?.child.kill(signal);
    await serving?.finished;
    serving = undefined;
  }
  async function executions(api: string): Promise<readonly View[]> {
    const response = await fetch(`${api}/api/agent/executions`);
    return ((await response.json()) as { executions: View[] }).executions;
  }
  const ended = (api: string, count: number) =>
    expect
      .poll(async () => (await executions(api)).filter(({ status }) => status === 'SUCCEEDED').length, {
        timeout: 30_000,
      })
      .toBe(count);
  async function execute(api: string): Promise<View> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${api}/api/agent/execute`, { method: 'POST', headers, body: '{"load":"orders"}' });
    return (await response.json()) as View;
  }
  /** The fields of a document as the emulator itself has it. */
  async function stored(path: string): Promise<Record<string, unknown> | undefined> {
    const documents = `v1/projects/${project}/databases/(default)/documents`;
    const response = await fetch(`http://${firestore.FIRESTORE_EMULATOR_HOST}/${documents}/${path}`);
    return ((await response.json()) as { fields?: Record<string, unknown> }).fields;
  }
  const sqliteExists = () => existsSync(join(state.path, 'ledger.sqlite'));

  test('npm start runs a load from an event of the one to a ledger in the other', async () => {
    const env = { ...firestore, ...pubsub, GOOGLE_CLOUD_PROJECT: project };
    const { code, stdout, stderr } = await runCommand(
      'start',
      ['--state-dir', state.path, '--rows', '2000', '--json'],
      env,
    );
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const outcome = JSON.parse(stdout) as { executionId: string; runId: string };
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', rowsSource: 2000, rowsLoaded: 2000, checksumEqual: true });
    expect(stderr).toContain(
      `ledger: Firestore emulator at ${firestore.FIRESTORE_EMULATOR_HOST}, broker: Pub/Sub emulator at ${pubsub.PUBSUB_EMULATOR_HOST} (project ${project})`,
    );
    expect(await stored(`executions/${outcome.executionId}`)).toMatchObject({ status: { stringValue: 'SUCCEEDED' } });
    expect(await stored(`recommendations/${outcome.runId}`)).toBeDefined();
    const rest = pubsubRest(pubsub.PUBSUB_EMULATOR_HOST, project);
    const [told] = await rest.pull('executions', 10);
    expect(told?.message).toMatchObject({
      orderingKey: outcome.executionId,
      attributes: { 'ce-id': expect.any(String) },
    });
    expect(sqliteExists()).toBe(false);
  });

  test('serve says what is in use, takes events, and finds its ledger and its messages after a restart', async () => {
    const places = await serve({ ...firestore, ...pubsub });
    expect(places).toMatchObject({
      pubsub: `http://${pubsub.PUBSUB_EMULATOR_HOST}`,
      project,
      store: `Firestore emulator at ${firestore.FIRESTORE_EMULATOR_HOST}`,
      broker: `Pub/Sub emulator at ${pubsub.PUBSUB_EMULATOR_HOST}`,
    });
    const { executionId } = await execute(places.api);
    await ended(places.api, 1);
    await stop();

    const rest = pubsubRest(pubsub.PUBSUB_EMULATOR_HOST, project);
    await rest.publish('recommendations', [{ data: { runId: 5, mdoe: 'x' } }]);
    const { api } = await serve({ ...firestore, ...pubsub });
    expect((await executions(api)).map((each) => each.executionId)).toContain(executionId);
    await expect
      .poll(async () => (await executions(api)).map(({ status }) => status).sort(), { timeout: 30_000 })
      .toEqual(['REJECTED', 'SUCCEEDED']);
  });

  test('a killed one leaves its push endpoint behind, which the next one takes over', async () => {
    await serve({ ...firestore, ...pubsub });
    await stop('SIGKILL');
    await expect.poll(() => processesNaming(state.path), { timeout: 15_000 }).toEqual([]);
    const { api } = await serve({ ...firestore, ...pubsub });
    await pubsubRest(pubsub.PUBSUB_EMULATOR_HOST, project).publish('recommendations', [{ data: 'no event' }]);
    await expect
      .poll(async () => (await executions(api)).map(({ status }) => status), { timeout: 30_000 })
      .toEqual(['REJECTED']);
  });

  test('only the Firestore emulator: the broker stays its own', async () => {
    const { api, store, broker, pubsub: url } = await serve(firestore);
    expect({ store, broker }).toEqual({
      store: `Firestore emulator at ${firestore.FIRESTORE_EMULATOR_HOST}`,
      broker: 'built in',
    });
    await pubsubRest(new URL(url).host, project).publish('recommendations', [{ data: 'no event' }]);
    await execute(api);
    await ended(api, 1);
    await expect.poll(async () => (await executions(api)).length, { timeout: 30_000 }).toBe(2);
  });

  test('only the Pub/Sub emulator: the ledger stays in SQLite', async () => {
    const { api, store, broker } = await serve(pubsub);
    expect({ store, broker }).toEqual({
      store: 'SQLite',
      broker: `Pub/Sub emulator at ${pubsub.PUBSUB_EMULATOR_HOST}`,
    });
    await pubsubRest(pubsub.PUBSUB_EMULATOR_HOST, project).publish('recommendations', [{ data: 'no event' }]);
    await expect
      .poll(async () => (await executions(api)).map(({ status }) => status), { timeout: 30_000 })
      .toEqual(['REJECTED']);
    expect(sqliteExists()).toBe(true);
  });

  test('a second local cloud on the same events is refused with what to do', async () => {
    await serve(pubsub);
    const other = temporaryState();
    const args = ['--state-dir', other.path, '--rows', '10', ...freePorts];
    const { code, stderr } = await runCommand('serve', args, { ...pubsub, GOOGLE_CLOUD_PROJECT: project });
    expect(stderr).toMatch(/another local cloud takes the events of the Pub\/Sub emulator.*GOOGLE_CLOUD_PROJECT/);
    expect(code).toBe(2);
    other.remove();
  });
});
