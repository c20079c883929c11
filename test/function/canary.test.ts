// Secrets planted wherever one can come in are found nowhere: not in logs, ledger, answers, events or launch requests.

import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oidcCaller } from '../../functions/caller.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { createLog } from '../../shared/base/log.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import { createProfiler } from '../../shared/sql/profiler.ts';
import { type LocalEngine, startLocalEngine } from '../support/local-engine.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

const canary = 'cAnArY-7f3b9d';
let server: TestPostgres;
let local: LocalEngine;
let api: string;
const seen: string[] = [];

/** A source that answers and one that refuses; both with a password that only exists behind a path. */
const configOf = (port: number, database: string) => `
sources:
  here: { type: postgres, host: 127.0.0.1, port: ${port}, database: ${database}, username: reader, password: secret://local/CANARY }
  nowhere: { type: postgres, host: 127.0.0.1, port: 1, database: x, username: reader, password: secret://local/CANARY }
targets:
  warehouse: { type: bigquery, dataset: sales }
loads:
  works:
    source: here
    target: warehouse
    table: public.orders
    candidate: { machineType: n2-standard-4, workerCount: 1, shardCount: 4 }
  refused: { source: nowhere, target: warehouse, table: public.orders, partitionColumn: id, partitionColumnType: long, candidate: { machineType: n2-standard-4, workerCount: 1, shardCount: 4 } }
policy: { configOnlyRuns: true }
`;

beforeAll(async () => {
  server = await startTestPostgres();
  const { port, pathname } = new URL(server.url);
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(
    `CREATE TABLE orders (id bigint PRIMARY KEY); CREATE ROLE reader LOGIN PASSWORD '${canary}'; GRANT SELECT ON orders TO reader`,
  );
  await admin.end();
  local = await startLocalEngine(configOf(Number(port), pathname.slice(1)), {
    log: createLog((line) => void seen.push(line)),
    profiler: createProfiler({ resolveSecret: async () => canary, connectTimeoutMs: 3000, clock: systemClock }),
  });
  api = await local.serve('execute');
});
afterAll(async () => {
  await local?.stop();
  await server?.stop();
});

const post = async (body: unknown, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  seen.push(await answer.text());
  return answer.status;
};

test('a load whose password is a path runs to its end without the password being seen', async () => {
  expect(await post({ load: 'works' }, { 'idempotency-key': 'one' })).toBe(202);
  expect(await post({ load: 'works', dryRun: true })).toBe(200);
  expect(await post({ load: 'refused' })).toBe(202);
  for (let tick = 0; tick < 8; tick += 1) {
    local.clock.forward(60_000);
    await local.engine.advance(local.clock.now() + 50_000);
  }
  const { executions } = await local.engine.list({ pageSize: 10 });
  seen.push(JSON.stringify(executions), JSON.stringify(local.published), JSON.stringify(local.dataflow.jobs()));
  expect(executions).toHaveLength(2);
  expect(seen.join('\n')).toContain('secrets/CANARY');
});

test('a token that is refused is neither answered nor logged', async () => {
  const guarded = await local.serve(
    'execute',
    oidcCaller({ audience: 'https://engine.example', serviceAccounts: ['a@b.example'], behindCloudRun: true }),
  );
  const token = Buffer.from(JSON.stringify({ alg: 'RS256', kid: canary })).toString('base64url');
  for (const authorization of [
    `Bearer ${canary}`,
    `Bearer ${token}.${token}.${canary}`,
    `Bearer ${token}.${token}.SIGNATURE_REMOVED_BY_GOOGLE`,
    canary,
  ]) {
    const answer = await fetch(`${guarded}/api/agent/executions`, { headers: { authorization } });
    expect(answer.status).toBe(401);
    seen.push(await answer.text());
  }
});

test('a plain password in a configuration is refused without being repeated', () => {
  const text = configOf(1, 'x').replaceAll('secret://local/CANARY', canary);
  const parsed = parseLoadConfig(text, { file: 'bad.yaml', env: {} });
  expect(parsed.ok).toBe(false);
  seen.push(JSON.stringify(parsed));
});

test('nothing that was written, answered, logged or sent holds the secret', () => {
  expect(seen.length).toBeGreaterThan(8);
  for (const file of local.storeFiles()) seen.push(readFileSync(file, 'latin1'));
  expect(seen.filter((text) => text.includes(canary))).toEqual([]);
});
