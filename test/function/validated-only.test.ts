// A load that the local Dataflow validates but cannot execute: planned with a warning, validated, and FAILED once with a text that says so.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { executionIn, planIn } from '../support/api-answers.ts';
import { type LocalEngine, startLocalEngine } from '../support/local-engine.ts';

const config = `
sources:
  ledger: { type: oracle, host: ledger.internal, database: LEDGER, username: reader }
targets:
  warehouse: { type: bigquery, dataset: sales }
loads:
  ora:
    source: ledger
    target: warehouse
    table: FIN.BOOKINGS
    partitionColumn: BOOKING_ID
    environment: { tempLocation: gs://demo-temp/loads }
policy: { configOnlyRuns: true, maxAttempts: 3 }
`;

let local: LocalEngine;
let api: string;
beforeAll(async () => {
  local = await startLocalEngine(config);
  api = await local.serve('execute');
});
afterAll(() => local?.stop());

const post = (more: object) =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      load: 'ora',
      candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 },
      ...more,
    }),
  });

test('validateOnly is answered with the plan, its warning and who validated it', async () => {
  const answer = await post({ validateOnly: true });
  expect(answer.status).toBe(200);
  const { validatedBy, plan } = await planIn(answer);
  expect(validatedBy).toBe('dataflow');
  expect(plan.warnings).toContain(
    'the local Dataflow validates Oracle loads but cannot execute them: run this load on Dataflow',
  );
});

test('executed, it fails as a mistake of the user, after one attempt of three', async () => {
  const answer = await post({});
  expect(answer.status).toBe(202);
  const { executionId } = await executionIn(answer);
  const text = 'the local Dataflow cannot execute Oracle_to_BigQuery; run this load on Dataflow';
  const ended = async () => {
    local.clock.forward(60_000);
    await local.engine.advance(local.clock.now() + 50_000);
    return (await local.engine.read(executionId))?.value;
  };
  await expect.poll(ended, { timeout: 20_000 }).toMatchObject({
    status: 'FAILED',
    statusReason: expect.stringContaining(text),
    attempts: [{ failure: { class: 'user', code: 'LOCAL_VALIDATES_ONLY', evidence: [text] } }],
  });
});
