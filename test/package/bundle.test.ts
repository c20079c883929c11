// The bundle, built as a user builds it: it registers every function under the name Terraform deploys, and packs to the same bytes again.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const entryPoints = ['onRecommendation', 'execute', 'pollJobs'];

/** A copy of what is deployed, built and packed; dist/ of the checkout is left alone. */
function builtCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'bundle-'));
  for (const path of ['functions', 'shared', 'package.json', 'package-lock.json', 'LICENSE']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const script of ['build', 'package']) execFileSync(process.execPath, [`functions/${script}.ts`], { cwd: copy });
  return copy;
}

describe('the bundle', () => {
  let copies: string[] = [];
  beforeAll(() => {
    copies = [builtCopy(), builtCopy()];
  });
  afterAll(() => {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  });

  test('packs to the same bytes in another checkout', () => {
    const hashes = copies.map((copy) =>
      createHash('sha256')
        .update(readFileSync(join(copy, 'dist/functions.zip')))
        .digest('hex'),
    );
    expect(hashes[0]).toBe(hashes[1]);
  });

  test('registers every function Terraform deploys, without a connection to anything', () => {
    const terraform = readFileSync(join(root, 'terraform/functions.tf'), 'utf8');
    const deployed = [...terraform.matchAll(/entry_point = "(\w+)"/g)].map(([, name]) => name);
    expect(deployed.sort()).toEqual(entryPoints.toSorted());
    // getTestServer throws for a name nobody registered.
    const script = `
      import { getTestServer } from '@google-cloud/functions-framework/testing';
      await import('./dist/index.js');
      for (const name of ${JSON.stringify(entryPoints)}) getTestServer(name);
      let refused = false;
      try { getTestServer('nobody'); } catch { refused = true; }
      console.log(refused ? 'all registered' : 'anything goes');
      process.exit(0);`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: copies[0],
      env: {
        PATH: process.env.PATH,
        LOAD_CONFIG: 'streamnova.yaml',
        GOOGLE_CLOUD_PROJECT: 'demo',
        REGION: 'europe-west1',
        METADATA_SERVER_DETECTION: 'none',
      },
      encoding: 'utf8',
    });
    expect(output.trim()).toBe('all registered');
  });

  test.each([
    ['lets in whom Cloud Run let in', { K_SERVICE: 'streamnova-execute' }, 404],
    ['believes no token without a signature elsewhere', {}, 401],
  ])('%s', (_name, env, status) => {
    const audience = 'https://streamnova-execute-123456789012.europe-west1.run.app';
    const claims = { iss: 'https://accounts.google.com', aud: audience, email: 'a@b.example', email_verified: true };
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.SIGNATURE_REMOVED_BY_GOOGLE`;
    // Its certificates come from the internet, where no test goes: the process finds no way there.
    const script = `
      import { getTestServer } from '@google-cloud/functions-framework/testing';
      await import('./dist/index.js');
      const server = getTestServer('execute').listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port + '/api/agent/nothing';
        console.log((await fetch(url, { headers: { authorization: 'Bearer ${token}' } })).status);
        process.exit(0);
      });`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: copies[0],
      env: {
        PATH: process.env.PATH,
        LOAD_CONFIG: 'streamnova.yaml',
        GOOGLE_CLOUD_PROJECT: 'demo',
        REGION: 'europe-west1',
        METADATA_SERVER_DETECTION: 'none',
        PUSH_AUDIENCE: audience,
        PUSH_SERVICE_ACCOUNTS: 'a@b.example',
        HTTPS_PROXY: 'http://127.0.0.1:1',
        ...env,
      },
      encoding: 'utf8',
    });
    expect(Number(output.trim().split('\n').at(-1))).toBe(status);
  });

  test('brings its licence and those of what it holds', () => {
    expect(readFileSync(join(copies[0] ?? '', 'dist/LICENSE'), 'utf8')).toContain('Apache License');
    expect(readFileSync(join(copies[0] ?? '', 'dist/index.js.LEGAL.txt'), 'utf8').length).toBeGreaterThan(1000);
  });
});
