// The service stops and starts again on the same files, in this process and as a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClients } from './clients.ts';
import { type Loading, startLoading } from './loading.ts';
import { place, postgresTemplate, startService } from './service.ts';

test('a restart knows all jobs; scripted ones walk on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dataflow-restart-'));
  let now = Date.UTC(2026, 0, 5);
  const options = { statePath: join(folder, 'jobs.sqlite'), now: () => now };
  const before = await startService(options);
  const { id } = await before.script('walker', { queuedMs: '100', pendingMs: '100', runningMs: '10000' });
  await before.script('done', { runningMs: '1' });
  now += 2000;
  expect(before.dataflow.jobs().map((job) => job.state)).toEqual(['JOB_STATE_RUNNING', 'JOB_STATE_DONE']);
  const after = await before.restart();
  expect((await after.clients.jobs.getJob({ ...place, jobId: id }))[0].currentState).toBe('JOB_STATE_RUNNING');
  expect(await after.texts(id)).toContain('Workers have started successfully.');
  now += 10_000;
  expect(after.dataflow.jobs().map((job) => job.state)).toEqual(['JOB_STATE_DONE', 'JOB_STATE_DONE']);
  await after.stop();
  rmSync(folder, { recursive: true });
});

describe('a process of its own', () => {
  let it: Loading;
  const folder = mkdtempSync(join(tmpdir(), 'dataflow-process-'));
  beforeAll(async () => {
    it = await startLoading();
    await it.sql('CREATE TABLE goods AS SELECT g AS id FROM generate_series(1, 1000) g');
  });
  afterAll(async () => {
    await it.stop();
    rmSync(folder, { recursive: true });
  });

  const start = async (...more: string[]): Promise<{ child: ChildProcess; address: string }> => {
    const args = ['local/dataflow/main.ts', '--data-dir', folder, '--dataset', 'shop', '--startup-ms', '5', ...more];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SECRET_pg: 'streamnova' },
    });
    const [line] = await once(createInterface(child.stdout ?? process.stdin), 'line');
    return { child, address: JSON.parse(String(line)).address };
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    const ended = once(child, 'exit');
    child.kill(signal);
    return (await ended)[0];
  };
  /** A load that does not end by itself. */
  const endless = () => ({
    ...it.parameters('goods', {
      table: '(select id from goods where pg_sleep(0.05) is not null) as slow',
      password: 'projects/demo/secrets/pg/versions/1',
      createDisposition: 'CREATE_IF_NEEDED',
      bigQuerySchemaPath: 'gs://bucket/goods.json',
    }),
  });
  const launch = async (address: string, jobName: string, parameters: Record<string, string>) => {
    const clients = createClients(address);
    const [answer] = await clients.templates.launchFlexTemplate({
      ...place,
      launchParameter: { jobName, containerSpecGcsPath: postgresTemplate, parameters },
    });
    const jobId = answer.job?.id ?? '';
    const state = async () => String((await clients.jobs.getJob({ ...place, jobId }))[0].currentState);
    return { clients, jobId, state };
  };
  const until = async (state: () => Promise<string>, wanted: string) => {
    while ((await state()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  test('says when it is ready, takes a fault script, and ends cleanly on SIGTERM while a load runs', async () => {
    const faults = join(folder, 'faults.json');
    writeFileSync(faults, JSON.stringify([{ kind: 'refuseLaunch', nth: 1 }]));
    const { child, address } = await start('--faults', faults);
    writeSchema(folder);
    await expect(launch(address, 'refused', endless())).rejects.toThrow('UNAVAILABLE');
    const { clients, state } = await launch(address, 'endless', endless());
    await until(state, 'JOB_STATE_RUNNING');
    await clients.close();
    expect(await end(child, 'SIGTERM')).toBe(0);
  });

  test('after a kill the load is FAILED and says why; no row and no file of it is left', async () => {
    const first = await start();
    const { clients, jobId, state } = await launch(first.address, 'killed', endless());
    await until(state, 'JOB_STATE_RUNNING');
    await clients.close();
    await end(first.child, 'SIGKILL');
    const second = await start();
    const again = createClients(second.address);
    const [job] = await again.jobs.getJob({ ...place, jobId });
    expect(job.currentState).toBe('JOB_STATE_FAILED');
    const [messages] = await again.messages.listJobMessages(
      { ...place, jobId, minimumImportance: 'JOB_MESSAGE_ERROR' },
      { autoPaginate: false },
    );
    expect(messages[0]?.messageText).toContain('the local Dataflow service stopped while this job was running');
    await again.close();
    expect(await end(second.child, 'SIGINT')).toBe(0);
    expect(readdirSync(join(folder, 'buckets', 'bucket', 'temp'))).toEqual([]);
    const warehouse = await startService({ warehousePath: join(folder, 'warehouse.duckdb') });
    expect(
      await warehouse.dataflow.warehouse.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'",
      ),
    ).toEqual([]);
    await warehouse.stop();
  });

  test.each([
    [['--port', 'x'], 'a port is a whole number'],
    [['--faults', 'none.json'], '--faults none.json: ENOENT'],
  ])('refuses %o', async (args, text) => {
    const child = spawn(process.execPath, ['local/dataflow/main.ts', '--data-dir', folder, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += String(chunk);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(errors).toContain(text);
  });
});

function writeSchema(folder: string): void {
  mkdirSync(join(folder, 'buckets', 'bucket'), { recursive: true });
  writeFileSync(
    join(folder, 'buckets', 'bucket', 'goods.json'),
    JSON.stringify({ fields: [{ name: 'id', type: 'INT64' }] }),
  );
}
