// Names fit their limits and never meet those of another copy; everything that can carry labels does; data outlives a mistake.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything, smallest } from './installations.ts';
import { providerFacts } from './provider-facts.ts';
import { openWorkspace, type Plan, type PlannedResource, terraformInstalled, type Workspace } from './run-terraform.ts';

let workspace: Workspace;
let whole: Plan;
beforeAll(async () => {
  if (!terraformInstalled) return;
  workspace = await openWorkspace();
  whole = await workspace.plan(everything);
});
afterAll(() => workspace?.close());

describe.skipIf(!terraformInstalled)('names', () => {
  let longest: Plan;
  beforeAll(async () => {
    longest = await workspace.plan({
      ...everything,
      prefix: 'abcdefghijkl',
      project_id: 'a'.repeat(30),
      kms_key_name: null,
    });
  });

  /** What a name of each type may look like (Google's resource documentation). */
  const limits: Readonly<Record<string, [field: string, form: RegExp]>> = {
    google_service_account: ['account_id', /^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/],
    google_cloudfunctions2_function: ['name', /^[a-z]([a-z0-9-]{0,61}[a-z0-9])$/],
    google_storage_bucket: ['name', /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/],
    google_pubsub_topic: ['name', /^[A-Za-z][A-Za-z0-9._~%+-]{2,254}$/],
    google_pubsub_subscription: ['name', /^[A-Za-z][A-Za-z0-9._~%+-]{2,254}$/],
    google_firestore_database: ['name', /^[a-z][a-z0-9-]{2,61}[a-z0-9]$/],
    google_project_iam_custom_role: ['role_id', /^[A-Za-z0-9_.]{3,64}$/],
    google_cloud_scheduler_job: ['name', /^[A-Za-z0-9_-]{1,500}$/],
    google_artifact_registry_repository: ['repository_id', /^[a-z]([a-z0-9-]{0,61}[a-z0-9])$/],
    google_eventarc_trigger: ['name', /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/],
    google_logging_metric: ['name', /^[A-Za-z0-9_.,+!*',()%/-]{1,100}$/],
    google_compute_network: ['name', /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/],
  };

  test('fit, even with the longest prefix and project id', () => {
    for (const plan of [whole, longest]) {
      for (const [type, [field, form]] of Object.entries(limits)) {
        expect(plan.ofType(type).length, type).toBeGreaterThan(0);
        for (const { values } of plan.ofType(type)) expect(values[field], type).toMatch(form);
      }
    }
  });

  test('give every function a URL Cloud Run can make', () => {
    for (const plan of [whole, longest]) {
      for (const { values } of plan.ofType('google_cloudfunctions2_function')) {
        const [{ environment_variables: environment }] = values.service_config as [
          { environment_variables: Record<string, string> },
        ];
        expect(new URL(environment.PUSH_AUDIENCE ?? '').hostname.split('.')[0]?.length).toBeLessThanOrEqual(63);
      }
    }
  });

  test('never meet those of another copy in the same project', async () => {
    const other = await workspace.plan({ ...everything, prefix: 'sn-test', target_datasets: {} });
    const own = identities(whole);
    const shared = identities(other).filter((identity) => own.includes(identity));
    // Both enable the same APIs and leave them on; a key of one's own for each copy is what README.md asks for.
    expect(shared.filter((identity) => !/^google_(project_service|kms_crypto_key_iam_member) /.test(identity))).toEqual(
      [],
    );
  });

  test('come with labels wherever labels can be', () => {
    for (const { address, type, values } of whole.resources) {
      const facts = providerFacts.schemas[type]?.attributes ?? {};
      const field =
        facts.labels !== undefined && type !== 'google_monitoring_notification_channel'
          ? 'labels'
          : facts.user_labels === undefined
            ? undefined
            : 'user_labels';
      if (field === undefined) continue;
      expect(values[field], address).toMatchObject({
        app: 'streamnova',
        instance: 'sn-prod',
        'managed-by': 'terraform',
        team: 'data',
      });
    }
  });

  test('are all in the one project', () => {
    for (const { address, values } of whole.resources) {
      if ('project' in values) expect(values.project, address).toBe('my-project');
    }
  });
});

/** What makes a resource itself: its type and the fields that name it; a grant's member and place. */
function identities(plan: Plan): string[] {
  const fields = [
    'name',
    'account_id',
    'repository_id',
    'dataset_id',
    'role_id',
    'display_name',
    'service',
    'member',
    'role',
    'bucket',
    'topic',
    'subscription',
    'secret_id',
    'crypto_key_id',
    'service_account_id',
    'database',
    'collection',
    'field',
    'fields',
    'condition',
    'dashboard_json',
  ];
  const of = ({ type, values }: PlannedResource) => `${type} ${JSON.stringify(fields.map((field) => values[field]))}`;
  return plan.resources.map(of);
}

describe.skipIf(!terraformInstalled)('data', () => {
  test('outlives a destroy unless it is told otherwise', async () => {
    const target_datasets = { warehouse: {} };
    const kept = await workspace.plan({ ...smallest, target_datasets });
    const gone = await workspace.plan({ ...smallest, target_datasets, protect_data: false });
    const state = (plan: Plan) => ({
      ledger: plan.at('google_firestore_database.ledger').values.delete_protection_state,
      ledgerPolicy: plan.at('google_firestore_database.ledger').values.deletion_policy,
      config: plan.at('google_storage_bucket.config').values.force_destroy,
      dataset: plan.at('google_bigquery_dataset.target["warehouse"]').values.delete_contents_on_destroy,
    });
    expect(state(kept)).toEqual({
      ledger: 'DELETE_PROTECTION_ENABLED',
      ledgerPolicy: 'ABANDON',
      config: false,
      dataset: false,
    });
    expect(state(gone)).toEqual({
      ledger: 'DELETE_PROTECTION_DISABLED',
      ledgerPolicy: 'DELETE',
      config: true,
      dataset: true,
    });
    expect(kept.at('google_firestore_database.ledger').values.point_in_time_recovery_enablement).toBe(
      'POINT_IN_TIME_RECOVERY_ENABLED',
    );
  });

  test('is encrypted with the key that is given, wherever a key can be', () => {
    const keys = whole.resources.flatMap(({ address, values }) => {
      const text = JSON.stringify(values);
      return text.includes(everything.kms_key_name) ? [address.replace(/\[.*/, '')] : [];
    });
    for (const type of [
      'google_storage_bucket.config',
      'google_storage_bucket.staging',
      'google_pubsub_topic.recommendations',
      'google_pubsub_topic.executions',
      'google_pubsub_topic.dead_letters',
      'google_firestore_database.ledger',
      'google_artifact_registry_repository.images',
      'google_bigquery_dataset.target',
      'module.functions',
    ]) {
      expect(keys, type).toContain(type);
    }
  });

  test('stays private: buckets have no public access and no access lists of their own', () => {
    for (const { address, values } of whole.ofType('google_storage_bucket')) {
      expect(values, address).toMatchObject({
        uniform_bucket_level_access: true,
        public_access_prevention: 'enforced',
      });
    }
  });
});
