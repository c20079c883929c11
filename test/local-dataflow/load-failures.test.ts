// Loads that cannot work: the job ends FAILED with a text a person understands, and nothing secret in it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Loading, startLoading } from './loading.ts';

let it: Loading;
beforeAll(async () => {
  it = await startLoading({
    resolveSecret: (path) => (path.endsWith('/newline/versions/1') ? 'streamnova\n' : undefined),
  });
  await it.sql(
    "CREATE TABLE goods AS SELECT g AS id, 'g' || g AS name, NULL::int AS nothing FROM generate_series(1, 10) g",
  );
  await it.rows('CREATE TABLE shop.goods (id BIGINT, name VARCHAR, nothing BIGINT)');
});
afterAll(() => it.stop());

const failed = async (changes: Record<string, string | undefined>) => {
  const job = await it.load('goods', changes);
  expect(job.state).toBe('JOB_STATE_FAILED');
  return { ...job, text: job.errors.join('\n') };
};

describe('the source', () => {
  test('refuses the connection', async () => {
    const { text, runningAt } = await failed({ connectionURL: 'jdbc:postgresql://127.0.0.1:1/postgres' });
    expect(text).toContain('Cannot create PoolableConnectionFactory (Connection to 127.0.0.1:1 refused');
    expect(runningAt).toBeDefined();
  });

  test('refuses the password, which is not in the text', async () => {
    const { text } = await failed({ password: 'not-my-secret' });
    expect(text).toContain('Cannot create PoolableConnectionFactory (FATAL: password authentication failed');
    expect(text).not.toContain('not-my-secret');
  });

  test('is taken with the newline at the end of a secret, so it refuses it', async () => {
    const { text } = await failed({ password: 'projects/demo/secrets/newline/versions/1' });
    expect(text).toContain('password authentication failed');
  });

  test.each([
    ['has no such database', { connectionURL: 'DATABASE' }, 'database "nowhere" does not exist'],
    ['has no such table', { table: 'bads' }, 'relation "bads" does not exist'],
    ['has no such partition column', { partitionColumn: 'idd' }, 'column "idd" does not exist'],
    ['has a partition column of another type', { partitionColumn: 'name' }, 'Bad value for type long : g1'],
    [
      'has a number where a time is wanted',
      { partitionColumnType: 'datetime' },
      'Bad value for type timestamp/date/time: 1',
    ],
    ['does not understand the query', { table: undefined, query: 'SELEC 1' }, 'syntax error at or near'],
    [
      'fails in the middle of the rows',
      { table: '(select id, 10 / (id - 7) as name from goods) as t' },
      'division by zero',
    ],
  ])('%s', async (_, changes, text) => {
    const url = `jdbc:postgresql://127.0.0.1:${it.port}/nowhere`;
    const given = 'connectionURL' in changes ? { connectionURL: url } : changes;
    expect((await failed(given)).text).toContain(text);
  });

  test('with nothing but NULL in the partition column gives one empty range by long', async () => {
    const job = await it.load('goods', { partitionColumn: 'nothing' });
    expect(job).toMatchObject({ state: 'JOB_STATE_DONE', progress: { rangesTotal: 1, rowsRead: 0 } });
  });
});

describe('the launcher', () => {
  test.each([
    [{ table: undefined }, "Either 'query' or both 'table' and 'partitionColumn'"],
    [{ numPartitions: '0' }, 'numPartitions can not be less than 1'],
    [{ password: 'projects/demo/secrets/none/versions/1' }, 'Secret [projects/demo/secrets/none/versions/1] not found'],
    [{ connectionURL: 'jdbc:mysql://127.0.0.1/shop' }, 'not jdbc:mysql:'],
    [{ createDisposition: 'CREATE_IF_NEEDED' }, 'needs bigQuerySchemaPath'],
    [
      { query: 'gs://bucket/none.sql', table: undefined, partitionColumn: undefined },
      'No such object: gs://bucket/none.sql',
    ],
    [{ KMSEncryptionKey: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' }, 'no Cloud KMS'],
    [{ outputDeadletterTable: 'demo:shop.dead' }, 'outputDeadletterTable needs useStorageWriteApi=true'],
    [{ useStorageWriteApiAtLeastOnce: 'true' }, 'needs useStorageWriteApi=true'],
    [{ bigQueryLoadingTemporaryDirectory: 'gs://bucket/../../elsewhere' }, 'leaves the buckets'],
  ])('cannot build the graph of %o', async (changes, text) => {
    const job = await failed(changes);
    expect(job.text).toContain(text);
    expect(job.startedAt).toBeUndefined();
  });
});

test('a range whose connection breaks is read again, and its rows come once', async () => {
  await it.sql(
    'CREATE TABLE breaks (id int, name text); INSERT INTO breaks SELECT g, $$b$$ FROM generate_series(1, 40) g; CREATE SEQUENCE broken',
  );
  // The first time a session of the load reads row 35, it ends itself.
  await it.sql(`CREATE FUNCTION break_once(n int) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
      IF n = 35 AND nextval('broken') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF;
      RETURN 'b';
    END $$`);
  const table = '(select id, break_once(id) as name from breaks) as t';
  const { state, progress, errors } = await it.load('breaks', {
    table,
    ...it.schema('breaks', { id: 'INT64', name: 'STRING' }),
  });
  expect(errors).toEqual([expect.stringContaining('terminating connection due to administrator command')]);
  expect(state).toBe('JOB_STATE_DONE');
  expect(progress).toMatchObject({ rowsRead: 40, rangesDone: 4 });
  expect(await it.rows('SELECT count(*) AS n, count(DISTINCT id) AS ids FROM shop.breaks')).toEqual([
    { n: 40, ids: 40 },
  ]);
});
