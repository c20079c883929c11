// `POST /api/agent/execute` over real HTTP: what each kind of request starts.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executionIn, planIn, problemIn } from '../support/api-answers.ts';
import { aRecommendation } from '../support/execution.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let api: string;

beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig());
  api = await local.serve('execute');
});
afterAll(() => local.stop());

const post = (body: unknown) =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const candidate = { machineType: 'n2-standard-8', workerCount: 3, shardCount: 24 };

describe('POST /api/agent/execute', () => {
  test('a load alone runs the candidate of the configuration and answers 202 with Location', async () => {
    const answer = await post({ load: 'orders' });
    const body = await executionIn(answer);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/agent/executions/${body.executionId}`);
    expect(body).toMatchObject({
      load: 'orders',
      status: 'SUBMITTED',
      attempts: [{ number: 1, jobName: expect.stringMatching(/^orders-[0-9a-f]{16}$/) }],
    });
    expect(local.dataflow.jobs().some((job) => job.id === body.attempts[0]?.jobId)).toBe(true);
  });

  test('a candidate with a load runs that candidate', async () => {
    const body = await executionIn(await post({ load: 'orders', candidate }));
    expect(body.attempts[0]?.candidate).toEqual(candidate);
  });

  test('a run is started once, however often it is asked for', async () => {
    await local.deps.recommendations.write(aRecommendation({ runId: 'once' }));
    const first = await executionIn(await post({ runId: 'once' }));
    const second = await post({ runId: 'once' });
    expect(second.status).toBe(202);
    expect((await executionIn(second)).executionId).toBe(first.executionId);
    expect(local.dataflow.jobs().filter((job) => job.name === first.attempts[0]?.jobName)).toHaveLength(1);
  });

  test('the same run with another payload is a conflict, with another key another execution', async () => {
    await local.deps.recommendations.write(aRecommendation({ runId: 'again' }));
    const first = await executionIn(await post({ runId: 'again' }));
    const conflict = await post({ runId: 'again', overrides: { truncate: true } });
    expect(conflict.status).toBe(422);
    expect(await problemIn(conflict)).toMatchObject({
      type: 'urn:streamnova:problem:key-reused',
      executionId: first.executionId,
    });
    const other = await executionIn(await post({ runId: 'again', executionKey: 'second' }));
    expect(other.executionId).not.toBe(first.executionId);
  });

  test('a mode picks the estimate of that name', async () => {
    const estimate = { ...aRecommendation().recommended, candidate };
    await local.deps.recommendations.write(aRecommendation({ runId: 'modes', fastest: estimate }));
    const body = await executionIn(await post({ runId: 'modes', mode: 'FAST_LOAD' }));
    expect(body.attempts[0]?.candidate).toEqual(candidate);
    const missing = await post({ runId: 'modes', mode: 'COST_OPTIMAL', executionKey: 'other' });
    expect(missing.status).toBe(422);
    expect((await problemIn(missing)).detail).toContain('no candidate for mode COST_OPTIMAL');
  });

  test('a dry run answers the exact request and its steps, and launches nothing', async () => {
    const before = local.dataflow.jobs().length;
    const answer = await post({ load: 'orders', candidate, dryRun: true });
    const body = await planIn(answer);
    expect(answer.status).toBe(200);
    expect(body.request.launchParameter.environment).toMatchObject({
      machineType: 'n2-standard-8',
      numWorkers: 3,
      maxWorkers: 3,
    });
    expect(body.plan.steps.length).toBeGreaterThan(3);
    expect(local.dataflow.jobs()).toHaveLength(before);
  });

  test('validateOnly asks Dataflow too and launches nothing', async () => {
    const before = local.dataflow.jobs().length;
    const body = await planIn(await post({ load: 'orders', validateOnly: true }));
    expect(body.validatedBy).toBe('dataflow');
    expect(local.dataflow.jobs()).toHaveLength(before);
  });
});
