// The documents of the deployment say what is: tables written from the code, commands and names that exist, an example that plans.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything } from './installations.ts';
import { parseTerraform } from './parsed.ts';
import { openWorkspace, terraformInstalled, type Workspace } from './run-terraform.ts';
import { inputsTable, licencesTable, momentsTable, outputsTable, rightsTable, withTable } from './tables.ts';
import { terraformFolder } from './terraform-folder.ts';

const root = resolve(terraformFolder, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = [
  'SECURITY.md',
  ...globSync('terraform/**/*.md', { cwd: root }).filter((path) => !path.includes('.terraform/')),
];

describe('the tables are current; else run: node test/terraform/refresh.ts', () => {
  test('inputs, outputs and moments in README.md', async () => {
    const text = read('terraform/README.md');
    expect(
      withTable(
        withTable(withTable(text, 'inputs', await inputsTable()), 'outputs', await outputsTable()),
        'moments',
        momentsTable(),
      ),
    ).toBe(text);
  });

  test('licences in THREATS.md', () => {
    const text = read('terraform/THREATS.md');
    expect(withTable(text, 'licences', licencesTable())).toBe(text);
  });

  describe.skipIf(!terraformInstalled)('from a plan', () => {
    let workspace: Workspace;
    beforeAll(async () => {
      workspace = await openWorkspace();
    });
    afterAll(() => workspace.close());

    test('rights in THREATS.md', async () => {
      const text = read('terraform/THREATS.md');
      expect(withTable(text, 'rights', await rightsTable(workspace))).toBe(text);
    });

    test('the agents README.md makes are all that are granted the key and that Terraform does not ask for itself', async () => {
      const plan = await workspace.plan(everything);
      const granted = plan
        .ofType('google_kms_crypto_key_iam_member')
        .filter(({ name }) => name === 'agents')
        .map(({ index }) => index);
      const [, made = ''] =
        /for service in ([a-z ]+); do\n +gcloud beta services identity create/.exec(read('terraform/README.md')) ?? [];
      expect([...made.split(' '), 'bigquery', 'storage'].sort()).toEqual(granted.sort());
    });

    test('the example plans, and its load configuration fits it', async () => {
      const planned = await workspace.run(
        'plan',
        '-no-color',
        '-input=false',
        '-var-file=examples/terraform.tfvars',
        '-var=package=versions.tf',
      );
      expect(planned.output).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
      const [, variables] = /config_variables = \{ (\w+)/.exec(read('terraform/examples/terraform.tfvars')) ?? [];
      expect(read('terraform/examples/streamnova.yaml')).toContain(`\${${variables}}`);
    });
  });

  test('a document without its marks is refused', () => {
    expect(() => withTable('nothing here', 'inputs', '')).toThrow('lacks the marks');
  });
});

describe('the documents', () => {
  test('are all there', () => {
    for (const path of [
      'LICENSE',
      'SECURITY.md',
      'terraform/README.md',
      'terraform/THREATS.md',
      '.github/workflows/ci.yml',
    ]) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
    expect(read('LICENSE')).toContain('Apache License');
  });

  test('name only scripts, outputs, inputs and files that exist', async () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const blocks = (await parseTerraform()).filter(({ module }) => module === '.');
    const outputs = blocks.filter(({ labels }) => labels[0] === 'output').map(({ labels }) => labels[1]);
    const inputs = blocks.filter(({ labels }) => labels[0] === 'variable').map(({ labels }) => labels[1]);
    for (const path of documents) {
      const text = read(path);
      for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g))
        expect(scripts, `${path}: npm run ${script}`).toHaveProperty(script ?? '');
      for (const [, output] of text.matchAll(/terraform output (?:-\w+ )?(\w+)/g))
        expect(outputs, path).toContain(output);
      for (const [, input] of text.matchAll(/-var (\w+)=/g)) expect(inputs, path).toContain(input);
      for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
        expect(existsSync(join(root, dirname(path), link ?? '')), `${path}: ${link}`).toBe(true);
    }
  });

  test('deploy in the order that works: package before apply, secrets before both', () => {
    const deploy = /## Deploy\n([\s\S]*?)\n## /.exec(read('terraform/README.md'))?.[1] ?? '';
    const steps = [
      'gcloud services enable',
      'gcloud secrets create',
      'npm ci',
      'npm run build',
      'npm run package',
      'npm run check-config',
      'terraform init',
      'terraform apply',
      'api/agent/execute',
    ];
    const places = steps.map((step) => deploy.indexOf(step));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test('hold no place of this machine and no secret', () => {
    for (const path of [...documents, ...globSync('terraform/**/*.{tf,hcl,yaml,tfvars}', { cwd: root })]) {
      expect(read(path), path).not.toMatch(/\/(work|root|home|tmp)\/|BEGIN [A-Z ]*PRIVATE KEY|AIza[\w-]{30}/);
    }
  });
});
