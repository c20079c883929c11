// The profiler against a real PostgreSQL: what it says of tables of every kind, and how it fails.

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureSkew } from '../../shared/plan/skew.ts';
import type { EffectiveLoad, Source } from '../../shared/schema/load-config.ts';
import { profileSchema, type TableProfile } from '../../shared/schema/profile.ts';
import { createProfiler } from '../../shared/sql/profiler.ts';
import { someTime } from '../support/execution.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

let server: TestPostgres;
let admin: pg.Client;
let source: Source;

beforeAll(async () => {
  server = await startTestPostgres();
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const url = new URL(server.url);
  process.env.TEST_PG_PASSWORD = decodeURIComponent(url.password);
  source = {
    type: 'postgres',
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    username: url.username,
    password: 'secret://local/PGPASSWORD',
  };
  await admin.query(`
    CREATE TABLE orders (id bigint PRIMARY KEY, note text, amount numeric(12,2), placed_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO orders SELECT i, CASE WHEN i % 4 = 0 THEN NULL ELSE repeat('x', 40) END, i / 7.0, now() FROM generate_series(1, 20000) i;
    CREATE INDEX ON orders (placed_at);
    CREATE INDEX ON orders (lower(note));
    CREATE INDEX ON orders (amount) WHERE amount > 5;
    CREATE TABLE never_analysed (a int);
    CREATE TABLE empty_table (a int PRIMARY KEY);
    CREATE TABLE events (id bigint NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    INSERT INTO events SELECT i, '2026-01-01'::date + (i % 50)::int FROM generate_series(1, 5000) i;
    CREATE VIEW order_view AS SELECT * FROM orders;
    CREATE TABLE big_texts (id int PRIMARY KEY, body text);
    ALTER TABLE big_texts ALTER body SET STORAGE EXTERNAL;
    INSERT INTO big_texts SELECT i, repeat(md5(i::text), 500) FROM generate_series(1, 50) i;
    CREATE TABLE "Odd Name" ("Key" int PRIMARY KEY);
    ANALYZE orders, events, big_texts, empty_table;
  `);
});
afterAll(async () => {
  await admin?.end();
  await server?.stop();
});

const settings = { connectTimeoutMs: 5000, clock: { now: () => someTime } };
const profiler = () => createProfiler({ resolveSecret: async () => process.env.TEST_PG_PASSWORD ?? '', ...settings });
const load = (table: string, fields: Partial<Source> = {}) =>
  ({ name: 'l', table, source: { ...source, ...fields } }) as EffectiveLoad;
const profile = (table: string, fields: Partial<Source> = {}): Promise<TableProfile> =>
  profiler().profile(load(table, fields));

describe('a profile', () => {
  test('tells rows, bytes, columns, keys, nullability, indexes and free connections, and fits its schema', async () => {
    const found = await profile('public.orders');
    expect(profileSchema.parse(found)).toEqual(found);
    expect(found).toMatchObject({ rowCountEstimate: 20_000, primaryKey: ['id'], indexedColumns: ['id', 'placed_at'] });
    expect(found.totalBytes).toBeGreaterThan(1_000_000);
    expect(found.averageRowBytes).toBeGreaterThan(40);
    expect(found.columns.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ['id', 'bigint', false],
      ['note', 'text', true],
      ['amount', 'numeric(12,2)', true],
      ['placed_at', 'timestamp with time zone', false],
    ]);
    expect(found.columns[1]?.nullFraction).toBeCloseTo(0.25, 1);
    expect(found.columns[0]).toMatchObject({ distinctCount: 20_000, histogram: expect.any(Array) });
    expect(found.freeConnections).toBeGreaterThan(10);
    expect(Date.parse(found.profiledAt)).toBe(someTime);
  });

  test('counts frequent values into the histogram, where PostgreSQL keeps them apart', async () => {
    await admin.query(`
      CREATE TABLE popular (id bigint NOT NULL);
      INSERT INTO popular SELECT CASE WHEN i % 5 < 3 THEN 700 ELSE i END FROM generate_series(1, 10000) i;
      CREATE INDEX ON popular (id);
      ANALYZE popular`);
    const { columns } = await profile('popular');
    expect(measureSkew(columns[0] ?? {}, 'long', 10)?.fullestShare).toBeGreaterThan(0.55);
    expect(columns[0]?.histogram?.[0]).toBe('3');
  });

  test('counts no index that cannot serve ranges of the whole table: expressions and partial ones', async () => {
    expect((await profile('orders')).indexedColumns).not.toContain('amount');
  });

  test('counts all partitions of a partitioned table', async () => {
    expect(await profile('events')).toMatchObject({
      rowCountEstimate: 5000,
      partitioned: true,
      primaryKey: ['id', 'day'],
    });
  });

  test('counts what lies in TOAST, in the row size too', async () => {
    const { totalBytes, averageRowBytes } = await profile('big_texts');
    expect(totalBytes).toBeGreaterThan(50 * 16_000);
    expect(averageRowBytes).toBeGreaterThan(15_000);
  });

  test('says unknown, not zero, for a table that was never analysed and for a view', async () => {
    expect((await profile('never_analysed')).rowCountEstimate).toBeNull();
    expect(await profile('order_view')).toMatchObject({ rowCountEstimate: null, isView: true, primaryKey: [] });
  });

  test('finds names in mixed case and with spaces', async () => {
    expect((await profile('public."Odd Name"')).primaryKey).toEqual(['Key']);
  });

  test('with warm-up measures a real read of this table', async () => {
    const found = await profiler().profile(load('orders'), { warmUp: true });
    expect(found.readThroughput).toMatchObject({ connections: 4, bytesRead: expect.any(Number) });
    expect(found.readThroughput?.mbPerSecPerConnection).toBeGreaterThan(0);
  });

  test('with warm-up measures a partitioned table too, and leaves small ones and views unmeasured', async () => {
    const measured = async (table: string) => (await profiler().profile(load(table), { warmUp: true })).readThroughput;
    expect((await measured('events'))?.bytesRead).toBeGreaterThan(0);
    expect(await measured('empty_table')).toBeUndefined();
    expect(await measured('order_view')).toBeUndefined();
  });

  test('touches only the table asked for, whatever else there is', async () => {
    await admin.query(
      `DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE many_%s (id int)', i); END LOOP; END $$`,
    );
    await admin.query('SELECT pg_stat_reset()');
    await profile('orders');
    await admin.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await admin.query(
      'SELECT relname FROM pg_stat_user_tables WHERE coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0',
    );
    expect(rows).toEqual([]);
  });
});

describe('a source that cannot be profiled', () => {
  test('for lack of the table names those that come near', async () => {
    await expect(profile('public.order')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('"public.orders"'),
    });
  });

  test('because nobody listens names host and port', async () => {
    await expect(profile('orders', { port: 1 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  });

  test('because of a wrong password names the user and never the password', async () => {
    const wrong = createProfiler({ resolveSecret: async () => 'hunter2', ...settings });
    const failed = wrong.profile(load('orders', { username: 'nobody' }));
    await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/PERMISSION_DENIED|UNAVAILABLE/) });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  test('because its database is not there says so', async () => {
    await expect(profile('orders', { database: 'nope' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('"nope"'),
    });
  });
});
