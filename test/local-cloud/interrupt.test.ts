// Ctrl-C in every phase: what is under way is let go of, nothing more is begun, no process stays, and the answer is 130.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unlessAborted } from '../../local/start/unless-aborted.ts';
import { processesNaming, startCommand, temporaryState } from '../support/command.ts';

let state: ReturnType<typeof temporaryState>;
beforeEach(() => {
  state = temporaryState();
});
afterEach(() => {
  expect(processesNaming(state.path)).toEqual([]);
  state.remove();
});

/** Sends SIGINT as soon as `moment` is shown. */
async function interruptAt(
  name: 'start' | 'serve',
  rows: number,
  stream: 'stdout' | 'stderr',
  moment: RegExp,
  ...more: string[]
) {
  const args = ['--state-dir', state.path, '--rows', String(rows), '--postgres-port', '0', ...more];
  const command = startCommand(name, args);
  await command.until(stream, moment);
  command.child.kill('SIGINT');
  return command.finished;
}

test('while PostgreSQL starts: no event is published for the next start to run, and --json says what became of it', async () => {
  const { code, stdout, stderr } = await interruptAt('start', 1000, 'stderr', /starting PostgreSQL/, '--json');
  expect(code).toBe(130);
  expect(stderr).not.toContain('✔');
  expect(JSON.parse(stdout)).toEqual({ status: null, checksumEqual: false, reason: 'interrupted' });
  expect(existsSync(join(state.path, 'ledger.sqlite'))).toBe(false);
});

test('while rows are seeded: the seeding is not waited for', async () => {
  // Seeding as many takes minutes.
  const { code, stderr } = await interruptAt('serve', 50_000_000, 'stderr', /seeding/);
  expect(code).toBe(130);
  expect(stderr).not.toMatch(/error/i);
});

test('while both sides are compared: the comparison is not waited for, and not taken for good', async () => {
  const { code, stdout } = await interruptAt('start', 300_000, 'stdout', /counting rows/);
  expect(code).toBe(130);
  expect(stdout).not.toContain('hold the same');
});

test('work that nobody waits for any more fails unheard', async () => {
  const leaving = new AbortController();
  const work = Promise.withResolvers<string>();
  const waited = unlessAborted(leaving.signal, () => work.promise);
  leaving.abort(new Error('interrupted'));
  await expect(waited).rejects.toThrow('interrupted');
  work.reject(new Error('the connection was cut'));
  await expect(unlessAborted(leaving.signal, () => expect.fail('it was begun'))).rejects.toThrow('interrupted');
  expect(await unlessAborted(new AbortController().signal, async () => 'done')).toBe('done');
});
