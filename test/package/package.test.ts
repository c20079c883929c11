// The package: the same bytes for the same code, everything the cloud needs and nothing else, with a lockfile npm accepts.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFolder } from '../../functions/package.ts';
import { type Lockfile, productionLock } from '../../functions/production-lock.ts';

const root = resolve(import.meta.dirname, '../..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const framework = '@google-cloud/functions-framework';
const manifest = {
  name: 'streamnova-functions',
  version: '0.1.0',
  private: true,
  type: 'module',
  main: 'index.js',
  dependencies: { [framework]: dependencies[framework] ?? '' },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  mkdirSync(join(folder, 'nested'));
  writeFileSync(join(folder, 'index.js'), 'export {};\n');
  writeFileSync(join(folder, 'index.js.LEGAL.txt'), 'licences\n');
  writeFileSync(join(folder, 'nested/b.json'), '{}\n');
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the zip', () => {
  test('has the same bytes whenever it is made', async () => {
    const first = sha(await packageFolder(folder, lock));
    utimesSync(join(folder, 'index.js'), 1, 1);
    writeFileSync(join(folder, 'functions.zip'), 'an older package');
    expect(sha(await packageFolder(folder, lock))).toBe(first);
    rmSync(join(folder, 'functions.zip'));
  });

  test.each(['UTC', 'Asia/Tokyo', 'America/St_Johns'])('has the same bytes in time zone %s', async (zone) => {
    const script = `
      import { createHash } from 'node:crypto';
      import { readFileSync } from 'node:fs';
      import { packageFolder } from '${join(root, 'functions/package.ts')}';
      const zip = await packageFolder('${folder}', JSON.parse(readFileSync('${join(root, 'package-lock.json')}', 'utf8')));
      console.log(createHash('sha256').update(zip).digest('hex'));`;
    const made = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    });
    expect(made.trim()).toBe(sha(await packageFolder(folder, lock)));
  });

  test('holds the files by name, the lockfile among them, and no other zip', async () => {
    const files = unzipSync(await packageFolder(folder, lock));
    expect(Object.keys(files)).toEqual([
      'index.js',
      'index.js.LEGAL.txt',
      'nested/b.json',
      'package-lock.json',
      'package.json',
    ]);
    expect(strFromU8(files['index.js'] ?? new Uint8Array())).toBe('export {};\n');
  });

  test('changes with the code', async () => {
    const before = sha(await packageFolder(folder, lock));
    writeFileSync(join(folder, 'index.js'), 'export const changed = 1;\n');
    expect(sha(await packageFolder(folder, lock))).not.toBe(before);
    writeFileSync(join(folder, 'index.js'), 'export {};\n');
  });

  test('is refused without a bundle, with what to do', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'package-'));
    await expect(packageFolder(empty, lock)).rejects.toThrow('run npm run build first');
    rmSync(empty, { recursive: true });
  });
});

describe('its lockfile', () => {
  test('is one npm ci accepts as it stands', () => {
    const deployed = mkdtempSync(join(tmpdir(), 'package-'));
    writeFileSync(join(deployed, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(deployed, 'package-lock.json'), JSON.stringify(productionLock(lock, manifest)));
    const run = spawnSync('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: deployed,
      encoding: 'utf8',
    });
    rmSync(deployed, { recursive: true });
    expect(run.stderr).not.toMatch(/npm error/);
    expect(run.status).toBe(0);
  });

  test('pins every package by version and content, without a place of download', () => {
    const packages = Object.entries(productionLock(lock, manifest).packages).filter(([path]) => path !== '');
    expect(packages.length).toBeGreaterThan(50);
    for (const [path, locked] of packages) {
      expect(locked.integrity, path).toMatch(/^sha512-/);
      expect(locked.resolved, path).toBeUndefined();
      expect(locked.hasInstallScript, `${path} runs no script at installation`).toBeUndefined();
    }
  });

  const tree = (packages: Lockfile['packages']): Lockfile => ({ lockfileVersion: 3, packages });
  const app = (dependency: Record<string, string>) => ({ name: 'app', version: '1.0.0', dependencies: dependency });

  test('takes the nearest version of a package, and leaves out what nothing needs', () => {
    const cut = productionLock(
      tree({
        'node_modules/a': { version: '1.0.0', dependencies: { b: '2' }, dev: true },
        'node_modules/a/node_modules/b': { version: '2.0.0', dependencies: { c: '*' } },
        'node_modules/b': { version: '1.0.0' },
        'node_modules/c': {
          version: '3.0.0',
          optionalDependencies: { 'only-elsewhere': '1' },
          peerDependencies: { d: '*' },
        },
        'node_modules/d': { version: '4.0.0' },
        'node_modules/unused': { version: '9.0.0' },
      }),
      app({ a: '1.0.0' }),
    );
    expect(Object.keys(cut.packages)).toEqual([
      '',
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
      'node_modules/d',
    ]);
    expect(cut.packages['node_modules/a']).toEqual({ version: '1.0.0', dependencies: { b: '2' } });
  });

  test.each([
    [
      'a dependency is missing',
      { 'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } } },
      'holds no b, which node_modules/a needs',
    ],
    ['a version is another', { 'node_modules/a': { version: '1.0.1' } }, 'a is 1.0.0 in the manifest but 1.0.1'],
  ])('is refused when %s', (_what, packages, message) => {
    expect(() => productionLock(tree(packages), app({ a: '1.0.0' }))).toThrow(message);
  });
});
