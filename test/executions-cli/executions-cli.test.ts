// `npm run executions` as a person runs it: a process against the HTTP API, its words, its JSON and its exit codes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import { executionIn } from '../support/api-answers.ts';
import { type Finished, runCommand, startCommand } from '../support/command.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let api: string;

beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig('configOnlyRuns: true', 600_000));
  api = await local.serve('execute');
});
afterAll(() => local.stop());

const start = async (): Promise<ExecutionView> =>
  executionIn(
    await fetch(`${api}/api/agent/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ load: 'orders' }),
    }),
  );
const executions = (...args: string[]): Promise<Finished> => runCommand('executions', [...args, '--api', api]);
const tick = async (): Promise<void> => {
  local.clock.forward(60_000);
  await local.engine.advance(Number.POSITIVE_INFINITY);
};
/** Ticks until the execution is CANCELLED; its job takes real time to stop, so no number of ticks would be enough. */
const tickUntilCancelled = (executionId: string): Promise<void> =>
  expect
    .poll(
      async () => {
        await tick();
        return (await local.engine.read(executionId))?.value.status;
      },
      { timeout: 30_000 },
    )
    .toBe('CANCELLED');
const unknown = `exe-${'0'.repeat(32)}`;

describe('list', () => {
  test('shows a line per execution, newest first, with nothing but text in a pipe', async () => {
    const older = await start();
    const newer = await start();
    const { code, stdout, stderr } = await executions('list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^execution +status +load +candidate +rows +accepted +duration +cost +attempts$/);
    const row = (view: ExecutionView) => lines.findIndex((line) => line.startsWith(view.executionId));
    expect(lines[row(newer)]).toMatch(/ {2}↗ SUBMITTED {2,}orders {2,}2 × n2-standard-4, 8 shards /);
    expect(row(newer)).toBeLessThan(row(older));
    expect(stdout).not.toContain('\u001b');
  });

  test('is filtered by status and load, and says so when nothing is left', async () => {
    expect((await executions('list', '--status', 'REJECTED')).stdout).toBe('no executions\n');
    expect((await executions('list', '--load', 'nobody')).stdout).toBe('no executions\n');
  });

  test('is as long as asked for, over as many pages as it takes, and one object as JSON', async () => {
    await start();
    await start();
    const { stdout } = await executions('list', '--json', '--limit', '2');
    const { executions: listed } = JSON.parse(stdout) as { executions: ExecutionView[] };
    expect(listed).toHaveLength(2);
    expect(listed[0]?.load).toBe('orders');
  });
});

describe('show', () => {
  test('tells what became of one execution, and everything as JSON', async () => {
    const { executionId } = await start();
    await tick();
    await tick();
    const { code, stdout } = await executions('show', executionId);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^▶ RUNNING .* on 2 × n2-standard-4, 8 shards$/m);
    expect(stdout).toMatch(/^attempt 1 {5}orders-[0-9a-f]{16} \S+ JOB_STATE_RUNNING$/m);
    expect(stdout).toContain('https://console.cloud.google.com/dataflow/jobs/us-central1/');
    expect(JSON.parse((await executions('show', executionId, '--json')).stdout)).toMatchObject({ executionId });
  });
});

describe('cancel and watch', () => {
  test('cancel asks for the end with its reason; watch follows to it, a line per change, and ends with 1', async () => {
    const { executionId } = await start();
    await tick();
    expect(await executions('cancel', executionId, '--reason', 'wrong day')).toMatchObject({
      code: 0,
      stdout: `${executionId} is CANCELLING; workers usually stop within 3 minutes\n`,
    });
    const watching = startCommand('executions', ['watch', executionId, '--every', '0.1', '--api', api]);
    await watching.until('stdout', /CANCELLING/);
    await tickUntilCancelled(executionId);
    const { code, stdout } = await watching.finished;
    expect(code).toBe(1);
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toContain(`${executionId} orders CANCELLED: cancelled on request: wrong day`);
    expect(new Set(lines.map((line) => line.slice(25))).size).toBe(lines.length);
    expect(stdout).not.toContain('\u001b');
  });

  test('a second cancel of an ended execution is a conflict: 5', async () => {
    const { executionId } = await start();
    await executions('cancel', executionId);
    await tickUntilCancelled(executionId);
    expect(await executions('cancel', executionId)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('is CANCELLED and cannot be cancelled any more'),
    });
  });

  test('watch --json prints a line of JSON per change', async () => {
    const { executionId } = await start();
    const watching = startCommand('executions', ['watch', executionId, '--json', '--every', '0.1', '--api', api]);
    await watching.until('stdout', /SUBMITTED/);
    await local.engine.cancel(executionId, 'enough');
    await tickUntilCancelled(executionId);
    const lines = (await watching.finished).stdout.trim().split('\n');
    const statuses = lines.map((line) => (JSON.parse(line) as ExecutionView).status);
    expect(statuses[0]).toBe('SUBMITTED');
    expect(statuses.at(-1)).toBe('CANCELLED');
  });

  test('watch is interrupted with 130', async () => {
    const { executionId } = await start();
    const watching = startCommand('executions', ['watch', executionId, '--every', '0.1', '--api', api]);
    await watching.until('stdout', /SUBMITTED/);
    watching.child.kill('SIGINT');
    expect((await watching.finished).code).toBe(130);
  });
});

describe('what goes wrong', () => {
  test.each([
    ['a word that is no command', ['lst'], 2, 'Did you mean list?'],
    ['a status that does not exist', ['list', '--status', 'DONE'], 2, 'SUCCEEDED'],
    ['an id that is none', ['show', 'exe-nope'], 2, '32 hex digits'],
    ['an execution nobody knows', ['show', unknown], 2, 'there is no execution'],
    ['an address that is none', ['list', '--api', 'localhost'], 2, 'http://127.0.0.1:8080'],
    ['an API that is silent', ['list', '--api', 'http://127.0.0.1:1'], 4, 'npm run serve'],
  ])('%s ends with what to do', async (_, args, code, words) => {
    const asked = args.includes('--api') ? args : [...args, '--api', api];
    const { stdout, ...ended } = await runCommand('executions', asked);
    expect(ended).toEqual({ code, stderr: expect.stringContaining(words) });
    expect(stdout).toBe('');
  });

  test('an address where something else answers says so', async () => {
    const pollJobs = await local.serve('pollJobs');
    const other = await runCommand('executions', ['list', '--api', `${pollJobs}/nothing/here`]);
    expect(other.code).not.toBe(0);
  });

  test.each([['--help'], ['watch', '--help']])('%s %s explains itself and ends well', async (...args) => {
    const { code, stdout } = await executions(...args);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: npm run executions --');
  });
});
