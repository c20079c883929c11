// `npm run serve` as a process: ready in one line, reachable, the same after a restart, and gone after Ctrl-C.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { processesNaming, type RunningCommand, runCommand, startCommand, temporaryState } from '../support/command.ts';

type Places = {
  readonly ready: boolean;
  readonly api: string;
  readonly pubsub: string;
  readonly dataflow: string;
  readonly postgres: string;
};

const freePorts = ['--api-port', '--pubsub-port', '--dataflow-port', '--postgres-port'].flatMap((flag) => [flag, '0']);
let state: ReturnType<typeof temporaryState>;
let serving: RunningCommand | undefined;

beforeAll(() => {
  state = temporaryState();
});
afterEach(async () => {
  serving?.child.kill('SIGINT');
  await serving?.finished;
  serving = undefined;
});
afterAll(() => state.remove());

async function serve(): Promise<Places> {
  serving = startCommand('serve', ['--state-dir', state.path, '--rows', '500', ...freePorts]);
  return JSON.parse(await serving.until('stdout', /\n/)) as Places;
}

async function stop(): Promise<{ code: number | null; stdout: string; stderr: string }> {
  serving?.child.kill('SIGINT');
  const finished = await serving?.finished;
  serving = undefined;
  if (finished === undefined) throw new Error('nothing is served');
  return finished;
}

type View = {
  readonly executionId: string;
  readonly status: string;
  readonly violations?: readonly { message: string }[];
};
async function call<T>(url: string, body?: unknown): Promise<T> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, body === undefined ? {} : init);
  return (await response.json()) as T;
}
const executions = (api: string): Promise<readonly View[]> =>
  call<{ executions: View[] }>(`${api}/api/agent/executions`).then((page) => page.executions);

test('it says in one JSON line where it listens, runs what is asked over HTTP, and tells the outcome', async () => {
  const { api, pubsub, ready, dataflow, postgres } = await serve();
  expect({ ready, dataflow, postgres }).toEqual({
    ready: true,
    dataflow: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    postgres: expect.stringMatching(/^postgres:\/\/.+@127\.0\.0\.1:\d+\/postgres$/),
  });
  const { executionId } = await call<View>(`${api}/api/agent/execute`, { load: 'orders' });
  await expect
    .poll(() => call<View>(`${api}/api/agent/executions/${executionId}`), { timeout: 30_000, interval: 200 })
    .toMatchObject({ status: 'SUCCEEDED', metrics: { rowsWritten: 500 } });
  const pull = () =>
    call<{ receivedMessages?: { message: { data: string } }[] }>(
      `${pubsub}/v1/projects/local/subscriptions/executions:pull`,
      { maxMessages: 10 },
    );
  let received: Awaited<ReturnType<typeof pull>> = {};
  await expect
    .poll(
      async () => {
        received = await pull();
        return received.receivedMessages?.length;
      },
      { timeout: 30_000, interval: 200 },
    )
    .toBe(1);
  const data = received.receivedMessages?.[0]?.message.data ?? '';
  expect(JSON.parse(Buffer.from(data, 'base64').toString('utf8'))).toMatchObject({ executionId, status: 'SUCCEEDED' });
  const { code, stdout } = await stop();
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(processesNaming(state.path)).toEqual([]);
});

test('a restart finds the ledger as it was', async () => {
  // What a tick may still add between two looks (the outcome told, the cost settled) is left out.
  const lasting = async (api: string) =>
    (await executions(api)).map(({ executionId, status }) => ({ executionId, status }));
  const before = await lasting((await serve()).api);
  expect(before.length).toBeGreaterThan(0);
  await stop();
  expect(await lasting((await serve()).api)).toEqual(before);
});

test('an unreadable message is recorded as REJECTED with its reason', async () => {
  const { api, pubsub } = await serve();
  const data = Buffer.from('{"runId": 5, "mdoe": "x"}').toString('base64');
  await call(`${pubsub}/v1/projects/local/topics/recommendations:publish`, { messages: [{ data }] });
  const rejected = async () => (await executions(api)).find(({ status }) => status === 'REJECTED')?.executionId;
  await expect.poll(rejected, { timeout: 30_000 }).toBeDefined();
  expect(await call<View>(`${api}/api/agent/executions/${await rejected()}`)).toMatchObject({
    violations: expect.arrayContaining([expect.objectContaining({ message: expect.stringContaining('mdoe') })]),
  });
});

test('a second local cloud on the same folder is refused with what to do', async () => {
  await serve();
  const { code, stderr } = await runCommand('serve', ['--state-dir', state.path, ...freePorts]);
  expect(stderr).toMatch(/another local cloud runs on .*--state-dir/);
  expect(code).toBe(2);
});

// The signal goes to npm alone, as a program that started npm would send it; a terminal's Ctrl-C reaches every process by itself.
test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  '%s to npm ends the local cloud that npm started',
  async (signal) => {
    const args = ['run', '--silent', 'serve', '--', '--state-dir', state.path, '--rows', '500', ...freePorts];
    const npm = spawn('npm', args, { cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'ignore'] });
    await once(npm.stdout, 'data');
    expect(processesNaming(state.path).length).toBeGreaterThan(1);
    npm.kill(signal);
    await expect.poll(() => processesNaming(state.path), { timeout: 15_000 }).toEqual([]);
  },
);

test('a killed one leaves no PostgreSQL behind, and its folder serves again', async () => {
  await serve();
  serving?.child.kill('SIGKILL');
  await serving?.finished;
  await expect.poll(() => processesNaming(state.path), { timeout: 15_000 }).toEqual([]);
  expect((await serve()).ready).toBe(true);
});
