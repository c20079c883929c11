// A refused request may be corrected under the same Idempotency-Key: what then runs is what the corrected one asks for.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentIdOf } from '../../shared/base/ids.ts';
import { executionIn } from '../support/api-answers.ts';
import { type LocalEngine, startLocalEngine } from '../support/local-engine.ts';

const load = (table: string, bucket: string): string => `
  ${table}:
    source: db
    target: warehouse
    table: public.${table}
    partitionColumn: id
    partitionColumnType: long
    rowCountEstimate: 50000000
    averageRowBytes: 400
    environment: { tempLocation: "gs://${bucket}/temp" }`;

const config = `
sources:
  db: { type: postgres, host: db.internal, database: shop, username: reader, connectionBudget: 64 }
targets:
  warehouse: { type: bigquery, project: demo, dataset: sales }
loads:${load('orders', 'forbidden')}${load('customers', 'demo-temp')}
policy: { profileAtExecute: false, buckets: [demo-temp] }
`;

let local: LocalEngine;
let api: string;
beforeAll(async () => {
  local = await startLocalEngine(config);
  api = await local.serve('execute');
});
afterAll(() => local.stop());

const post = (body: object, key: string) =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });

test('a mode and a load refused after they were recommended leave nothing that the corrected request would run', async () => {
  const refused = await post({ mode: 'BALANCED', load: 'orders' }, 'key-1');
  expect(await refused.text()).toContain('forbidden');
  expect(refused.status).toBe(422);
  const corrected = await post({ mode: 'FAST_LOAD', load: 'customers' }, 'key-1');
  expect(corrected.status).toBe(202);
  expect(await executionIn(corrected)).toMatchObject({ load: 'customers', mode: 'FAST_LOAD' });
});

test('the same mode and load under the same key are the same run, whatever became of the record of the key', async () => {
  const body = { mode: 'BALANCED', load: 'customers' };
  const first = await executionIn(await post(body, 'key-2'));
  const { documents } = local.deps;
  const id = documentIdOf('key', 'key-2');
  const stored = await documents.read('idempotency', id);
  const forgotten = { ...(stored?.value as object), state: 'open', answer: undefined };
  await documents.write('idempotency', id, forgotten, stored?.version);
  const again = await post(body, 'key-2');
  expect(again.headers.get('idempotency-replayed')).toBeNull();
  expect((await executionIn(again)).executionId).toBe(first.executionId);
});
