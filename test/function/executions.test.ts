// Reading, listing and cancelling executions over real HTTP, and the tick that carries them to their end.

import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { executionSummarySchema } from '../../shared/schema/execution-summary.ts';
import { executionIn, type ListBody, listIn, problemIn } from '../support/api-answers.ts';
import { anEndedExecution } from '../support/execution.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let api: string;
let pollJobs: string;

async function begin(runningMs: number): Promise<void> {
  local = await startLocalEngine(scriptedConfig('configOnlyRuns: true', runningMs));
  api = await local.serve('execute');
  pollJobs = await local.serve('pollJobs');
}
beforeEach(() => begin(20));
afterEach(() => local.stop());

const start = async (key = '') => {
  const answer = await fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `key${key}` },
    body: JSON.stringify({ load: 'orders' }),
  });
  return executionIn(answer);
};
const read = async (executionId: string) => executionIn(await fetch(`${api}/api/agent/executions/${executionId}`));
const cancel = (executionId: string) => fetch(`${api}/api/agent/executions/${executionId}:cancel`, { method: 'POST' });

/** Ticks until the execution has `status`; each tick a minute of the engine's clock later. */
async function tickUntil(executionId: string, status: string): Promise<void> {
  for (let tick = 0; tick < 50; tick += 1) {
    if ((await read(executionId)).status === status) return;
    local.clock.forward(60_000);
    expect((await fetch(pollJobs, { method: 'POST' })).status).toBe(200);
  }
  expect(await read(executionId)).toMatchObject({ status });
}

describe('an execution', () => {
  test('is carried to SUCCEEDED by ticks, and its outcome is published once', async () => {
    const { executionId } = await start();
    await tickUntil(executionId, 'SUCCEEDED');
    const execution = await read(executionId);
    expect(execution).toMatchObject({
      metrics: { rowsRead: 1_000_000 },
      cost: { level: 'provisional', microUsd: { total: expect.any(Number) } },
      durations: { totalSec: expect.any(Number) },
    });
    expect(local.published.filter((event) => event.type === 'streamnova.execution.ended.v1')).toHaveLength(1);
    expect(local.published[0]).toMatchObject({ orderingKey: executionId, data: { status: 'SUCCEEDED', executionId } });
  });

  test('has its cost settled by a second equal reading', async () => {
    const { executionId } = await start();
    await tickUntil(executionId, 'SUCCEEDED');
    for (let tick = 0; tick < 12; tick += 1) {
      local.clock.forward(60_000);
      await fetch(pollJobs, { method: 'POST' });
    }
    expect((await read(executionId)).cost?.level).toBe('settled');
    expect((await local.deps.ledger.read(executionId))?.value.nextCheckAt).toBeNull();
  });

  test('costs a 304 when it is read again unchanged', async () => {
    const { executionId } = await start();
    const url = `${api}/api/agent/executions/${executionId}`;
    const etag = (await fetch(url)).headers.get('etag') ?? '';
    // Not fetch: it adds `cache-control: no-cache` to a request with a condition of its own.
    const again = await new Promise<IncomingMessage>((resolve) =>
      get(url, { headers: { 'if-none-match': etag } }, resolve),
    );
    again.resume();
    expect(again.statusCode).toBe(304);
  });

  test('shows neither its lease nor its launch request', async () => {
    const { executionId } = await start();
    const text = JSON.stringify(await read(executionId));
    expect(text).not.toContain('leaseUntil');
    expect(text).not.toContain('launchParameter');
  });

  test('that nobody started is unknown, whatever its id looks like', async () => {
    for (const id of ['exe-00000000000000000000000000000000', 'nope', '..%2F..', '__x__']) {
      const answer = await fetch(`${api}/api/agent/executions/${id}`);
      expect([404, 400]).toContain(answer.status);
    }
  });
});

describe('cancel', () => {
  test('ends a running job and answers 202, twice, and 409 with the final state after the end', async () => {
    await local.stop();
    await begin(60_000);
    const { executionId } = await start();
    expect((await cancel(executionId)).status).toBe(202);
    expect((await cancel(executionId)).status).toBe(202);
    await tickUntil(executionId, 'CANCELLED');
    const late = await cancel(executionId);
    expect(late.status).toBe(409);
    expect(await problemIn(late)).toMatchObject({ execution: { status: 'CANCELLED' } });
  });

  test('of an unknown execution is 404, and GET is no cancel', async () => {
    expect((await cancel('exe-00000000000000000000000000000000')).status).toBe(404);
    const answer = await fetch(`${api}/api/agent/executions/exe-00000000000000000000000000000000:cancel`);
    expect(answer.status).toBe(405);
  });
});

describe('the list', () => {
  test('is newest first, filtered and paged', async () => {
    const ids: string[] = [];
    for (const key of ['1', '2', '3']) {
      ids.unshift((await start(key)).executionId);
      local.clock.forward(1000);
    }
    const first = await listIn(await fetch(`${api}/api/agent/executions?pageSize=2&load=orders`));
    const second = await listIn(
      await fetch(`${api}/api/agent/executions?pageSize=2&load=orders&pageToken=${first.nextPageToken}`),
    );
    const listed = [...first.executions, ...second.executions].map((one) => one.executionId);
    expect(listed).toEqual(ids);
    const none = await listIn(await fetch(`${api}/api/agent/executions?status=FAILED`));
    expect(none.executions).toEqual([]);
  });

  test('shows a summary of each, however much there is to one; the whole is read by its id', async () => {
    const series = Array.from({ length: 200 }, (_, at) => ({ at, rows: at, bytes: at, workers: 2 }));
    const messages = Array.from({ length: 50 }, (_, at) => ({
      at,
      importance: 'ERROR',
      text: 'x'.repeat(1000),
      count: 1,
    }));
    const evidence = Array.from({ length: 50 }, () => 'y'.repeat(1000));
    const failure = { class: 'capacity' as const, code: 'ZONE_STOCKOUT', summary: 'no machines', evidence };
    const stored = anEndedExecution({ status: 'FAILED', failure, series, messages });
    await local.deps.ledger.create(stored);
    const answer = await fetch(`${api}/api/agent/executions?status=FAILED`);
    const text = await answer.text();
    const [row] = (JSON.parse(text) as ListBody).executions;
    expect(executionSummarySchema.parse(row)).toMatchObject({
      executionId: stored.executionId,
      status: 'FAILED',
      failure: { code: 'ZONE_STOCKOUT' },
      attempts: [{ number: 1, candidate: { machineType: 'n2-standard-4' } }],
      cost: { level: 'settled', microUsd: { total: 1234 } },
      estimate: { estimatedCostMicroUsd: 1300 },
      metrics: { rowsRead: 500_000 },
    });
    expect(text.length).toBeLessThan(2_000);
    const whole = await read(stored.executionId);
    expect(whole).toMatchObject({ series, messages, failure });
    expect(whole).toMatchObject(row ?? {});
  });

  test.each(['status=BROKEN', 'pageSize=0', 'pageToken=%7B%7D', 'colour=red'])(
    'refuses ?%s with 400',
    async (query) => {
      expect((await fetch(`${api}/api/agent/executions?${query}`)).status).toBe(400);
    },
  );
});
