// Without Terraform: references resolve, nothing is declared in vain, and everything declared is described and typed.

import { describe, expect, test } from 'vitest';
import { expressionsOf, isBody, parseTerraform, referencesOf, type TfBlock } from './parsed.ts';
import { providerFacts } from './provider-facts.ts';

const blocks = await parseTerraform();
const modules = [...new Set(blocks.map(({ module }) => module))];
const inModule = (module: string, all: readonly TfBlock[] = blocks) => all.filter((block) => block.module === module);

/** What a module declares, by address. */
function declaredIn(all: readonly TfBlock[]): Set<string> {
  return new Set(
    all.flatMap(({ labels: [kind, first, second], body }) => {
      if (kind === 'variable') return [`var.${first}`];
      if (kind === 'module') return [`module.${first}`];
      if (kind === 'resource') return [`${first}.${second}`];
      if (kind === 'data') return [`data.${first}.${second}`];
      return kind === 'locals' ? Object.keys(body).map((name) => `local.${name}`) : [];
    }),
  );
}

const usedIn = (all: readonly TfBlock[]): Set<string> =>
  new Set(
    all.flatMap(({ labels: [kind, name], body }) => {
      const own = kind === 'variable' ? `var.${name}` : undefined;
      return expressionsOf(body as never)
        .flatMap(referencesOf)
        .filter((address) => address !== own);
    }),
  );

const unresolved = (all: readonly TfBlock[]): string[] => {
  const declared = declaredIn(all);
  return [...usedIn(all)].filter((address) => !declared.has(address)).sort();
};

describe.each(modules)('module %s', (module) => {
  const own = inModule(module);

  test('resolves every reference', () => {
    expect(unresolved(own)).toEqual([]);
  });

  test('uses every variable and local it declares', () => {
    const used = usedIn(own);
    expect([...declaredIn(own)].filter((address) => /^(var|local)\./.test(address) && !used.has(address))).toEqual([]);
  });

  test('describes and types every variable, and validates those of the user', () => {
    const variables = own.filter(({ labels }) => labels[0] === 'variable');
    expect(variables.length).toBeGreaterThan(5);
    for (const { labels, body } of variables) {
      const name = labels[1] ?? '';
      expect(body.description, name).toMatch(/^[A-Z].{5,}\.$/s);
      expect(body.type, name).toBeDefined();
      // Of yes and no there is nothing to validate but that null is neither.
      const checked =
        body.validation !== undefined || (/^\$\{bool\}$/.test(String(body.type)) && body.nullable === false);
      if (module === '.') expect(checked, `${name} is validated`).toBe(true);
      for (const rule of Array.isArray(body.validation) ? body.validation : []) {
        expect(isBody(rule) && rule.error_message, name).toMatch(/^[A-Z$].{10,}\.$|^[a-z_.]+ .{10,}\.$/s);
      }
    }
  });

  test('describes every output', () => {
    const outputs = own.filter(({ labels }) => labels[0] === 'output');
    expect(outputs.length).toBeGreaterThan(3);
    for (const { labels, body } of outputs) expect(body.description, labels[1]).toMatch(/^[A-Z].{5,}\.$/s);
  });

  test('keeps variables and outputs in alphabetical order', () => {
    for (const kind of ['variable', 'output']) {
      const names = own.filter(({ labels }) => labels[0] === kind).map(({ labels }) => labels[1]);
      expect(names).toEqual(names.toSorted());
    }
  });

  test('reads only attributes the provider has', () => {
    const reads = own
      .flatMap(({ body }) => expressionsOf(body as never))
      .flatMap((expression) => [...expression.matchAll(/(?<![\w.])(data\.)?(google_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)/g)]);
    expect(reads.length).toBeGreaterThan(8);
    const unknown = reads.filter(([, data, type, attribute]) => {
      const fact = providerFacts.schemas[`${data ?? ''}${type}`];
      return fact?.attributes[attribute ?? ''] === undefined && fact?.blocks[attribute ?? ''] === undefined;
    });
    expect(unknown.map(([text]) => text)).toEqual([]);
  });
});

describe('the root module', () => {
  const root = inModule('.');

  test('asks for four inputs at most without a default', () => {
    const required = root.filter(({ labels, body }) => labels[0] === 'variable' && body.default === undefined);
    expect(required.map(({ labels }) => labels[1]).sort()).toEqual([
      'alert_emails',
      'load_config',
      'project_id',
      'region',
    ]);
  });

  test('gives the function module every input it needs and none it does not have', () => {
    const call = root.find(({ labels }) => labels.join('.') === 'module.functions');
    const variables = inModule('modules/function').filter(({ labels }) => labels[0] === 'variable');
    const given = new Set(
      Object.keys(call?.body ?? {}).filter((name) => !['source', 'for_each', 'depends_on'].includes(name)),
    );
    expect(variables.filter(({ labels, body }) => body.default === undefined && !given.has(labels[1] ?? ''))).toEqual(
      [],
    );
    expect([...given].filter((name) => !variables.some(({ labels }) => labels[1] === name))).toEqual([]);
  });

  test('reads only outputs the function module has', () => {
    const outputs = new Set(
      inModule('modules/function')
        .filter(({ labels }) => labels[0] === 'output')
        .map(({ labels }) => labels[1]),
    );
    const read = root
      .flatMap(({ body }) => expressionsOf(body as never))
      .flatMap((text) => [...text.matchAll(/module\.functions\[[^\]]+\]\.(\w+)/g)]);
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter(([, name]) => !outputs.has(name)).map(([text]) => text)).toEqual([]);
  });
});

describe('a reference that does not resolve', () => {
  test.each([
    ['a variable', 'locals {\n  a = var.nope\n}', 'var.nope'],
    ['a local', 'locals {\n  a = local.nope\n}', 'local.nope'],
    ['a resource', `locals {\n  a = "x-\${google_pubsub_topic.nope.id}"\n}`, 'google_pubsub_topic.nope'],
    ['a data source', 'locals {\n  a = [data.google_project.nope.number]\n}', 'data.google_project.nope'],
    ['a module', 'locals {\n  a = { (module.nope.key) = 1 }\n}', 'module.nope'],
  ])('%s is found', async (_what, hcl, address) => {
    expect(unresolved(await parseTerraform({ 'main.tf': hcl }))).toEqual([address]);
  });
});
