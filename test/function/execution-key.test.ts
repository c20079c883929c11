// An executionKey beside a load, without a runId and without an Idempotency-Key: the load runs once under that key.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { executionIn, problemIn } from '../support/api-answers.ts';
import { type LocalEngine, startLocalEngine } from '../support/local-engine.ts';

const load = (name: string): string => `
  ${name}:
    source: db
    target: warehouse
    table: public.${name}
    partitionColumn: id
    partitionColumnType: long
    rowCountEstimate: 50000000
    averageRowBytes: 400
    environment: { tempLocation: "gs://demo-temp/temp" }
    candidate: { machineType: n2-standard-4, workerCount: 2, shardCount: 8 }`;

const config = `
sources:
  db: { type: postgres, host: db.internal, database: shop, username: reader, connectionBudget: 64 }
targets:
  warehouse: { type: bigquery, project: demo, dataset: sales }
loads:${load('orders')}${load('customers')}
policy: { profileAtExecute: false, configOnlyRuns: true }
`;
const candidate = { machineType: 'n2-standard-8', workerCount: 3, shardCount: 24 };

let local: LocalEngine;
let api: string;
beforeAll(async () => {
  local = await startLocalEngine(config);
  api = await local.serve('execute');
});
afterAll(() => local.stop());

const post = (body: object) =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test.each([
  ['a candidate', { candidate }, { candidate: { ...candidate, workerCount: 1 } }],
  ['a mode', { mode: 'FAST_LOAD' }, { mode: 'COST_OPTIMAL' }],
  ['nothing else', {}, { overrides: { truncate: true } }],
])('with %s', async (name, fields, others) => {
  const body = { load: 'orders', ...fields, executionKey: `nightly ${name}` };
  const first = await executionIn(await post(body));
  expect((await executionIn(await post(body))).executionId).toBe(first.executionId);
  const conflict = await post({ ...body, ...others });
  expect([conflict.status, (await problemIn(conflict)).type]).toEqual([422, 'urn:streamnova:problem:key-reused']);
  for (const other of [
    { ...body, executionKey: `other ${name}` },
    { ...body, load: 'customers' },
  ]) {
    const answer = await post(other);
    expect(answer.status).toBe(202);
    expect((await executionIn(answer)).executionId).not.toBe(first.executionId);
  }
});
