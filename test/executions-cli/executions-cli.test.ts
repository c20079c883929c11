// `npm run executions` as a person runs it: a process against the HTTP API.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executionIn } from '../support/api-answers.ts';
import { type Finished, runCommand } from '../support/command.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let api: string;
let executionId: string;

beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig('configOnlyRuns: true', 60_000));
  api = await local.serve('execute');
  const answer = await fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ load: 'orders' }),
  });
  ({ executionId } = await executionIn(answer));
});
afterAll(() => local.stop());

const executions = (...args: string[]): Promise<Finished> => runCommand('executions', [...args, '--api', api]);

describe('npm run executions', () => {
  test('list shows a line per execution, and with --json what the API answers', async () => {
    const text = await executions('list');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(new RegExp(`${executionId} +orders +SUBMITTED +1 +2xn2-standard-4`));
    const json = JSON.parse((await executions('list', '--json')).stdout);
    expect(json.executions[0].executionId).toBe(executionId);
  });

  test('list filters, and says so when nothing is left', async () => {
    expect((await executions('list', '--status', 'FAILED')).stdout).toBe('no executions\n');
  });

  test('show tells what, where and why', async () => {
    const { stdout } = await executions('show', executionId);
    expect(stdout).toContain('2 x n2-standard-4, 8 shards');
    expect(stdout).toContain('in demo/us-central1');
  });

  test('cancel asks for the end, and watch follows to it with a line per change and no escape codes', async () => {
    expect((await executions('cancel', executionId, '--reason', 'wrong day')).stdout).toContain('CANCELLING');
    const watching = executions('watch', executionId, '--every', '1');
    for (let tick = 0; tick < 10; tick += 1) {
      local.clock.forward(60_000);
      await local.engine.advance(local.clock.now() + 50_000);
    }
    const { code, stdout } = await watching;
    expect(code).toBe(1);
    expect(stdout.trim().split('\n').at(-1)).toContain('CANCELLED');
    expect(stdout).not.toContain('\u001b');
  });

  test('an unknown execution, an unknown status and a silent API end with what to do', async () => {
    expect(await executions('show', 'exe-nope')).toMatchObject({ code: 1, stderr: expect.stringContaining('404') });
    expect(await executions('list', '--status', 'DONE')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SUCCEEDED'),
    });
    const silent = await runCommand('executions', ['list', '--api', 'http://127.0.0.1:1']);
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('npm run serve') });
  });
});
