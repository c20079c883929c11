// The job states of the local Dataflow wake pollJobs, as Eventarc's events do: an execution ends with its job, not with a tick.

import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../../local/cloud/listen.ts';
import { writeLocalSchemas } from '../../local/cloud/local-schemas.ts';
import { openUserSource } from '../../local/cloud/open-source.ts';
import { parseSourceUrl } from '../../local/cloud/source-url.ts';
import { takeStateFolder } from '../../local/cloud/state-folder.ts';
import { type ChangedJob, createStatusEvents } from '../../local/cloud/status-events.ts';
import { startLocalCloud } from '../../local/cloud.ts';
import { seedOrders } from '../../local/postgres/seed.ts';
import { wakeOf } from '../../shared/schema/status-event.ts';
import { temporaryState } from '../support/command.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

const executionId = `exe-${'0a'.repeat(16)}`;
const at = Date.UTC(2026, 0, 5, 12);
const record = (state: ChangedJob['state']): ChangedJob => ({
  id: '2026-01-05_12_00_00-1',
  name: 'orders-1',
  projectId: 'local',
  location: 'us-central1',
  labels: { 'streamnova-execution': executionId },
  createdAt: at,
  stateAt: at + 1000,
  state,
});

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** An endpoint that answers with `status`, each after `beforeAnswer`. */
async function endpoint(status = 200, beforeAnswer: () => Promise<void> = async () => {}) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    await beforeAnswer();
    response.writeHead(status).end('answered');
  });
  return { received, ...(await listen(server, 0, '')) };
}

test('an event is one that pollJobs reads, and tells the job as Dataflow would', async () => {
  const to = await endpoint();
  const events = createStatusEvents((problem) => expect.fail(problem));
  // Before anybody is there to hear: what a restarted Dataflow finds interrupted.
  events.take(record('JOB_STATE_FAILED'));
  events.deliverTo(to.url);
  await expect.poll(() => to.received.length).toBe(1);
  const [{ headers, body } = { headers: {}, body: '' }] = to.received;
  expect(wakeOf(headers, Buffer.from(body))).toEqual({ executionId });
  expect(headers).toMatchObject({ 'ce-specversion': '1.0', 'ce-subject': 'jobs/orders-1', 'ce-job': 'orders-1' });
  expect(JSON.parse(body).payload).toMatchObject({
    id: '2026-01-05_12_00_00-1',
    currentState: 'JOB_STATE_FAILED',
    currentStateTime: '2026-01-05T12:00:01.000Z',
  });
  await events.stop();
  await to.close();
});

test('the states of one job arrive one after the other', async () => {
  let open = 0;
  let most = 0;
  const to = await endpoint(200, async () => {
    most = Math.max(most, ++open);
    await new Promise(setImmediate);
    open -= 1;
  });
  const events = createStatusEvents((problem) => expect.fail(problem));
  events.deliverTo(to.url);
  const states = ['JOB_STATE_PENDING', 'JOB_STATE_RUNNING', 'JOB_STATE_DONE'] as const;
  for (const state of states) events.take(record(state));
  await expect.poll(() => to.received.length).toBe(3);
  expect(to.received.map(({ body }) => JSON.parse(body).payload.currentState)).toEqual(states);
  expect(most).toBe(1);
  await events.stop();
  await to.close();
});

test.each([
  ['a trouble answer', async () => endpoint(503)],
  [
    'nobody there',
    async () => {
      const gone = await endpoint();
      await gone.close();
      return gone;
    },
  ],
])('%s is told, and harms nothing', async (_name, start) => {
  const to = await start();
  const problems: string[] = [];
  const events = createStatusEvents((problem) => void problems.push(problem));
  events.deliverTo(to.url);
  events.take(record('JOB_STATE_DONE'));
  await expect.poll(() => problems).toEqual([expect.stringMatching(/JOB_STATE_DONE of job .*the next tick finds it/)]);
  await events.stop();
  await to.close();
});

test('stopped, it waits for nobody and says nothing', async () => {
  const problems: string[] = [];
  const unanswered = Promise.withResolvers<void>();
  const to = await endpoint(200, () => unanswered.promise);
  const events = createStatusEvents((problem) => void problems.push(problem));
  events.take(record('JOB_STATE_PENDING'));
  events.deliverTo(to.url);
  await expect.poll(() => to.received.length).toBe(1);
  events.take(record('JOB_STATE_RUNNING'));
  await events.stop();
  events.take(record('JOB_STATE_DONE'));
  const never = createStatusEvents((problem) => void problems.push(problem));
  never.take(record('JOB_STATE_DONE'));
  await never.stop();
  expect(problems).toEqual([]);
  expect(to.received).toHaveLength(1);
  unanswered.resolve();
  await to.close();
});

let postgres: TestPostgres;
const folder = temporaryState();
beforeAll(async () => {
  postgres = await startTestPostgres();
  await seedOrders(postgres.url, 300);
});
afterAll(async () => {
  await postgres.stop();
  folder.remove();
});

test('in a local cloud that does not tick, an execution ends with its job and its outcome is told', async () => {
  await using started = new AsyncDisposableStack();
  const state = takeStateFolder(folder.path);
  started.defer(async () => state.release());
  const source = parseSourceUrl(postgres.url);
  const cloud = await startLocalCloud({ state, source, tickMs: 3_600_000, write: () => {}, env: {} });
  started.defer(cloud.stop);
  await writeLocalSchemas(openUserSource(postgres.url), state, await cloud.engine.deps.config());
  const accepted = await cloud.engine.start({
    runId: 'run-1',
    direct: { load: 'orders' },
    queue: true,
    trigger: 'http',
  });
  if (accepted.kind !== 'accepted') throw new Error(JSON.stringify(accepted));
  const id = accepted.execution.executionId;
  await expect
    .poll(async () => (await cloud.engine.read(id))?.value, { timeout: 30_000 })
    .toMatchObject({ status: 'SUCCEEDED', conclusion: { publishedAt: expect.any(Number) } });
});
