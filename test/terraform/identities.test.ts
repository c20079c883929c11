// Least privilege: one account for each function, only the roles its code needs, and one account its jobs may run as.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobsCallsFrom } from './engine-calls.ts';
import { everything, smallest } from './installations.ts';
import { type Grant, grantsOf } from './least-privilege.ts';
import { openWorkspace, type Plan, terraformInstalled, type Workspace } from './run-terraform.ts';

const root = resolve(import.meta.dirname, '../..');
const functionKeys = ['on-recommendation', 'execute', 'poll-jobs'];

describe.skipIf(!terraformInstalled)('identities', () => {
  let workspace: Workspace;
  let plan: Plan;
  let grants: Grant[];
  beforeAll(async () => {
    workspace = await openWorkspace();
    plan = await workspace.plan(everything);
    grants = grantsOf(plan);
  });
  afterAll(() => workspace.close());

  const rolesOf = (account: string) =>
    grants.filter((grant) => grant.account === account).map(({ role, on }) => `${role} on ${on}`);

  test('give each function an account of its own', () => {
    const accounts = plan
      .ofType('google_cloudfunctions2_function')
      .map(({ values }) => (values.service_config as [{ service_account_email: string }])[0].service_account_email);
    expect(accounts.sort()).toEqual(
      functionKeys.map((key) => `sn-prod-${key}@my-project.iam.gserviceaccount.com`).sort(),
    );
  });

  test('never hold a basic role, nor an administrator role outside a bucket of the workers', () => {
    const wide = grants.filter(({ role }) => /^roles\/(owner|editor|viewer)$|[aA]dmin$/.test(role));
    expect(wide.map(({ account, role, on }) => `${account} ${role} ${on}`)).toEqual([
      'sn-prod-worker roles/storage.objectAdmin bucket my-project-sn-prod-staging',
      'sn-prod-worker roles/storage.objectAdmin bucket shop-files',
    ]);
  });

  test('let the functions act as the worker account, and nobody as any other', () => {
    const acting = grants.filter(({ role }) => role === 'roles/iam.serviceAccountUser');
    expect(acting.map(({ account, on }) => `${account} as ${on}`).sort()).toEqual(
      functionKeys.map((key) => `sn-prod-${key} as account sn-prod-worker`).sort(),
    );
    const tokens = grants.filter(({ role }) => /TokenCreator$/.test(role));
    expect(tokens.map(({ account, role, on }) => `${account} ${role} ${on}`).sort()).toEqual([
      "Google's agent pubsub roles/iam.serviceAccountOpenIdTokenCreator account sn-prod-push",
      'user:ann@example.com roles/iam.serviceAccountTokenCreator account sn-prod-operator',
    ]);
  });

  test('let only pollJobs publish outcomes, and only recommenders recommendations', () => {
    const publishers = grants
      .filter(({ role }) => role === 'roles/pubsub.publisher')
      .map(({ account, on }) => `${account} ${on}`);
    expect(publishers.sort()).toEqual([
      "Google's agent pubsub topic sn-prod-dead-letters",
      'recommender topic sn-prod-recommendations',
      'sn-prod-poll-jobs topic sn-prod-executions',
    ]);
  });

  test('narrow the ledger role to the one database', () => {
    const ledger = plan
      .ofType('google_project_iam_member')
      .filter(({ values }) => values.role === 'roles/datastore.user');
    expect(ledger.length).toBe(functionKeys.length + 1);
    for (const { values } of ledger) {
      expect((values.condition as [{ expression: string }])[0].expression).toBe(
        'resource.name == "projects/my-project/databases/sn-prod"',
      );
    }
  });

  test('give callers nothing but the call, and readers of secrets only the secrets named', () => {
    for (const account of ['sn-prod-push', 'sn-prod-schedule', 'sn-prod-operator'])
      expect(rolesOf(account), account).toHaveLength(1);
    expect(rolesOf('sn-prod-tick').sort()).toEqual([
      'roles/eventarc.eventReceiver on the project',
      'roles/run.invoker on function sn-prod-poll-jobs',
    ]);
    const secrets = grants.filter(({ role }) => role === 'roles/secretmanager.secretAccessor');
    expect(new Set(secrets.map(({ on }) => on))).toEqual(new Set(['secret shop-user', 'secret shop-password']));
    expect(new Set(secrets.map(({ account }) => account))).toEqual(
      new Set([...functionKeys.map((key) => `sn-prod-${key}`), 'sn-prod-worker']),
    );
  });

  // What each kind of load needs of the worker account (Dataflow's, BigQuery's and Cloud SQL's documentation of roles).
  const always = [
    'roles/bigquery.jobUser on the project',
    'roles/dataflow.worker on the project',
    'roles/storage.objectAdmin on bucket my-project-streamnova-staging',
  ];
  test.each([
    ['nothing but jobs and its own bucket', {}, []],
    ['Cloud SQL, for sources behind its socket factory', { cloud_sql: true }, ['roles/cloudsql.client on the project']],
    [
      "BigQuery's read sessions and the datasets named, for loads from BigQuery",
      { source_datasets: ['shop', 'other-project.sales'] },
      [
        'roles/bigquery.dataViewer on dataset other-project.sales',
        'roles/bigquery.dataViewer on dataset shop',
        'roles/bigquery.readSessionUser on the project',
      ],
    ],
    [
      'the keys of encrypted connections, to decrypt',
      { source_keys: ['projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/sources'] },
      ['roles/cloudkms.cryptoKeyDecrypter on key sources'],
    ],
    [
      'the images of own templates, to read',
      { image_repositories: ['projects/images/locations/europe/repositories/templates'] },
      ['roles/artifactregistry.reader on repository templates'],
    ],
    ['a key of its own for nothing: Google uses it', { kms_key_name: everything.kms_key_name }, []],
  ])('give the workers %s', async (_what, inputs, roles) => {
    const own = grantsOf(await workspace.plan({ ...smallest, ...inputs })).filter(
      ({ account }) => account === 'streamnova-worker',
    );
    expect(own.map(({ role, on }) => `${role} on ${on}`).sort()).toEqual([...always, ...roles].sort());
  });

  test('let workers read a dataset that is made here only once it is', async () => {
    const inputs = { ...smallest, target_datasets: { warehouse: {} }, source_datasets: ['warehouse'] };
    const { values } = (await workspace.plan(inputs)).at(
      'google_bigquery_dataset_iam_member.worker_source["warehouse"]',
    );
    expect(values).toMatchObject({ project: 'my-project', dataset_id: 'warehouse' });
  });

  test.each([
    [
      'on-recommendation',
      [
        ['start.ts', 'start'],
        ['start.ts', 'reject'],
      ],
    ],
    [
      'execute',
      [
        ['start.ts', 'start'],
        ['recommend-load.ts', 'recommendLoad'],
        ['cancel.ts', 'cancel'],
      ],
    ],
    [
      'poll-jobs',
      [
        ['advance.ts', 'advance'],
        ['advance.ts', 'advanceExecution'],
      ],
    ],
  ] as const)('give %s exactly the Dataflow permissions of the calls its code can come to', (key, verbs) => {
    const held = grants.find(({ account, permissions }) => account === `sn-prod-${key}` && permissions !== undefined);
    const calls = new Set(
      verbs.flatMap(([file, verb]) => [...jobsCallsFrom(resolve(root, 'shared/engine', file), verb)]),
    );
    expect([...(held?.permissions ?? [])].sort()).toEqual(
      [...calls].map((call) => permissionOf[call] ?? `? ${call}`).sort(),
    );
  });
});

/** Which permission a call of the Jobs port needs (Dataflow's IAM reference; UpdateJob with a requested state is a cancel). */
const permissionOf: Readonly<Record<string, string>> = {
  launch: 'dataflow.jobs.create',
  list: 'dataflow.jobs.list',
  get: 'dataflow.jobs.get',
  cancel: 'dataflow.jobs.cancel',
  metrics: 'dataflow.metrics.get',
  messages: 'dataflow.messages.list',
};

describe('the engine verbs each function uses', () => {
  test.each([
    ['functions/on-recommendation.ts', ['rejectUnreadable', 'start']],
    ['functions/poll-jobs.ts', ['advance', 'wake']],
  ])('in %s are those its permissions are for', (file, verbs) => {
    const text = readFileSync(resolve(root, file), 'utf8');
    expect([...new Set([...text.matchAll(/\bengine\.(\w+)\(/g)].map(([, verb]) => verb))].sort()).toEqual(verbs);
  });
});
