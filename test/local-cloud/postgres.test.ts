// The local PostgreSQL: seeded the same each time, kept over a restart, and gone with the process that started it.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceChecksum } from '../../local/checksum/source-checksum.ts';
import { describeTable } from '../../local/checksum/source-columns.ts';
import { seedOrders } from '../../local/postgres/seed.ts';
import { type LocalPostgres, startPostgres } from '../../local/postgres/start-postgres.ts';

let folder: string;
let running: LocalPostgres | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streamnova-postgres-'));
  chmodSync(folder, 0o711);
});
afterEach(async () => {
  await running?.stop();
  // Only the test of a closed folder has its data elsewhere.
  if (running !== undefined && !running.dataDir.startsWith(folder)) {
    rmSync(dirname(running.dataDir), { recursive: true, force: true });
  }
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function checksumOfOrders(client: pg.Client) {
  const table = await describeTable(client, 'orders');
  if (table === undefined) throw new Error('no table orders');
  return sourceChecksum(client, table);
}

/** True while a process with this id is there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
const serverPid = (dataDir: string): number =>
  Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);

test('it speaks UTF-8, and a restart on the same folder finds the data', async () => {
  running = await startPostgres({ folder });
  await connected(running.url, (client) => client.query(`CREATE TABLE kept AS SELECT 'Grüße 🚀' AS text`));
  await running.stop();
  running = await startPostgres({ folder });
  const rows = await connected(running.url, async (client) => (await client.query('SELECT text FROM kept')).rows);
  expect(rows).toEqual([{ text: 'Grüße 🚀' }]);
});

test('`stop` leaves no process', async () => {
  const server = await startPostgres({ folder });
  const pid = serverPid(server.dataDir);
  expect(isAlive(pid)).toBe(true);
  await server.stop();
  expect(isAlive(pid)).toBe(false);
});

test('the server ends when its starter is killed, and its folder starts again', async () => {
  const starter = fork(join(import.meta.dirname, '../support/start-postgres-and-wait.ts'), [folder], { execArgv: [] });
  const [{ dataDir }] = (await once(starter, 'message')) as [{ dataDir: string }];
  const pid = serverPid(dataDir);
  starter.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  running = await startPostgres({ folder });
  expect(await connected(running.url, async (client) => (await client.query('SELECT 1 AS one')).rows)).toEqual([
    { one: 1 },
  ]);
});

test('a port that is taken is named with the flag that helps', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await expect(startPostgres({ folder, port })).rejects.toThrow(
    `port ${port} is in use; \`--postgres-port 0\` picks a free one`,
  );
  other.close();
});

test.runIf(process.getuid?.() === 0)(
  'a folder closed to the account root lends is replaced, and it says so',
  async () => {
    chmodSync(folder, 0o700);
    running = await startPostgres({ folder });
    expect(running.notice).toContain(folder);
    expect(running.dataDir.startsWith(folder)).toBe(false);
  },
);

test('orders has exactly the rows asked for, the same ones each time, and is kept when they are there already', async () => {
  running = await startPostgres({ folder });
  const { url } = running;
  expect(await seedOrders(url, 2000)).toBe('seeded');
  const first = await connected(url, checksumOfOrders);
  expect(first.rows).toBe(2000);
  expect(await seedOrders(url, 2000)).toBe('kept');
  expect(await seedOrders(url, 100)).toBe('seeded');
  expect((await connected(url, checksumOfOrders)).rows).toBe(100);
  await seedOrders(url, 2000);
  expect(await connected(url, checksumOfOrders)).toEqual(first);
});

test('orders has a primary key, NULLs, and about 120 bytes a row', async () => {
  running = await startPostgres({ folder });
  await seedOrders(running.url, 5000);
  const { rows } = await connected(running.url, (client) =>
    client.query(`SELECT pg_relation_size('orders') / count(*) AS bytes, count(*) - count(note) AS nulls,
      (SELECT count(*) FROM pg_index WHERE indrelid = 'orders'::regclass AND indisprimary) AS keys FROM orders`),
  );
  expect(Number(rows[0].bytes)).toBeGreaterThan(100);
  expect(Number(rows[0].bytes)).toBeLessThan(150);
  expect(Number(rows[0].nulls)).toBeGreaterThan(1000);
  expect(rows[0].keys).toBe('1');
});

test('a table orders that somebody else made is left alone', async () => {
  running = await startPostgres({ folder });
  await connected(running.url, (client) => client.query('CREATE TABLE orders AS SELECT 1 AS mine'));
  await expect(seedOrders(running.url, 10)).rejects.toThrow('was not seeded here');
});
