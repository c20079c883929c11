// The destination of a load: dispositions, schemas, what is missing, and that nothing of a failed load is seen.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Loading, startLoading } from './loading.ts';
import { postgresTemplate } from './service.ts';

let it: Loading;
beforeAll(async () => {
  it = await startLoading();
  await it.sql("CREATE TABLE goods AS SELECT g AS id, 'g' || g AS name FROM generate_series(1, 100) g");
});
afterAll(() => it.stop());

const count = async (table: string) => (await it.rows(`SELECT count(*) AS n FROM shop.${table}`))[0]?.n;

describe('a missing table', () => {
  test('fails the job at run time with the words of BigQuery, when it must not be created', async () => {
    const job = await it.load('goods', { outputTable: 'demo:shop.nowhere' });
    expect(job.state).toBe('JOB_STATE_FAILED');
    expect(job.runningAt).toBeDefined();
    expect(job.errors[0]).toContain('Not found: Table demo:shop.nowhere');
  });

  test('is created from the schema file, all types of BigQuery included', async () => {
    const schema = {
      id: 'INTEGER REQUIRED',
      name: 'STRING NULLABLE',
      price: 'NUMERIC',
      big: 'BIGNUMERIC',
      weight: 'FLOAT',
      sold: 'BOOLEAN',
      raw: 'BYTES',
      at: 'TIMESTAMP',
      local: 'DATETIME',
      day: 'DATE',
      hour: 'TIME',
      spot: 'GEOGRAPHY',
      more: 'JSON',
      span: 'INTERVAL',
      tags: 'STRING REPEATED',
    };
    const job = await it.load('goods', { outputTable: 'demo.shop.made', ...it.schema('made', schema) });
    expect(job.errors).toEqual([]);
    const columns = await it.rows(
      "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'made' ORDER BY ordinal_position",
    );
    expect(columns.map((column) => column.data_type)).toEqual([
      'BIGINT',
      'VARCHAR',
      'DECIMAL(38,9)',
      'DECIMAL(38,18)',
      'DOUBLE',
      'BOOLEAN',
      'BLOB',
      'TIMESTAMP WITH TIME ZONE',
      'TIMESTAMP',
      'DATE',
      'TIME',
      'VARCHAR',
      'JSON',
      'INTERVAL',
      'VARCHAR[]',
    ]);
    expect(columns[0]?.is_nullable).toBe('NO');
    expect(await count('made')).toBe(100);
  });

  test('takes records and parameterised numbers from the schema file', async () => {
    const fields = [
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING' },
      { name: 'price', type: 'NUMERIC', precision: '12', scale: '2' },
      { name: 'who', type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'first', type: 'STRING' }] },
    ];
    it.service.put('gs://bucket/nested.json', JSON.stringify({ fields }));
    const schema = { createDisposition: 'CREATE_IF_NEEDED', bigQuerySchemaPath: 'gs://bucket/nested.json' };
    expect((await it.load('goods', { outputTable: 'demo:shop.nested', ...schema })).errors).toEqual([]);
    const types = (
      await it.rows(
        "SELECT data_type FROM information_schema.columns WHERE table_name = 'nested' ORDER BY ordinal_position",
      )
    ).map((row) => row.data_type);
    expect(types).toEqual(['BIGINT', 'VARCHAR', 'DECIMAL(12,2)', 'STRUCT("first" VARCHAR)[]']);
  });

  test('of a missing dataset is never created', async () => {
    const job = await it.load('goods', {
      outputTable: 'demo:attic.goods',
      ...it.schema('goods', { id: 'INT64', name: 'STRING' }),
    });
    expect(job.errors[0]).toContain('Not found: Dataset demo:attic');
  });

  test('is not left behind by a load that fails', async () => {
    const job = await it.load('goods', {
      outputTable: 'demo:shop.half',
      ...it.schema('half', { id: 'INT64', name: 'INT64' }),
    });
    expect(job.errors[0]).toContain('Could not convert value to integer. Field: name');
    expect(await it.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'half'")).toEqual([]);
  });

  test('is created once by loads that want it at the same time', async () => {
    const schema = it.schema('crowd', { id: 'INT64', name: 'STRING' });
    const jobs = await Promise.all(
      [1, 2, 3, 4].map(() => it.load('goods', { outputTable: 'demo:shop.crowd', ...schema })),
    );
    expect(jobs.flatMap((job) => job.errors)).toEqual([]);
    expect(await count('crowd')).toBe(400);
  });
});

