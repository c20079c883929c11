// The commands as a person runs them: plan and check-config, their output and exit codes.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../shared/schema/plan.ts';
import { inheritedEnvironment } from '../support/inherited-environment.ts';
import { profile } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/configs/${name}`, import.meta.url));

type Ran = { readonly code: number; readonly out: string; readonly err: string };

function run(script: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = { cwd: root, env: { ...inheritedEnvironment(), ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
    });
  });
}

let folder = '';
const write = async (name: string, value: unknown): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamnova-plan-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('plan', () => {
  const fleet = ['--load', 'orders', '--machine-type', 'n2-standard-4', '--workers', '4'];

  test('prints a table with request, steps and warnings', async () => {
    const { code, out } = await run('local/plan.ts', fleet);
    expect(code).toBe(0);
    expect(out).toMatch(/^template +PostgreSQL_to_BigQuery$/m);
    expect(out).toMatch(/^machines +4 × n2-standard-4$/m);
    expect(out).toMatch(/^ +numPartitions +16$/m);
    expect(out).toMatch(/^steps +1\. shards:/m);
    expect(out).toMatch(/^warnings +! /m);
    expect(out).not.toContain('\u001b');
  });

  test('prints the whole plan as JSON, with a profile when one is given', async () => {
    const file = await write('profile.json', profile());
    const { code, out } = await run('local/plan.ts', [...fleet, '--json', '--profile', file, '--shards', '6']);
    const plan = JSON.parse(out) as Plan;
    expect(code).toBe(0);
    expect(plan).toMatchObject({ shardCount: 6, expectedRows: { count: 500_000, exact: false } });
    expect(plan.request.launchParameter.parameters).toMatchObject({ numPartitions: '6', partitionColumn: 'id' });
    expect(plan.request.launchParameter.environment).toMatchObject({ numWorkers: 4, maxWorkers: 4 });
  });

  test('says where it would run, and why', async () => {
    const args = [
      ...fleet,
      '--json',
      '--config',
      fixture('everything.yaml'),
      '--load',
      'employees',
      '--project',
      'acme',
      '--region',
      'europe-west1',
    ];
    const { out } = await run('local/plan.ts', args, { SHOP_HOST: 'h' });
    expect((JSON.parse(out) as Plan).steps.join('\n')).toContain(
      'runs on DATAFLOW: project acme and region europe-west1 are configured',
    );
  });

  const configured = (loads: unknown, targets: unknown = {}) =>
    write('own.yaml', {
      sources: { db: { type: 'postgres', host: 'h', database: 'd' } },
      targets: { warehouse: { type: 'bigquery', dataset: 'raw' }, ...(targets as object) },
      loads,
    });

  test("takes the load's own candidate whole, not just its numbers", async () => {
    const fleet = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };
    const candidate = { ...fleet, maxConcurrentShards: 4, flexRs: true, launcherMachineType: 'n1-standard-2' };
    const config = await configured({
      orders: { source: 'db', target: 'warehouse', table: 't', partitionColumn: 'id', candidate },
    });
    const { out } = await run('local/plan.ts', ['--config', config, '--load', 'orders', '--json']);
    const plan = JSON.parse(out) as Plan;
    expect(plan.maxConcurrentShards).toBe(4);
    expect(plan.request.launchParameter.environment).toMatchObject({
      flexrsGoal: 'FLEXRS_COST_OPTIMIZED',
      launcherMachineType: 'n1-standard-2',
    });
  });

  test('plans both legs of a three-stage load', async () => {
    const config = await configured(
      { orders: { source: 'db', target: 'warehouse', via: 'lake', table: 't', partitionColumn: 'id' } },
      { lake: { type: 'gcs', bucket: 'lake' } },
    );
    const args = ['--config', config, '--machine-type', 'n2-standard-4', '--workers', '2', '--load', 'orders'];
    const [asJson, asTable] = [await run('local/plan.ts', [...args, '--json']), await run('local/plan.ts', args)];
    const { secondLeg, ...first } = JSON.parse(asJson.out) as Plan & { secondLeg: Plan };
    expect(first.request.launchParameter.parameters.yaml_pipeline).toContain('WriteToParquet');
    expect(secondLeg.request.launchParameter.parameters.yaml_pipeline).toContain('ReadFromParquet');
    expect(first.request.launchParameter.jobName).not.toBe(secondLeg.request.launchParameter.jobName);
    expect(asTable.code).toBe(0);
    expect(asTable.out).toMatch(/ReadFromPostgres[\s\S]*^second leg$[\s\S]*ReadFromParquet/m);
  });

  test('answers a skewed key with more ranges', async () => {
    const histogram = ['0', ...Array.from({ length: 9 }, (_, index) => String(99_000 + index * 100)), '100000'];
    const shardsOf = async (column: object) => {
      const columns = [{ name: 'id', type: 'int8', nullable: false, ...column }];
      const file = await write('skewed.json', profile({ rowCountEstimate: 10_000_000, averageRowBytes: 300, columns }));
      const fleet = ['--load', 'orders', '--machine-type', 'n2-highmem-16', '--workers', '4'];
      const { out } = await run('local/plan.ts', [
        ...fleet,
        '--config',
        await configured({ orders }),
        '--profile',
        file,
        '--json',
      ]);
      return (JSON.parse(out) as Plan).shardCount;
    };
    const orders = { source: 'db', target: 'warehouse', table: 'public.orders' };
    expect(await shardsOf({ histogram })).toBeGreaterThan(await shardsOf({}));
  });

  test.each([
    [1, ['--load', 'ordrs'], 'did you mean "orders"?'],
    [1, ['--load', 'orders', '--machine-type', 'n2-standrd-4', '--workers', '2'], 'nearest known: n2-standard-4'],
    [1, ['--load', 'orders', '--machine-type', 'n2-standard-4', '--workers', '0', '--shards', '1'], 'workerCount'],
    [2, [], 'name a load'],
    [2, ['--load', 'orders', '--workers', 'two'], 'whole number'],
    [2, ['--load', 'orders', '--config', 'nowhere.yaml'], 'cannot be read'],
  ])('fails with %i and words: %j', async (expected, args, message) => {
    const { code, err } = await run('local/plan.ts', args);
    expect(code).toBe(expected);
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
  });
});

describe('plan --json', () => {
  test.each([
    ['an unknown load', ['--load', 'ordrs'], 'UNKNOWN_NAME'],
    ['an unknown machine type', ['--load', 'orders', '--machine-type', 'n2', '--workers', '1'], 'MACHINE_TYPE'],
    ['no shards', ['--load', 'orders', '--shards', '0'], 'CANDIDATE'],
  ])('answers %s with violations, as a refused plan is', async (_, args, code) => {
    const { code: exit, out } = await run('local/plan.ts', [...args, '--json']);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ violations: [{ code }] });
  });
});

describe('plan --grid', () => {
  test('prints one JSON line per entry', async () => {
    const file = await write('grid.json', [
      { machineType: 'n2-standard-4', workerCount: 2, rowCount: 1_000_000, rowBytes: 200, connections: null },
      { machineType: 'n2-standard-16', workerCount: 4, rowCount: 1_000_000_000, rowBytes: 500, connections: 16 },
      { machineType: 'unknown-machine', workerCount: 1, rowCount: 1000, rowBytes: 100, connections: 3 },
    ]);
    const { code, out } = await run('local/plan.ts', ['--grid', file]);
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { shards: 8, maxConcurrentShards: 8, threadsPerWorker: 4, caps: { machine: 8, connections: null, policy: 256 } },
      { shards: 12, maxConcurrentShards: 12, threadsPerWorker: 3, caps: { machine: 64, connections: 12, policy: 256 } },
      { error: expect.stringContaining('unknown machine type'), nearest: expect.arrayContaining(['n2-standard-4']) },
    ]);
  });

  test.each([
    ['no JSON', '{', 'is not JSON'],
    ['a wrong field', [{ machine: 'x' }], 'machineType'],
  ])('refuses %s', async (name, content, message) => {
    const { code, err } = await run('local/plan.ts', ['--grid', await write(`${name}.json`, content)]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('check-config', () => {
  test('accepts the local configuration and counts its parts', async () => {
    expect(await run('local/check-config.ts', ['local/streamnova.yaml'])).toEqual({
      code: 0,
      out: 'local/streamnova.yaml: ok (1 source, 1 target, 1 load)\n',
      err: '',
    });
  });

  test('prints every problem as file:line:column and fails', async () => {
    const file = fixture('faulty.yaml');
    const { code, out } = await run('local/check-config.ts', [file]);
    expect(code).toBe(1);
    expect(out.split('\n').filter((line) => line.startsWith(`${file}:`))).toHaveLength(9);
    expect(out).toContain(`${file}:10:5: unknown key "hots" (did you mean "host"?)`);
    expect(out).not.toContain('hunter2');
  });

  test('names what would refuse every run of a load by its own candidate, where it stands', async () => {
    const file = await write(
      'refused.yaml',
      [
        'sources: { db: { type: postgres, host: h, database: d, username: u } }',
        'targets: { warehouse: { type: bigquery, project: p, dataset: s } }',
        'loads:',
        '  orders:',
        '    { source: db, target: warehouse, table: t, partitionColumn: id,',
        '      candidate: { machineType: n9-standard-4, workerCount: 2, shardCount: 40 } }',
        'policy: { maxShards: 4 }',
      ].join('\n'),
    );
    const { code, out } = await run('local/check-config.ts', [file]);
    expect(code).toBe(1);
    expect(out).toMatch(/refused\.yaml:6:33: unknown machine type "n9-standard-4" .*n2-standard-4/);
    expect(out).toContain('refused.yaml:6:76: maxShards: 40 shards, allowed are 4');
    const deployed = await run('local/check-config.ts', [file], { GOOGLE_CLOUD_PROJECT: 'p', REGION: 'us-central1' });
    expect(deployed.out).toContain('tempLocation is missing');
  });

  test('prints problems as JSON when asked', async () => {
    const { out } = await run('local/check-config.ts', ['--json', fixture('faulty.yaml')]);
    expect(JSON.parse(out)).toMatchObject({ ok: false, problems: { length: 9 } });
  });

  test('says when a file is not there', async () => {
    expect(await run('local/check-config.ts', ['nowhere.yaml'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be read'),
    });
  });
});
