// Terraform itself, offline: format, validate, plan; and whatever is broken on purpose is refused.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factsOfSchema } from './facts-of-schema.ts';
import { everything, smallest } from './installations.ts';
import { openWorkspace, terraformInstalled, type Workspace } from './run-terraform.ts';

describe.skipIf(!terraformInstalled)('terraform', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(() => workspace.close());

  /** Runs with `from` replaced by `to` in one file, and puts the file back. */
  async function broken<T>(file: string, from: string, to: string, run: () => Promise<T>): Promise<T> {
    const path = join(workspace.folder, file);
    const text = readFileSync(path, 'utf8');
    expect(text, `${file} holds what is to be broken`).toContain(from);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    try {
      return await run();
    } finally {
      writeFileSync(path, text);
    }
  }

  test('finds nothing to format', async () => {
    expect(await workspace.run('fmt', '-check', '-recursive')).toEqual({ code: 0, output: '' });
  });

  test('finds the configuration valid', async () => {
    expect((await workspace.run('validate', '-no-color')).output).toContain('Success! The configuration is valid.');
  });

  test('prints schemas that give back the facts: so they can be taken anew from another version', async () => {
    const printed: unknown = JSON.parse((await workspace.run('providers', 'schema', '-json')).output);
    const { provider, schemas } = JSON.parse(
      readFileSync(new URL('../fixtures/terraform/google-provider.json', import.meta.url), 'utf8'),
    );
    const taken = factsOfSchema(printed, provider, Object.keys(schemas));
    expect(taken).toEqual(schemas);
    expect(() => factsOfSchema(printed, provider, ['google_nothing'])).toThrow('has no google_nothing');
  });

  test('plans the smallest installation and the one with everything', async () => {
    const small = await workspace.plan(smallest);
    const whole = await workspace.plan(everything);
    expect(small.ofType('google_cloudfunctions2_function').length).toBe(3);
    expect(small.ofType('google_eventarc_trigger')).toEqual([]);
    expect(whole.ofType('google_eventarc_trigger').length).toBe(1);
    expect(whole.resources.length).toBeGreaterThan(small.resources.length + 30);
  });

  test.each([
    [
      'an unknown argument',
      'scheduler.tf',
      'time_zone        = "Etc/UTC"',
      'timezone = "Etc/UTC"',
      'argument named "timezone" is not expected',
    ],
    [
      'a missing argument',
      'events.tf',
      'topic                      = google_pubsub_topic.dead_letters.id',
      '',
      '"topic" is required',
    ],
    [
      'an unknown block',
      'events.tf',
      'retry_policy {',
      'retry_rules {',
      'Blocks of type "retry_rules" are not expected',
    ],
    ['a value outside its enumeration', 'firestore.tf', '"FIRESTORE_NATIVE"', '"NATIVE"', 'cannot be "NATIVE"'],
    ['an undeclared variable', 'config.tf', 'file(var.load_config)', 'file(var.loads)', 'undeclared input variable'],
    [
      'an undeclared resource',
      'events.tf',
      'google_pubsub_topic.dead_letters.id',
      'google_pubsub_topic.dead.id',
      'undeclared resource',
    ],
    [
      'an attribute that is not there',
      'dataflow.tf',
      'google_service_account.worker.member',
      'google_service_account.worker.mail',
      'Unsupported attribute',
    ],
    [
      'an output the module lacks',
      'scheduler.tf',
      'module.functions["poll-jobs"].url',
      'module.functions["poll-jobs"].address',
      'Unsupported attribute',
    ],
    [
      'an input the module lacks',
      'functions.tf',
      'lease_sec     = local.lease_sec',
      'lease = local.lease_sec',
      'argument named "lease" is not expected',
    ],
    ['a function that does not exist', 'config.tf', 'filesha256(', 'filesha255(', 'no function named "filesha255"'],
  ])('refuses %s', async (_what, file, from, to, message) => {
    const run = await broken(file, from, to, () => workspace.run('validate', '-no-color'));
    expect(run.code).not.toBe(0);
    expect(run.output.replaceAll(/\s+/g, ' ')).toContain(message);
  });

  /** What Terraform says of inputs it refuses, on one line. */
  const refusal = (change: object): Promise<string> =>
    workspace.plan({ ...smallest, ...change }).then(
      () => 'planned',
      (error: Error) => error.message.replaceAll(/[\s│]+/g, ' '),
    );

  test.each([
    [
      'a lease shorter than a function may run',
      { timing: { launch_slack_ms: 0, clock_skew_ms: 0 } },
      'instance that outlives its lease could launch twice',
    ],
    [
      'a function that may work longer than Pub/Sub waits for an answer',
      { timing: { launch_deadline_ms: 500_000, launch_lateness_ms: 500_000 }, delivery: { max_attempts: 30 } },
      'Pub/Sub waits at most 600 s for an answer',
    ],
    ['pauses that do not outlast lease and wait', { delivery: { max_attempts: 8 } }, 'Raise delivery.max_attempts'],
  ])('refuses %s', async (_what, change, message) => {
    expect(await refusal(change)).toContain(message);
  });

  // One wrong value of each input at a time: Terraform names them all at once.
  test.each([
    [
      {
        alert_emails: ['nobody'],
        api_callers: ['user:ann@example.com'],
        config_variables: { host: 'x' },
        daily_budget_usd: 0,
        data_buckets: { read: ['gs://x'] },
        delivery: { max_attempts: 4 },
        firestore_location: 'Europe',
        image_repositories: ['europe-docker.pkg.dev/p/templates'],
        kms_key_name: 'projects/p/locations/l/keyRings/r',
        labels: { Team: 'data' },
        load_config: 'nowhere.yaml',
        network: { private_workers: true },
        operators: ['ann@example.com'],
        otlp_endpoint: 'collector:4318',
        package: 'nowhere.zip',
        prefix: 'streamnova-production',
        project_id: '123456789012',
        recommenders: ['ann@example.com'],
        region: 'europe-west1-b',
        scheduled_loads: { a: '0 0 3 * * *' },
        secrets: ['projects/p/secrets/s/versions/1'],
        source_datasets: ['p:d'],
        source_keys: ['sources'],
        target_datasets: { 'p:d': {} },
        timing: { list_lag_ms: 1.5 },
      },
      [
        'Every entry of alert_emails must be an e-mail address',
        "service account's e-mail address",
        'written in capitals',
        'more than 0',
        'without gs://',
        '5 to 100',
        'must be a Firestore location',
        'image_repositories must',
        'kms_key_name must read',
        'lower case letters',
        'path of a readable YAML file',
        'Private Google Access',
        'Every entry of operators',
        'http(s) URL',
        'npm run package',
        'prefix must be 4 to 12',
        'project_id must be a project id',
        'Every entry of recommenders',
        'region must be a region',
        'five fields',
        'never values',
        'DATASET or PROJECT.DATASET',
        'source_keys must',
        'letters, digits and underscores',
        'whole number of milliseconds',
      ],
    ],
    [
      {
        api_ingress: 'ALLOW_INTERNAL_ONLY',
        delivery: { minimum_backoff_sec: 601, maximum_backoff_sec: 700 },
        network: { create: true, subnetwork: 'regions/r/subnetworks/s' },
        scheduled_loads: { a: '0 3 * * *' },
        scheduled_load_options: { a: { mode: 'CHEAP' }, b: {} },
      },
      [
        'The uptime check comes from the internet',
        '1 to 600 seconds',
        'not both',
        'COST_OPTIMAL, FAST_LOAD or BALANCED',
        'stands in scheduled_loads too',
      ],
    ],
    [
      { api_ingress: 'ALL', network: { ip_range: '10.0.0.0' }, scheduled_loads: { 'a/b': '0 3 * * *' } },
      ['api_ingress must be', 'CIDR range', 'scheduled_load_options if it is called otherwise'],
    ],
  ])('refuses inputs that cannot work, each with what to do (%#)', async (inputs, messages) => {
    const words = await refusal(inputs);
    expect(messages.filter((message) => !words.includes(message))).toEqual([]);
  });
});
