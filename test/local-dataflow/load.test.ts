// Real loads from a real PostgreSQL: which rows arrive, how the reading is spread, what the job reports.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Loading, startLoading } from './loading.ts';
import { place, postgresTemplate } from './service.ts';

let it: Loading;
beforeAll(async () => {
  it = await startLoading({ resolveSecret: (path) => (path.includes('/secrets/pg/') ? 'streamnova' : undefined) });
  await it.sql(`CREATE TABLE orders AS SELECT g::bigint AS id, 'order ' || g AS note, (g / 7.0)::numeric(12, 2) AS amount,
                timestamp '2024-01-01' + g * interval '1 minute' AS made FROM generate_series(1, 5000) g`);
  await it.rows('CREATE TABLE shop.orders (id BIGINT, note VARCHAR, amount DECIMAL(38, 9), made TIMESTAMPTZ)');
});
afterAll(() => it.stop());

const sums =
  'SELECT count(*) AS n, sum(id) AS ids, sum(amount)::VARCHAR AS amounts, count(DISTINCT note) AS notes FROM shop.orders';
const whole = { n: 5000, ids: 12_502_500, notes: 5000 };

describe('a split read', () => {
  test('brings every row once, reports rows, bytes and ranges, and leaves neither file nor folder', async () => {
    const job = await it.load('orders', { isTruncate: 'true' });
    expect(job.state).toBe('JOB_STATE_DONE');
    expect((await it.rows(sums))[0]).toMatchObject(whole);
    const [source] = (await it.sql('SELECT sum(amount)::text AS amounts FROM orders')).rows;
    expect(Number((await it.rows(sums))[0]?.amounts)).toBe(Number(source.amounts));
    expect(job.progress).toMatchObject({ rangesTotal: 4, rangesDone: 4, rowsRead: 5000, rowsWritten: 5000 });
    expect(job.progress?.bytesRead).toBeGreaterThan(5000 * 30);
    expect(job.workerCount).toBe(2);
    expect(existsSync(join(it.service.folder, 'buckets', 'bucket', 'temp'))).toBe(false);
  });

  test('appends unless told to truncate', async () => {
    await it.load('orders', { isTruncate: 'true' });
    await it.load('orders');
    expect((await it.rows(sums))[0]).toMatchObject({ n: 10_000, ids: 2 * whole.ids });
    await it.load('orders', { isTruncate: 'true' });
    expect((await it.rows(sums))[0]).toMatchObject(whole);
  });

  test('by datetime brings every row, the last microsecond included', async () => {
    await it.sql("INSERT INTO orders VALUES (0, 'last', 0, '2030-01-01 00:00:00.000999')");
    await it.load('orders', { partitionColumn: 'made', partitionColumnType: 'datetime', isTruncate: 'true' });
    await it.sql('DELETE FROM orders WHERE id = 0');
    expect((await it.rows(sums))[0]).toMatchObject({ n: 5001 });
  });

  test('loses in silence what is NULL in the column or outside of explicit bounds', async () => {
    await it.sql("INSERT INTO orders VALUES (NULL, 'nowhere', 0, now())");
    await it.load('orders', { isTruncate: 'true' });
    expect((await it.rows(sums))[0]).toMatchObject({ n: 5000 });
    await it.sql('DELETE FROM orders WHERE id IS NULL');
    await it.load('orders', { isTruncate: 'true', lowerBound: '11', upperBound: '20' });
    expect((await it.rows(sums))[0]).toMatchObject({ n: 10 });
  });

  test('of an empty table loads nothing by long, and fails by datetime', async () => {
    await it.sql('CREATE TABLE empty (LIKE orders)');
    const columns = it.schema('empty', { id: 'INT64', note: 'STRING', amount: 'NUMERIC', made: 'TIMESTAMP' });
    const byLong = await it.load('empty', columns);
    expect(byLong).toMatchObject({ state: 'JOB_STATE_DONE', progress: { rangesTotal: 1, rowsRead: 0 } });
    expect(await it.rows('SELECT count(*) AS n FROM shop.empty')).toEqual([{ n: 0 }]);
    const byTime = await it.load('empty', { ...columns, partitionColumn: 'made', partitionColumnType: 'datetime' });
    expect(byTime.state).toBe('JOB_STATE_FAILED');
    expect(byTime.errors[0]).toContain('min and max of made are NULL');
  });

  test('reads a subquery as the table', async () => {
    const table = '(select id, upper(note) as note, amount, made from orders where id > 4990) as part';
    await it.load('orders', { table, isTruncate: 'true', useColumnAlias: 'true' });
    expect(await it.rows("SELECT count(*) AS n FROM shop.orders WHERE note LIKE 'ORDER %'")).toEqual([{ n: 10 }]);
  });
});

