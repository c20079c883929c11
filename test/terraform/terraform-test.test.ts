// `terraform test`: with the stand-in for Google's provider everywhere, and with Google's own where it is installed.

import { existsSync, globSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { providerFacts } from './provider-facts.ts';
import { openWorkspace, terraformInstalled, type Workspace } from './run-terraform.ts';
import { terraformFolder } from './terraform-folder.ts';

const runs = globSync('tests/*.tftest.hcl', { cwd: terraformFolder }).length;

describe.skipIf(!terraformInstalled)('terraform test', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(() => workspace?.close());

  test('passes on the stand-in provider', async () => {
    const { code, output } = await workspace.run('test', '-no-color');
    expect(output).toMatch(/Success! (\d+) passed, 0 failed\./);
    expect(Number(/Success! (\d+) passed/.exec(output)?.[1])).toBeGreaterThan(runs * 2);
    expect(code).toBe(0);
  });
});

/** Whether a folder holds the provider in the pinned version, unpacked (a folder of that name) or packed (a zip that names it). */
function holdsProvider(folder: string): boolean {
  const own = join(folder, providerFacts.address);
  const zip = `terraform-provider-google_${providerFacts.version}_`;
  return existsSync(own) && readdirSync(own).some((name) => name === providerFacts.version || name.startsWith(zip));
}

/** Where terraform init and provider mirrors put providers; nothing is downloaded for a test. */
const mirrors = [
  process.env.TF_PLUGIN_CACHE_DIR ?? '',
  join(homedir(), '.terraform.d/plugins'),
  join(terraformFolder, '.terraform/providers'),
  join(terraformFolder, 'terraform.d/plugins'),
].filter((folder) => folder !== '' && holdsProvider(folder));

describe("Google's own provider", () => {
  const [mirror] = mirrors;
  if (terraformInstalled && mirror === undefined) {
    console.log(
      `SKIPPED: terraform validate and test with Google's own provider ${providerFacts.version}, which is not installed here (terraform init in terraform/ installs it)`,
    );
  }

  test.skipIf(!terraformInstalled || mirror === undefined)(
    'finds the configuration valid, and its tests pass',
    async () => {
      const workspace = await openWorkspace({ provider: mirror ?? '' });
      try {
        expect((await workspace.run('validate', '-no-color')).output).toContain('Success! The configuration is valid.');
        expect((await workspace.run('test', '-no-color')).output).toMatch(/Success! \d+ passed, 0 failed\./);
      } finally {
        workspace.close();
      }
    },
  );
});
