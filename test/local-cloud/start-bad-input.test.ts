// What a person gets wrong on `npm start`: each ends with a text that says what to change, an exit code, and no process left behind.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { processesNaming, runCommand, temporaryState } from '../support/command.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let state: ReturnType<typeof temporaryState>;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const client = new pg.Client(postgres.url);
  await client.connect();
  await client.query(`
    CREATE TABLE orders (id int PRIMARY KEY, maybe int);
    INSERT INTO orders SELECT i, CASE WHEN i % 2 = 0 THEN i END FROM generate_series(1, 100) i; ANALYZE`);
  await client.end();
});
afterAll(() => postgres.stop());
beforeEach(() => {
  state = temporaryState();
});
afterEach(() => {
  expect(processesNaming(state.path)).toEqual([]);
  state.remove();
});

const start = (...args: string[]) => runCommand('start', ['--state-dir', state.path, ...args]);
const onUserSource = (...args: string[]) => start('--source-url', postgres.url, ...args);

test.each([
  ['an unknown option', ['--wokers', '3'], /unknown option '--wokers'.*Did you mean --workers/s],
  ['no workers', ['--workers', '0'], /--workers <n>.*whole number of at least 1/],
  ['half a shard', ['--shards', '1.5'], /--shards <n>.*whole number/],
  ['an unknown mode', ['--mode', 'CHEAP'], /COST_OPTIMAL, FAST_LOAD, BALANCED/],
  ['a port that is none', ['--api-port', '70000'], /--api-port.*0 to 65535/],
  ['a source of another kind', ['--source-url', 'oracle://a:secret-word@h/x'], /--source-url must look like postgres:/],
  ['a source URL without a database', ['--source-url', 'postgres://a:secret-word@h'], /--source-url lacks a database/],
  [
    'a source that refuses',
    ['--source-url', 'postgres://a:secret-word@127.0.0.1:1/x', '--table', 't'],
    /cannot connect to postgres:\/\/a@127\.0\.0\.1:1\/x.*ECONNREFUSED.*check host, port/,
  ],
])('%s: exit code 2 and what to do', async (_name, args, message) => {
  const { code, stdout, stderr } = await start(...args);
  expect(stderr).toMatch(message);
  expect(stderr + stdout).not.toContain('secret-word');
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(2);
});

test('a table that is not there: the tables there are', async () => {
  const { code, stderr } = await onUserSource('--table', 'public.ordres');
  expect(stderr).toMatch(/there is no table public\.ordres in postgres:.*it has public\.orders/);
  expect(code).toBe(2);
});

test('a load that is not there: the loads there are', async () => {
  const { code, stderr } = await onUserSource('--load', 'ordres');
  expect(stderr).toMatch(/no load "ordres"; --load takes orders/);
  expect(code).toBe(2);
});

test('an unknown machine type: REJECTED with the nearest known ones', async () => {
  const { code, stdout, stderr } = await onUserSource('--machine-type', 'n2-standard-5', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'REJECTED', checksumEqual: false, reason: /n2-standard-4/ });
  expect(stderr).toMatch(/REJECTED: .*unknown machine type "n2-standard-5".*n2-standard-4/);
});

test('a partition column that may be NULL: refused with the reason', async () => {
  const config = join(state.path, 'config.yaml');
  writeFileSync(config, yaml({ partitionColumn: 'maybe' }));
  const { code, stderr } = await onUserSource('--config', config);
  expect(stderr).toMatch(/partitionColumn.*maybe.*NULL/s);
  expect(code).not.toBe(0);
});

test('a fault in the YAML: file, line, column and what is known there', async () => {
  const config = join(state.path, 'config.yaml');
  writeFileSync(config, yaml({ partitonColumn: 'id' }));
  const { code, stderr } = await onUserSource('--config', config);
  expect(stderr).toMatch(/config\.yaml:\d+:\d+: unknown key "partitonColumn" \(did you mean "partitionColumn"\?\)/);
  expect(code).toBe(2);
});

test('a configuration that is not there: the flag that names it', async () => {
  const { code, stderr } = await onUserSource('--config', join(state.path, 'nothing.yaml'));
  expect(stderr).toMatch(/there is no file .*nothing\.yaml \(--config\)/);
  expect(code).toBe(2);
});

test.each(['--api-port', '--pubsub-port', '--dataflow-port'])('a port that is taken: %s is named', async (flag) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { code, stderr } = await onUserSource(flag, String(port));
  other.close();
  expect(stderr).toBe(`error: port ${port} is in use; \`${flag} 0\` picks a free one\n`);
  expect(code).toBe(2);
});

test('--help explains every option and answers 0', async () => {
  const { code, stdout } = await start('--help');
  expect(code).toBe(0);
  for (const option of [
    '--rows',
    '--source-url',
    '--table',
    '--machine-type',
    '--workers',
    '--shards',
    '--mode',
    '--json',
    '--config',
    '--state-dir',
  ]) {
    expect(stdout).toContain(option);
  }
});

function yaml(fields: Record<string, string>): string {
  const extra = Object.entries(fields).map(([key, value]) => `    ${key}: ${value}`);
  return `version: 1
sources:
  local:
    type: postgres
    host: \${PGHOST}
    port: \${PGPORT}
    database: \${PGDATABASE}
    username: \${PGUSER}
    password: secret://local/PGPASSWORD
targets:
  warehouse:
    type: bigquery
    dataset: warehouse
loads:
  orders:
    source: local
    target: warehouse
    table: public.orders
    schemaPath: gs://local-schemas/orders.json
    createIfNeeded: true
${extra.join('\n')}
`;
}
