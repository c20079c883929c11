// Bounds on money and time at execute: held against an estimate computed here, whatever a request states.

import { afterEach, describe, expect, test } from 'vitest';
import { executionIn, problemIn } from '../support/api-answers.ts';
import { aRecommendation } from '../support/execution.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
afterEach(() => local.stop());

async function begin(policy: string) {
  local = await startLocalEngine(scriptedConfig(`configOnlyRuns: true, ${policy}`));
  const api = await local.serve('execute');
  return (body: unknown) =>
    fetch(`${api}/api/agent/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
}

describe('a bound on cost', () => {
  test('refuses a candidate whose cost, computed here, is above it, although the recommendation states one below', async () => {
    const post = await begin('maxCostMicroUsd: 100');
    const cheap = { ...aRecommendation().recommended, estimatedCostMicroUsd: 1 };
    await local.deps.recommendations.write(aRecommendation({ runId: 'cheap', recommended: cheap }));
    const answer = await post({ runId: 'cheap' });
    expect(answer.status).toBe(422);
    expect((await problemIn(answer)).errors?.[0]).toMatchObject({ code: 'guardrail.maxCostMicroUsd' });
    expect(local.dataflow.jobs()).toHaveLength(0);
  });

  test('of a request tightens the policy and cannot loosen it', async () => {
    const post = await begin('maxWorkers: 2');
    const candidate = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };
    const tighter = await post({ load: 'orders', candidate, overrides: { guardrails: { maxWorkers: 1 } } });
    expect(tighter.status).toBe(422);
    const looser = await post({
      load: 'orders',
      candidate: { ...candidate, workerCount: 3 },
      overrides: { guardrails: { maxWorkers: 9 } },
    });
    expect(looser.status).toBe(422);
  });
});

describe('a daily budget', () => {
  test('lets executions start until their estimates fill it, and the metered cost takes their place', async () => {
    const post = await begin('dailyBudgetMicroUsd: 1000000');
    const first = await executionIn(await post({ load: 'orders' }));
    const estimated = first.estimate?.estimatedCostMicroUsd ?? 0;
    expect(estimated).toBeGreaterThan(0);
    await local.stop();
    const again = await begin(`dailyBudgetMicroUsd: ${Math.floor(estimated * 1.5)}`);
    expect((await again({ load: 'orders' })).status).toBe(202);
    const refused = await again({ load: 'orders' });
    expect(refused.status).toBe(422);
    expect((await problemIn(refused)).errors?.[0]?.code).toBe('guardrail.dailyBudgetMicroUsd');
  });
});

test('a run without a recommendation gets an estimate too, so that its outcome can be compared', async () => {
  const post = await begin('maxWorkers: 10');
  const execution = await executionIn(await post({ load: 'orders' }));
  expect(execution.estimate).toMatchObject({
    candidate: { machineType: 'n2-standard-4' },
    bottleneck: expect.any(String),
  });
});
