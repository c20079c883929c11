// `npm start` as a process: a real load from event to compared rows, its life shown, its exit code, and nothing left behind.

import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWarehouse } from '../../local/dataflow/warehouse/warehouse.ts';
import { processesNaming, runCommand, startCommand, temporaryState } from '../support/command.ts';
import { startTestPostgres } from '../support/postgres.ts';

let state: ReturnType<typeof temporaryState>;
beforeEach(() => {
  state = temporaryState();
});
afterEach(() => state.remove());

const start = (...args: string[]) => runCommand('start', ['--state-dir', state.path, ...args]);

test('a load runs from the event to equal rows in the warehouse, and its life is shown in order', async () => {
  const { code, stdout, stderr } = await start('--rows', '2000');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const life = [
    /Local cloud: PostgreSQL on 127\.0\.0\.1:\d+ with 2,000 orders/,
    /Recommendation start-\S+: \d+ × [\w-]+, \d+ shards?/,
    /Event published on recommendations/,
    /Accepted: exe-[0-9a-f]{32}/,
    /Launched job orders-[0-9a-f]{16} \(.+\): \d+ × [\w-]+, \d+ shards?/,
    /SUCCEEDED: 2,000 rows/,
    /hold the same 2,000 rows \(checksum [0-9a-f]{32}\)/,
    /Rows in the source +2,000/,
    /Rows in the warehouse +2,000/,
    /estimated +actual/,
    /Cost: total +\$/,
  ];
  const positions = life.map((moment) => stdout.search(moment));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(stdout).not.toContain('\u001b');
  expect(processesNaming(state.path)).toEqual([]);
});

test('with --json stdout is one line, and the warehouse file holds the rows it tells of', async () => {
  const { code, stdout } = await start(
    '--rows',
    '1500',
    '--json',
    '--machine-type',
    'n2-standard-4',
    '--workers',
    '2',
    '--shards',
    '6',
  );
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const outcome = JSON.parse(stdout);
  expect(outcome).toMatchObject({
    executionId: expect.stringMatching(/^exe-[0-9a-f]{32}$/),
    runId: expect.stringMatching(/^start-/),
    status: 'SUCCEEDED',
    jobId: expect.any(String),
    jobName: expect.stringMatching(/^orders-[0-9a-f]{16}$/),
    rowsSource: 1500,
    rowsLoaded: 1500,
    checksumEqual: true,
    durations: { runningSec: expect.any(Number), totalSec: expect.any(Number) },
    costMicroUsd: expect.any(Number),
  });
  const warehouse = await openWarehouse(outcome.warehouse);
  const [row] = await warehouse.query(
    `SELECT count(*) AS rows, count(DISTINCT id) AS ids FROM ${outcome.warehouseTable}`,
  );
  await warehouse.close();
  expect(row).toEqual({ rows: 1500, ids: 1500 });
});

test('a second start on the same folder loads anew instead of adding rows', async () => {
  for (const rows of ['300', '200']) {
    const { code, stdout } = await start('--rows', rows, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rowsSource: Number(rows),
      rowsLoaded: Number(rows),
      checksumEqual: true,
    });
  }
});

test("a table of the user's own database is loaded, whatever its name and columns", async () => {
  const postgres = await startTestPostgres();
  const client = new pg.Client(postgres.url);
  await client.connect();
  await client.query(`
    CREATE SCHEMA "My Shop";
    CREATE TABLE "My Shop"."Items & more" (
      id int PRIMARY KEY, "Full ""name" text, at timestamptz, doc jsonb, code uuid, raw bytea, tags text[], size interval, n numeric);
    INSERT INTO "My Shop"."Items & more" SELECT i, E'Grüße\\t"' || i, now(), '{"b": 1, "a": null}', gen_random_uuid(),
      decode(md5(i::text), 'hex'), ARRAY['a,b', 'c"d'], interval '1 day 2 hours', i / 7.0 FROM generate_series(1, 700) i;
    ANALYZE`);
  await client.end();
  const { code, stdout, stderr } = await start(
    '--source-url',
    postgres.url,
    '--table',
    '"My Shop"."Items & more"',
    '--json',
  );
  await postgres.stop();
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'SUCCEEDED',
    rowsSource: 700,
    rowsLoaded: 700,
    checksumEqual: true,
  });
});

test('Ctrl-C in the middle of a load stops everything, leaves no process, and answers 130', async () => {
  const command = startCommand('start', ['--state-dir', state.path, '--rows', '200000']);
  await command.until('stdout', /Launched job/);
  command.child.kill('SIGINT');
  const { code } = await command.finished;
  expect(code).toBe(130);
  expect(processesNaming(state.path)).toEqual([]);
});
