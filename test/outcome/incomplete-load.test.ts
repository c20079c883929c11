// The whole way, on real data: rows with NULL in the partition column are lost by the template, and the load says so with the numbers.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';
import { type Loading, startLoading } from '../local-dataflow/loading.ts';
import { type LocalEngine, startLocalEngine } from '../support/local-engine.ts';

let loading: Loading;
let local: LocalEngine;
let jobs: ReturnType<typeof createDataflowJobs>;

const config = (port: number, username: string): string => `
sources:
  db:
    { type: postgres, host: 127.0.0.1, port: ${port}, database: postgres, username: ${username}, password: secret://local/PGPASSWORD }
targets:
  warehouse: { type: bigquery, dataset: shop }
loads:
  whole:
    source: db
    target: warehouse
    table: public.whole
    partitionColumn: id
    expectedRows: 1000
    candidate: { machineType: n2-standard-4, workerCount: 1, shardCount: 4 }
  holes:
    source: db
    target: warehouse
    table: public.holes
    partitionColumn: id
    expectedRows: 1000
    candidate: { machineType: n2-standard-4, workerCount: 1, shardCount: 4 }
policy: { configOnlyRuns: true }
`;

beforeAll(async () => {
  loading = await startLoading({ resolveSecret: async () => loading.parameters('any').password });
  await loading.sql('CREATE TABLE whole AS SELECT g AS id, g * 2 AS amount FROM generate_series(1, 1000) g');
  await loading.sql(
    'CREATE TABLE holes AS SELECT CASE WHEN g % 100 = 0 THEN NULL ELSE g END AS id, g * 2 AS amount FROM generate_series(1, 1000) g',
  );
  for (const table of ['whole', 'holes']) await loading.rows(`CREATE TABLE shop.${table} (id BIGINT, amount BIGINT)`);
  jobs = createDataflowJobs({ emulatorHost: loading.service.dataflow.address });
  local = await startLocalEngine(config(loading.port, loading.parameters('any').username ?? ''), { jobs });
});

afterAll(async () => {
  await local?.stop();
  await jobs?.close();
  await loading?.stop();
});

/** Starts the load and ticks until it has ended. */
async function run(load: string) {
  const started = await local.engine.start({ runId: `run-${load}`, direct: { load }, queue: true, trigger: 'http' });
  if (started.kind !== 'accepted') throw new Error(JSON.stringify(started));
  const { executionId, attempts } = started.execution;
  const job = () => loading.service.dataflow.jobs().find(({ id }) => id === attempts[0]?.jobId);
  await vi.waitUntil(() => job()?.endedAt !== undefined, { timeout: 30_000, interval: 20 });
  local.clock.forward(600_000);
  await local.engine.advance(Number.POSITIVE_INFINITY);
  return (await local.engine.read(executionId))?.value;
}

test('every row loaded is a success, with rows, workers, durations and cost from the job’s own metrics', async () => {
  const execution = await run('whole');
  expect(execution).toMatchObject({
    status: 'SUCCEEDED',
    metrics: { rowsRead: 1000, rowsWritten: 1000, rangesTotal: 4, rangesDone: 4, peakWorkers: 1, tentative: false },
    cost: { level: 'provisional' },
  });
  expect(execution?.cost?.microUsd.total).toBeGreaterThan(0);
  expect(execution?.durations?.totalSec).toBeGreaterThan(0);
});

test('ten rows with NULL in the partition column make the load FAILED/INCOMPLETE, though the job is DONE', async () => {
  const execution = await run('holes');
  expect(execution).toMatchObject({
    status: 'FAILED',
    attempts: [{ lastState: 'JOB_STATE_DONE' }],
    failure: { class: 'incomplete', code: 'INCOMPLETE' },
  });
  for (const part of ['990 rows were loaded of 1000', '10 are missing', '1.00 %', 'NULLs in the partition column'])
    expect(execution?.statusReason).toContain(part);
  expect(await loading.rows('SELECT count(*) AS n FROM shop.holes')).toEqual([{ n: 990 }]);
  const outcome = local.published.findLast(({ orderingKey }) => orderingKey === execution?.executionId);
  expect(outcome?.data).toMatchObject({ status: 'FAILED', rows: { expected: 1000, read: 990, written: 990 } });
});
