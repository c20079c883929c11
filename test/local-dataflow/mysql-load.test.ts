// Real loads from a real MariaDB or MySQL: which rows arrive, how columns are named, what a broken connection does.

import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mariadbFor } from '../support/start-mariadb.ts';
import { type MysqlLoading, startMysqlLoading } from './mysql-loading.ts';
import { mysqlTemplate, place } from './service.ts';

let it: MysqlLoading;

describe.skipIf(!mariadbFor('loads from MySQL'))('a load from MySQL', () => {
  beforeAll(async () => {
    it = await startMysqlLoading({
      resolveSecret: (path) => (path.includes('/secrets/my/') ? 'streamnova' : undefined),
    });
    await it.sql(`CREATE TABLE numbers (n int PRIMARY KEY);
      INSERT INTO numbers WITH RECURSIVE c AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 999) SELECT n FROM c;
      CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(40), amount decimal(12, 2), made datetime(6), seen timestamp(6) NULL, KEY (made));
      INSERT INTO orders SELECT a.n * 5 + b.n + 1, concat('order ', a.n * 5 + b.n + 1), (a.n * 5 + b.n) / 7,
        timestamp '2024-01-01 00:00:00' + INTERVAL a.n * 5 + b.n MINUTE, timestamp '2024-01-01 00:00:00' + INTERVAL a.n MINUTE
        FROM numbers a, numbers b WHERE b.n < 5`);
    await it.rows(
      'CREATE TABLE shop.orders (id BIGINT, note VARCHAR, amount DECIMAL(38, 9), made TIMESTAMP, seen TIMESTAMPTZ)',
    );
  });
  afterAll(() => it?.stop());

  const sums =
    'SELECT count(*) AS n, sum(id) AS ids, sum(amount)::VARCHAR AS amounts, count(DISTINCT note) AS notes FROM shop.orders';
  const whole = { n: 5000, ids: 12_502_500, notes: 5000 };

  test('split by long brings every row once and reports rows, bytes and ranges', async () => {
    const job = await it.load('orders', { isTruncate: 'true' });
    expect(job.errors).toEqual([]);
    expect((await it.rows(sums))[0]).toMatchObject(whole);
    const [source] = await it.sql('SELECT CAST(sum(amount) AS char) AS amounts FROM orders');
    expect(Number((await it.rows(sums))[0]?.amounts)).toBe(Number(source?.amounts));
    expect(job.progress).toMatchObject({ rangesTotal: 4, rangesDone: 4, rowsRead: 5000, rowsWritten: 5000 });
    expect(job.progress?.bytesRead).toBeGreaterThan(5000 * 30);
    expect(job.progress?.bytesRead).toBeLessThan(5000 * 80);
  });

  test.each(['made', 'seen'])(
    'split by datetime (%s) brings every row, the last microsecond included',
    async (column) => {
      await it.sql(
        "INSERT INTO orders VALUES (0, 'last', 0, '2030-01-01 00:00:00.000999', '2030-01-01 00:00:00.000999')",
      );
      const job = await it.load('orders', {
        partitionColumn: column,
        partitionColumnType: 'datetime',
        isTruncate: 'true',
      });
      await it.sql('DELETE FROM orders WHERE id = 0');
      expect(job.errors).toEqual([]);
      expect((await it.rows(sums))[0]).toMatchObject({ n: 5001 });
    },
  );

  test('reads instants and bounds alike whatever the zone of the server', async () => {
    await it.sql("SET GLOBAL time_zone = '+05:30'");
    try {
      const job = await it.load('orders', {
        partitionColumn: 'seen',
        partitionColumnType: 'datetime',
        isTruncate: 'true',
      });
      expect(job.errors).toEqual([]);
      const [row] = await it.rows('SELECT min(seen)::VARCHAR AS first, count(*) AS n FROM shop.orders');
      const [first] = await it.sql('SELECT unix_timestamp(min(seen)) AS seconds FROM orders');
      expect(row?.n).toBe(5000);
      expect(Date.parse(String(row?.first).replace('+00', 'Z'))).toBe(Number(first?.seconds) * 1000);
    } finally {
      await it.sql("SET GLOBAL time_zone = 'SYSTEM'");
    }
  });

  test('loses in silence what is outside of explicit bounds, and reads keys beyond 53 bits', async () => {
    const bounded = await it.load('orders', { isTruncate: 'true', lowerBound: '11', upperBound: '20' });
    expect(bounded.progress).toMatchObject({ rowsRead: 10 });
    await it.sql(`CREATE TABLE keyed (id bigint PRIMARY KEY);
      INSERT INTO keyed VALUES (-9223372036854775807), (9007199254740993), (9007199254740995)`);
    await it.load('keyed', {
      ...it.schema('keyed', { id: 'INT64' }),
      lowerBound: '9007199254740993',
      upperBound: '9007199254740995',
    });
    expect(await it.rows('SELECT id::VARCHAR AS id FROM shop.keyed ORDER BY id')).toEqual([
      { id: '9007199254740993' },
      { id: '9007199254740995' },
    ]);
  });

  test('of an empty table loads nothing by long, and fails by datetime', async () => {
    await it.sql('CREATE TABLE empty_orders LIKE orders');
    const columns = it.schema('empty_orders', {
      id: 'INT64',
      note: 'STRING',
      amount: 'NUMERIC',
      made: 'DATETIME',
      seen: 'TIMESTAMP',
    });
    const byLong = await it.load('empty_orders', columns);
    expect(byLong).toMatchObject({ state: 'JOB_STATE_DONE', progress: { rangesTotal: 1, rowsRead: 0 } });
    const byTime = await it.load('empty_orders', {
      ...columns,
      partitionColumn: 'made',
      partitionColumnType: 'datetime',
    });
    expect(byTime.errors[0]).toContain('min and max of made are NULL');
  });

  test('by a query is read by one reader, from a file too, even where two columns have one name', async () => {
    it.service.put(
      'gs://bucket/q.sql',
      'SELECT id, note, amount, made, seen, id FROM orders WHERE id <= 100 -- the first\n;\n',
    );
    const query = { table: undefined, partitionColumn: undefined, query: 'gs://bucket/q.sql', isTruncate: 'true' };
    const job = await it.load('orders', query);
    expect(job).toMatchObject({ errors: [], progress: { rangesTotal: 1, rowsRead: 100 } });
    expect((await it.rows(sums))[0]).toMatchObject({ n: 100 });
  });

  test('names an expression by its alias only if told to, as Connector/J does', async () => {
    const query = {
      table: undefined,
      partitionColumn: undefined,
      query: 'SELECT id AS other, upper(note) AS loud FROM orders WHERE id = 1',
    };
    const schema = it.schema('named', { id: 'INT64', other: 'INT64', loud: 'STRING' });
    const without = await it.load('named', { ...query, ...schema });
    expect(without.errors[0]).toContain('the expression "loud" has no column name, only an alias');
    await it.load('named', { ...query, ...schema, useColumnAlias: 'true' });
    const column = { ...query, query: 'SELECT id AS other FROM orders WHERE id = 2' };
    await it.load('named', { ...column, ...schema });
    expect(await it.rows('SELECT * FROM shop.named ORDER BY other NULLS LAST')).toEqual([
      { id: null, other: 1, loud: 'ORDER 1' },
      { id: 2, other: null, loud: null },
    ]);
  });

  test('through the generic template follows the driver that the URL is for', async () => {
    await it.sql(
      "CREATE TABLE drivers (id int, at datetime, span time); INSERT INTO drivers VALUES (1, '2024-01-01', '25:00:00')",
    );
    const columns = it.schema('drivers', { id: 'INT64', at: 'STRING', span: 'TIME' });
    const { id } = await it.service.launch('generic', {
      containerSpecGcsPath: mysqlTemplate.replace('MySQL_to_BigQuery', 'Jdbc_to_BigQuery_Flex'),
      parameters: it.parameters('drivers', {
        ...columns,
        connectionURL: it.jdbcUrl.replace('jdbc:mysql:', 'jdbc:mariadb:'),
        driverJars: 'gs://bucket/mariadb.jar',
        driverClassName: 'org.mariadb.jdbc.Driver',
      }),
    });
    await it.service.reach(id, 'JOB_STATE_DONE');
    expect(await it.rows('SELECT drivers.at, span::VARCHAR AS span FROM shop.drivers')).toEqual([
      { at: '2024-01-01 00:00:00.000000Z', span: '01:00:00' },
    ]);
  });

  test('a row of many megabytes arrives, also one of more than a packet holds', async () => {
    const [before] = await it.sql('SELECT @@global.max_allowed_packet AS size');
    await it.sql(`SET GLOBAL max_allowed_packet = ${64 * 1024 * 1024}`);
    const wide = await createConnection({ uri: it.url.href, database: it.database });
    try {
      await wide.query('CREATE TABLE wide (id int, v longtext)');
      for (const length of [0, 3_200_000, 20_000_000]) {
        await wide.query(`INSERT INTO wide VALUES (${length}, repeat('abcdefgh', ${length / 8}))`);
      }
      const job = await it.load('wide', { ...it.schema('wide', { id: 'INT64', v: 'STRING' }), numPartitions: '1' });
      expect(job.errors).toEqual([]);
      expect(await it.rows('SELECT id, length(v) AS n FROM shop.wide ORDER BY id')).toEqual([
        { id: 0, n: 0 },
        { id: 3_200_000, n: 3_200_000 },
        { id: 20_000_000, n: 20_000_000 },
      ]);
    } finally {
      await wide.end();
      await it.sql(`SET GLOBAL max_allowed_packet = ${before?.size}`);
    }
  });

  /** A load that streams rows and then waits within its only range; each row has 20 kB, so the server sends it at once. */
  const slow = (seconds: string) =>
    `(select id, repeat('x', 20000 + if(id = 300, sleep(${seconds}), 0)) as note from orders) as t`;
  const slowParameters = (seconds: string) =>
    it.parameters('orders', {
      table: slow(seconds),
      useColumnAlias: 'true',
      numPartitions: '1',
      lowerBound: '1',
      upperBound: '400',
      isTruncate: 'true',
    });
  const readSoFar = async (jobId: string) => {
    const [answer] = await it.service.clients.metrics.getJobMetrics({ ...place, jobId });
    const metric = (answer.metrics ?? []).find(
      (one) => one.name?.name === 'rowsRead' && one.name.context?.tentative === 'true',
    );
    return metric?.scalar?.numberValue ?? 0;
  };
  const sessions = () =>
    it.sql("SELECT id FROM information_schema.processlist WHERE info LIKE '%sleep(%' AND id <> connection_id()");

  test('whose connection is killed in the middle of a range reads it again, and its rows come once', async () => {
    await it.sql('CREATE TABLE switches (wait int); INSERT INTO switches VALUES (60)');
    const { id } = await it.service.launch('killed', {
      containerSpecGcsPath: mysqlTemplate,
      parameters: slowParameters('(select max(wait) from switches)'),
    });
    while ((await readSoFar(id)) < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    await it.sql('UPDATE switches SET wait = 0');
    const [session] = await sessions();
    await it.sql(`KILL ${session?.id}`);
    const job = await it.service.reach(id, 'JOB_STATE_DONE');
    expect(job.progress).toMatchObject({ rowsRead: 400, rowsWritten: 400, rangesDone: 1 });
    expect(await it.service.texts(id, 'JOB_MESSAGE_ERROR')).toEqual([
      expect.stringMatching(/Connection was killed|Communications link failure|Query execution was interrupted/),
    ]);
    expect(await it.rows('SELECT count(*) AS n, count(DISTINCT id) AS ids FROM shop.orders')).toEqual([
      { n: 400, ids: 400 },
    ]);
  });

  test('that is cancelled in the middle of a range leaves the table as it was', async () => {
    await it.load('orders', { isTruncate: 'true' });
    const { id } = await it.service.launch('cancelled', {
      containerSpecGcsPath: mysqlTemplate,
      parameters: slowParameters('60'),
    });
    while ((await readSoFar(id)) < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    await it.service.clients.jobs.updateJob({ ...place, jobId: id, job: { requestedState: 'JOB_STATE_CANCELLED' } });
    await it.service.reach(id, 'JOB_STATE_CANCELLED');
    expect((await it.rows(sums))[0]).toMatchObject(whole);
    // The server learns of the closed socket only when it wants to send.
    for (const session of await sessions()) await it.sql(`KILL ${session.id}`);
  });
});
