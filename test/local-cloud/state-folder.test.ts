// The folder of a local cloud: one at a time, what was there keeps its mode, and what cannot be used is named with the reason.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeStateFolder } from '../../local/cloud/state-folder.ts';
import { temporaryState } from '../support/command.ts';

let parent: ReturnType<typeof temporaryState>;
let folder: string;
beforeEach(() => {
  parent = temporaryState();
  folder = join(parent.path, 'state');
});
afterEach(() => parent.remove());

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('it is made so that others can get through, and taken by one at a time', () => {
  const state = takeStateFolder(folder);
  expect(modeOf(folder)).toBe(0o755);
  expect(() => takeStateFolder(folder)).toThrow(`another local cloud runs on ${folder}; stop it, or`);
  state.release();
  takeStateFolder(folder).release();
});

test('one that was there keeps its mode', () => {
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  takeStateFolder(folder).release();
  expect(modeOf(folder)).toBe(0o700);
});

test('a file in its place is said to be one', () => {
  writeFileSync(folder, '');
  expect(() => takeStateFolder(folder)).toThrow(
    `the state folder ${folder} cannot be used: ${folder} is a file; \`--state-dir\` names another`,
  );
});

const module = join(import.meta.dirname, '../../local/cloud/state-folder.ts');

/** Runs `code` as an account that is not root, in a process of its own. */
function asOrdinaryUser(code: string) {
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  return spawnSync(process.execPath, ['-e', code], { cwd: '/', encoding: 'utf8', ...nobody });
}

/** Takes the folder; what it says. */
function takenByAnOrdinaryUser(): string {
  const code = `import(${JSON.stringify(module)}).then(({ takeStateFolder }) => takeStateFolder(${JSON.stringify(folder)})).catch((error) => console.log(error.message))`;
  return asOrdinaryUser(code).stdout.trim();
}

// A checkout that only root can read cannot be tried as anybody else.
const canBeTried =
  process.platform !== 'win32' && asOrdinaryUser(`fs.accessSync(${JSON.stringify(module)})`).status === 0;

test.runIf(canBeTried)('one that another account left is said to be so, not to be in use', () => {
  takeStateFolder(folder).release();
  chmodSync(folder, 0o555);
  const why = 'may not be written by this account (was it made as root?); `--state-dir` names another';
  expect(takenByAnOrdinaryUser()).toBe(`the state folder ${folder} cannot be used: ${folder} ${why}`);
  chmodSync(folder, 0o777);
  chmodSync(join(folder, 'lock.sqlite'), 0o444);
  expect(takenByAnOrdinaryUser()).toBe(
    `the state folder ${folder} cannot be used: ${join(folder, 'lock.sqlite')} ${why}`,
  );
});
