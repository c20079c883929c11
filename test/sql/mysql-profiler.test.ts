// The profiler against a real MySQL or MariaDB.

import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureSkew } from '../../shared/plan/skew.ts';
import type { EffectiveLoad, Source } from '../../shared/schema/load-config.ts';
import { profileSchema, type TableProfile } from '../../shared/schema/profile.ts';
import { createProfiler } from '../../shared/sql/profiler.ts';
import { someTime } from '../support/execution.ts';
import { mariadbFor, startMariadb, type TestMariadb } from '../support/start-mariadb.ts';

let server: TestMariadb;
let url: URL;
let source: Source;

describe.skipIf(!mariadbFor('the MySQL profiler'))('a MySQL profile', () => {
  const database = `streamnova_${process.pid}`;
  const profiler = (password = decodeURIComponent(url.password)) =>
    createProfiler({ resolveSecret: async () => password, connectTimeoutMs: 5000, clock: { now: () => someTime } });
  const load = (table: string, fields: Partial<Source> = {}) =>
    ({ name: 'l', table, source: { ...source, ...fields } }) as EffectiveLoad;
  const profile = (table: string, fields: Partial<Source> = {}): Promise<TableProfile> =>
    profiler().profile(load(table, fields));
  let admin: Connection;

  beforeAll(async () => {
    server = await startMariadb();
    url = new URL(server.url);
    source = {
      type: 'mysql',
      host: url.hostname,
      port: Number(url.port || 3306),
      database,
      username: decodeURIComponent(url.username),
      password: 'secret://local/MYSQL',
    };
    admin = await createConnection({ uri: url.href, multipleStatements: true });
    await admin.query(`
      CREATE DATABASE ${database}; USE ${database};
      CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(200), amount decimal(12,2), placed_at datetime(6) NOT NULL, KEY (placed_at));
      INSERT INTO orders
        SELECT a.n + 100 * b.n + 10000 * c.n, IF(a.n % 4 = 0, NULL, repeat('x', 150)), a.n / 7, '2026-01-01' + INTERVAL a.n DAY
        FROM (${numbers(100)}) a, (${numbers(100)}) b, (${numbers(3)}) c;
      CREATE TABLE events (id bigint NOT NULL, day date NOT NULL, PRIMARY KEY (id, day))
        PARTITION BY RANGE (to_days(day)) (PARTITION p0 VALUES LESS THAN (to_days('2026-02-01')), PARTITION p1 VALUES LESS THAN MAXVALUE);
      CREATE VIEW order_view AS SELECT * FROM orders;
      ANALYZE TABLE orders, events;
    `);
  }, 60_000);
  afterAll(async () => {
    await admin?.query(`DROP DATABASE IF EXISTS ${database}`);
    await admin?.end();
    await server?.stop();
  });

  test('tells rows, bytes, columns, keys, nullability, indexes and free connections, and fits its schema', async () => {
    const found = await profile('orders');
    expect(profileSchema.parse(found)).toEqual(found);
    expect(found).toMatchObject({ sourceType: 'mysql', schemaName: database, primaryKey: ['id'] });
    // InnoDB estimates its row count from a few pages.
    expect(found.rowCountEstimate).toBeGreaterThan(20_000);
    expect(found.rowCountEstimate).toBeLessThan(45_000);
    expect(found.averageRowBytes).toBeGreaterThan(100);
    expect([...found.indexedColumns].sort()).toEqual(['id', 'placed_at']);
    expect(found.columns.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['id', false],
      ['note', true],
      ['amount', true],
      ['placed_at', false],
    ]);
    expect(found.columns[0]?.type).toMatch(/^bigint/);
    expect(found.freeConnections).toBeGreaterThan(10);
    expect(Date.parse(found.profiledAt)).toBe(someTime);
  });

  test('tells the histogram of an indexed column, where the server keeps one with values', async (context) => {
    const [kept] = await admin.query<RowDataPacket[]>("SHOW VARIABLES LIKE 'histogram_type'");
    const [[version]] = await admin.query<RowDataPacket[]>('SELECT version() AS text');
    const isMariadb = String(version?.text).includes('MariaDB');
    if (isMariadb && kept.length === 0) return context.skip();
    await admin.query(`
      CREATE TABLE skewed (id bigint NOT NULL, free int, KEY (id));
      INSERT INTO skewed SELECT IF(n < 900, n, 1000000 + n), IF(n % 4 = 0, NULL, n)
        FROM (SELECT a.n + 100 * b.n AS n FROM (${numbers(100)}) a, (${numbers(10)}) b) t`);
    await admin.query(
      isMariadb
        ? "SET histogram_type = 'JSON_HB'; ANALYZE TABLE skewed PERSISTENT FOR ALL"
        : 'ANALYZE TABLE skewed UPDATE HISTOGRAM ON id, free WITH 100 BUCKETS',
    );
    const { columns } = await profile('skewed');
    const [id, free] = columns;
    expect(measureSkew(id ?? {}, 'long', 10)?.fullestShare).toBeCloseTo(0.9, 1);
    expect(free?.nullFraction).toBeCloseTo(0.25, 2);
    expect(free?.histogram).toBeUndefined();
  });

  test('names a partitioned table and a view as such', async () => {
    expect(await profile('events')).toMatchObject({ partitioned: true, primaryKey: ['id', 'day'] });
    expect(await profile('order_view')).toMatchObject({ isView: true, rowCountEstimate: null, primaryKey: [] });
  });

  test('with warm-up measures a real read: one connection, and four together', async () => {
    const { readThroughput } = await profiler().profile(load('orders'), { warmUp: true });
    expect(readThroughput).toMatchObject({ connections: 4, warm: expect.any(Boolean) });
    expect(readThroughput?.bytesRead).toBeGreaterThan(1_000_000);
    expect(readThroughput?.mbPerSecPerConnection).toBeGreaterThan(0);
  });

  test('is refused for lack of the table, with names that come near', async () => {
    await expect(profile('orderz')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('orders'),
    });
  });

  test('is refused where nobody listens, with host and port', async () => {
    await expect(profile('orders', { port: 1 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`${url.hostname}:1`),
    });
  });

  test('is refused for a wrong password, which the message does not name', async () => {
    const failed = profiler('hunter2').profile(load('orders'));
    await expect(failed).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });
});

/** A select of 0 to `count` - 1. */
function numbers(count: number): string {
  return Array.from({ length: count }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
}
