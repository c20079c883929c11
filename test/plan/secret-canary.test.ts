// Plants a secret in every place of a configuration: it must end in a refusal that does not repeat it, never in a plan.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { effectiveLoadConfig } from '../../shared/plan/effective-load.ts';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { parse, variable } from '../config/support.ts';
import { input, profile } from './support.ts';

type Tree = { [key: string]: Tree | string | number | boolean | string[] };

const configuration = (): Tree => ({
  sources: {
    shop: {
      type: 'postgres',
      host: 'db.internal',
      database: 'shop',
      username: 'loader',
      password: 'projects/p/secrets/s/versions/1',
      properties: {},
    },
  },
  targets: { warehouse: { type: 'bigquery', dataset: 'raw' } },
  loads: {
    orders: {
      source: 'shop',
      target: 'warehouse',
      table: 'public.orders',
      environment: { tempLocation: 'gs://acme-temp/t', additionalPipelineOptions: [] },
      template: { parameters: {} },
    },
  },
});

/** Places a person might put a secret, and how the value is written there. */
const places: Record<string, (tree: Tree, secret: string) => void> = {
  password: (tree, secret) => set(tree, ['sources', 'shop', 'password'], secret),
  'property password': (tree, secret) => set(tree, ['sources', 'shop', 'properties', 'password'], secret),
  'property sslpassword': (tree, secret) => set(tree, ['sources', 'shop', 'properties', 'sslpassword'], secret),
  'property trustStorePassword': (tree, secret) =>
    set(tree, ['sources', 'shop', 'properties', 'trustStorePassword'], secret),
  'option of the URL': (tree, secret) => setUrl(tree, `jdbc:postgresql://h/d?user=loader&password=${secret}`),
  'authority of the URL': (tree, secret) => setUrl(tree, `jdbc:postgresql://loader:${secret}@h/d`),
  'escaped option of the URL': (tree, secret) => setUrl(tree, `jdbc:postgresql://h/d?p%61ssword=${secret}`),
  'template parameter password': (tree, secret) =>
    set(tree, ['loads', 'orders', 'template', 'parameters', 'password'], secret),
  'template parameter apiToken': (tree, secret) =>
    set(tree, ['loads', 'orders', 'template', 'parameters', 'apiToken'], secret),
  'pipeline option': (tree, secret) =>
    set(tree, ['loads', 'orders', 'environment', 'additionalPipelineOptions'], [`dbPassword=${secret}`]),
  'URL in a pipeline option': (tree, secret) =>
    set(tree, ['loads', 'orders', 'environment', 'additionalPipelineOptions'], [`from=${urlWith(secret)}`]),
  experiment: (tree, secret) =>
    set(tree, ['loads', 'orders', 'environment', 'additionalExperiments'], [`password=${secret}`]),
  'launch option': (tree, secret) =>
    set(tree, ['loads', 'orders', 'environment', 'launchOptions'], { dbPassword: secret }),
  label: (tree, secret) => set(tree, ['loads', 'orders', 'environment', 'additionalUserLabels'], { password: secret }),
  'URL in a property': (tree, secret) =>
    set(tree, ['sources', 'shop', 'properties', 'proxy'], `http://loader:${secret}@h`),
  "URL in a parameter of the user's own template": (tree, secret) => setOwn(tree, 'sourceUrl', urlWith(secret)),
  'Beam YAML': (tree, secret) => setOwn(tree, 'yaml_pipeline', `config:\n  username: loader\n  password: ${secret}\n`),
  'JSON in a parameter': (tree, secret) => setOwn(tree, 'jinja_variables', `{"db": {"password": "${secret}"}}`),
};

const urlWith = (secret: string): string => `jdbc:postgresql://loader:${secret}@h/d`;

function setOwn(tree: Tree, parameter: string, value: string): void {
  const template = { containerSpecGcsPath: 'gs://acme/own.json', parameters: { [parameter]: value } };
  set(tree, ['loads', 'orders', 'template'], template);
}

function set(tree: Tree, path: string[], value: Tree[string]): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) tree[first] = value;
  else set(tree[first] as Tree, rest, value);
}

function setUrl(tree: Tree, url: string): void {
  const source = (tree.sources as Tree).shop as Tree;
  delete source.host;
  delete source.database;
  source.jdbcUrl = url;
}

/** Everything the planner says about a configuration: problems, violations or the plan. */
function answerTo(tree: Tree, env: Record<string, string>): { readonly text: string; readonly planned: boolean } {
  const parsed = parse(stringify(tree), env);
  if (!parsed.ok) return { text: JSON.stringify(parsed), planned: false };
  const effective = effectiveLoadConfig(parsed.config, 'orders');
  if (!effective.ok) return { text: JSON.stringify(effective), planned: false };
  const result = planLoad(input({ load: effective.load, profile: profile() }));
  return { text: JSON.stringify(result), planned: result.ok };
}

/** Letters and digits of a shape nothing else has, so that finding it means having leaked it. */
const secrets = fc.stringMatching(/^[A-Za-z0-9]{12,40}$/).map((text) => `cnry${text}`);

describe('a planted secret', () => {
  test('is missing in a configuration without one, which plans', () => {
    expect(answerTo(configuration(), {}).planned).toBe(true);
  });

  test.each([
    ['a secret path in Beam YAML', 'yaml_pipeline', 'config:\n  password: projects/p/secrets/s/versions/1\n'],
    ['a variable of Jinja', 'yaml_pipeline', "config:\n  password: '{{ password }}'\n"],
    ['a secret manager', 'yaml_pipeline', 'config:\n  secret_manager: GoogleCloudSecretManager\n'],
    ['a query about tokens', 'query', 'select id, token from t where (token = 5)'],
  ])('is not seen in %s', (_, parameter, value) => {
    const tree = configuration();
    setOwn(tree, parameter, value);
    expect(answerTo(tree, {})).toMatchObject({ planned: true });
  });

  property.prop([fc.constantFrom(...Object.keys(places)), secrets, fc.boolean()], { numRuns: 200 })(
    'never reaches a plan nor a message, written out or through a variable',
    (place, secret, throughVariable) => {
      const tree = configuration();
      places[place]?.(tree, throughVariable ? variable('SECRET') : secret);
      const { text, planned } = answerTo(tree, throughVariable ? { SECRET: secret } : {});
      expect(planned).toBe(false);
      expect(text).not.toContain(secret);
      expect(text).toMatch(/secret/i);
    },
  );
});