describe('a schema', () => {
  test.each([
    ['no such file', undefined, 'No such object: gs://bucket/bad.json'],
    ['no JSON', '{', 'it is no JSON'],
    ['an array', '[]', 'it must be {"fields"'],
    ['an unknown type', '{"fields":[{"name":"a","type":"TEXT"}]}', 'unknown type TEXT'],
  ])('that is %s fails the launcher', async (_, text, message) => {
    if (text !== undefined) it.service.put('gs://bucket/bad.json', text);
    const job = await it.load('goods', {
      createDisposition: 'CREATE_IF_NEEDED',
      bigQuerySchemaPath: 'gs://bucket/bad.json',
    });
    expect(job.runningAt).toBeUndefined();
    expect(job.errors[0]).toContain('Template launch failed');
    expect(job.errors[0]).toContain(message);
  });

  test('of another shape replaces that of the table when it is truncated', async () => {
    await it.load('goods', { outputTable: 'demo:shop.changed', ...it.schema('one', { id: 'INT64', name: 'STRING' }) });
    await it.load('goods', {
      outputTable: 'demo:shop.changed',
      isTruncate: 'true',
      ...it.schema('two', { id: 'STRING', name: 'STRING' }),
    });
    expect(await it.rows('SELECT typeof(id) AS type, count(*) AS n FROM shop.changed GROUP BY ALL')).toEqual([
      { type: 'VARCHAR', n: 100 },
    ]);
  });
});

describe('columns', () => {
  test('that the destination lacks fail the load, and the table stays as it was', async () => {
    await it.rows('CREATE TABLE shop.narrow AS SELECT 7::BIGINT AS id');
    const job = await it.load('goods', { outputTable: 'demo:shop.narrow', isTruncate: 'true' });
    expect(job.errors[0]).toContain('No such field: name.');
    expect(await it.rows('SELECT id FROM shop.narrow')).toEqual([{ id: 7 }]);
  });

  test('are matched without regard to case; those that the source lacks are NULL', async () => {
    await it.rows('CREATE TABLE shop.cased (NAME VARCHAR, Extra DATE, Id BIGINT)');
    expect((await it.load('goods', { outputTable: 'demo:shop.cased' })).errors).toEqual([]);
    expect(await it.rows('SELECT * FROM shop.cased WHERE id = 5')).toEqual([{ NAME: 'g5', Extra: null, Id: 5 }]);
  });

  test('that are required must be there and not NULL', async () => {
    await it.rows('CREATE TABLE shop.strict (id BIGINT, name VARCHAR, must DATE NOT NULL)');
    expect((await it.load('goods', { outputTable: 'demo:shop.strict' })).errors[0]).toContain(
      'Missing required field: must',
    );
    await it.rows('CREATE TABLE shop.full_names (id BIGINT, name VARCHAR NOT NULL)');
    const table = '(select id, nullif(name, $$g50$$) as name from goods) as t';
    const job = await it.load('goods', { table, outputTable: 'demo:shop.full_names' });
    expect(job.errors[0]).toContain('Required field name cannot be null');
    expect(await count('full_names')).toBe(0);
  });
});

test('a load that is cancelled while it reads leaves the table, and the source, as they were', async () => {
  await it.rows('CREATE TABLE shop.kept AS SELECT 1::BIGINT AS id, $$old$$ AS name');
  const { id } = await it.service.launch('slow', {
    containerSpecGcsPath: postgresTemplate,
    parameters: it.parameters('goods', {
      table: '(select id, name from goods where pg_sleep(0.01) is not null) as slow',
      numPartitions: '3',
      lowerBound: '1',
      upperBound: '100000',
      outputTable: 'demo:shop.kept',
      isTruncate: 'true',
    }),
  });
  await it.service.reach(id, 'JOB_STATE_RUNNING');
  const reading = () =>
    it.sql("SELECT 1 FROM pg_stat_activity WHERE application_name = 'PostgreSQL JDBC Driver' AND query LIKE 'COPY%'");
  while ((await reading()).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await it.service.clients.jobs.updateJob({
    projectId: 'demo',
    location: 'europe-west1',
    jobId: id,
    job: { requestedState: 'JOB_STATE_CANCELLED' },
  });
  const job = await it.service.reach(id, 'JOB_STATE_CANCELLED');
  expect(job.progress?.rowsWritten).toBe(0);
  expect(await it.rows('SELECT * FROM shop.kept')).toEqual([{ id: 1, name: 'old' }]);
});