describe('a query', () => {
  test('is read by one reader, from a file too; its rows pass the shuffle', async () => {
    it.service.put('gs://bucket/q.sql', 'SELECT id, note, amount, made FROM orders WHERE id <= 100 -- the first\n;\n');
    const job = await it.load('orders', {
      table: undefined,
      partitionColumn: undefined,
      query: 'gs://bucket/q.sql',
      isTruncate: 'true',
    });
    expect(job).toMatchObject({ state: 'JOB_STATE_DONE', progress: { rangesTotal: 1, rowsRead: 100 } });
    expect(job.progress?.shuffleBytes).toBe(job.progress?.bytesRead);
    expect((await it.rows(sums))[0]).toMatchObject({ n: 100 });
  });

  test('that is dropped for table and partition column leaves a warning', async () => {
    const job = await it.load('orders', { query: 'SELECT 1', isTruncate: 'true' });
    expect(job.state).toBe('JOB_STATE_DONE');
    expect(await it.service.texts(job.id, 'JOB_MESSAGE_WARNING')).toEqual([
      'query is ignored because partitionColumn and table are both set.',
    ]);
  });
});

test('user and password come from secret versions', async () => {
  const job = await it.load('orders', { password: 'projects/demo/secrets/pg/versions/1', isTruncate: 'true' });
  expect(job.state).toBe('JOB_STATE_DONE');
});

test('the generic template loads too, with a driver of its own', async () => {
  const driver = { driverJars: 'gs://bucket/postgresql.jar', driverClassName: 'org.postgresql.Driver' };
  const { id } = await it.service.launch('generic', {
    containerSpecGcsPath: postgresTemplate.replace('PostgreSQL_to_BigQuery', 'Jdbc_to_BigQuery_Flex'),
    parameters: it.parameters('orders', { ...driver, isTruncate: 'true' }),
  });
  expect(await it.service.reach(id, 'JOB_STATE_DONE')).toMatchObject({ templateName: 'Jdbc_to_BigQuery_Flex' });
});

test('never more than workers times threads ranges are read at once', async () => {
  // Every range notes how many sessions of the load are at work while it is read.
  await it.sql(`CREATE TABLE watched (id bigint)`);
  await it.sql(`INSERT INTO watched SELECT generate_series(1, 20)`);
  await it.sql(`CREATE FUNCTION busy() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT pg_sleep(0.05); SELECT count(*) FROM pg_stat_activity WHERE application_name = 'PostgreSQL JDBC Driver' $$`);
  const { id } = await it.service.launch('watched', {
    containerSpecGcsPath: postgresTemplate,
    parameters: it.parameters('watched', {
      table: '(select id, busy() as sessions from watched) as w',
      numPartitions: '20',
      ...it.schema('watched', { id: 'INT64', sessions: 'INT64' }),
    }),
    environment: {
      numWorkers: 3,
      maxWorkers: 3,
      autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_NONE',
      machineType: 'n1-standard-8',
      additionalPipelineOptions: ['numberOfWorkerHarnessThreads=2'],
    },
  });
  const job = await it.service.reach(id, 'JOB_STATE_DONE');
  expect(job.progress).toMatchObject({ rangesTotal: 10, rowsRead: 20 });
  const [most] = await it.rows('SELECT max(sessions) AS n FROM shop.watched');
  expect(most?.n).toBeGreaterThan(1);
  expect(most?.n).toBeLessThanOrEqual(6);
});

test('rows, bytes and ranges can be followed while a load runs', async () => {
  // The server sends what it has when a row of 20 kB no longer fits into its buffer; then it waits.
  const table =
    "(select id, repeat('x', 20000) as note from orders where id <= 400 and (id < 300 or pg_sleep(30) is not null)) as t";
  const { id } = await it.service.launch('followed', {
    containerSpecGcsPath: postgresTemplate,
    parameters: it.parameters('orders', { table, numPartitions: '1', lowerBound: '1', upperBound: '400' }),
  });
  const value = async (name: string) => {
    const [answer] = await it.service.clients.metrics.getJobMetrics({ ...place, jobId: id });
    const metric = (answer.metrics ?? []).find(
      (one) => one.name?.name === name && one.name.context?.tentative === 'true',
    );
    return metric?.scalar?.numberValue ?? 0;
  };
  while ((await value('rowsRead')) < 200) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await value('bytesRead')).toBeGreaterThan(200 * 20_000);
  expect([await value('rangesTotal'), await value('rangesDone'), await value('rowsWritten')]).toEqual([1, 0, 0]);
  await it.service.clients.jobs.updateJob({ ...place, jobId: id, job: { requestedState: 'JOB_STATE_CANCELLED' } });
  await it.service.reach(id, 'JOB_STATE_CANCELLED');
});

test('the metrics of a finished load are committed and hold rows, bytes and vCPU time', async () => {
  const { id } = await it.load('orders', { isTruncate: 'true' });
  const [answer] = await it.service.clients.metrics.getJobMetrics({ ...place, jobId: id });
  const committed = (answer.metrics ?? []).filter((metric) => metric.name?.context?.tentative === undefined);
  const value = (name: string) => committed.find((metric) => metric.name?.name === name)?.scalar?.numberValue;
  expect(value('rowsRead')).toBe(5000);
  expect(value('rowsWritten')).toBe(5000);
  expect(value('TotalVcpuTime')).toBeGreaterThan(0);
});
