// Figures and names nothing else depends on, so that only production would show that one was changed by mistake.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectNumber } from './computed-values.ts';
import { everything } from './installations.ts';
import { parseTerraform } from './parsed.ts';
import { openWorkspace, type Plan, terraformInstalled, type Workspace } from './run-terraform.ts';
import { terraformFolder } from './terraform-folder.ts';

describe.skipIf(!terraformInstalled)('the plan', () => {
  let workspace: Workspace;
  let plan: Plan;
  beforeAll(async () => {
    workspace = await openWorkspace();
    plan = await workspace.plan(everything);
  });
  afterAll(() => workspace?.close());

  const services = () =>
    plan
      .ofType('google_cloudfunctions2_function')
      .map(({ values }) => (values.service_config as [Record<string, unknown>])[0]);

  test('ticks every minute, and Scheduler waits as long as the function may work', () => {
    expect(plan.at('google_cloud_scheduler_job.tick').values.schedule).toBe('* * * * *');
    for (const { values } of plan.ofType('google_cloud_scheduler_job'))
      for (const { timeout_seconds: seconds } of services()) expect(values.attempt_deadline).toBe(`${seconds}s`);
  });

  test('moves what cannot be delivered to the dead-letter topic, whose subscription keeps it for 31 days', () => {
    const [policy] = plan.at('google_pubsub_subscription.recommendations').values.dead_letter_policy as [
      { dead_letter_topic: string },
    ];
    const topic = plan.at('google_pubsub_topic.dead_letters').values.id;
    expect(policy.dead_letter_topic).toBe(topic);
    const kept = plan.at('google_pubsub_subscription.dead_letters').values;
    expect(kept).toMatchObject({ topic, message_retention_duration: `${31 * 24 * 3600}s` });
  });

  test('calls somebody at the first dead letter and at a fifth of failures', () => {
    const queryOf = (name: string): string => {
      const [condition] = plan.at(`google_monitoring_alert_policy.this["${name}"]`).values.conditions as [
        { condition_prometheus_query_language: [{ query: string }] },
      ];
      return condition.condition_prometheus_query_language[0].query;
    };
    expect(queryOf('dead-letters')).toMatch(/\) > 0$/);
    expect(queryOf('failure-rate')).toMatch(/\) > 0\.2$/);
  });

  test.each([
    ['tick-ms', 'tick', 'durationMs'],
    ['tick-due', 'tick', 'count'],
    ['cost-micro-usd', 'settled', 'costMicroUsd'],
  ])('measures %s from the field that holds it', (name, moment, field) => {
    const { values } = plan.at(`google_logging_metric.distributions["${name}"]`);
    expect(values.value_extractor).toBe(`EXTRACT(jsonPayload.${field})`);
    expect(values.filter).toContain(`jsonPayload.moment="${moment}"`);
  });

  test('keeps the files of jobs for two weeks', () => {
    const rules = plan.at('google_storage_bucket.staging').values.lifecycle_rule as {
      condition: [{ age: number; matches_prefix: string[] | null }];
    }[];
    expect(rules.map(({ condition: [{ age, matches_prefix: prefix }] }) => [age, prefix?.[0]])).toEqual([
      [14, 'temp/'],
      [90, 'staging/'],
      [1, undefined],
    ]);
  });

  test('gives an instance one vCPU, 512 MiB, and no more requests at a time than its memory holds', () => {
    for (const {
      available_cpu: cpu,
      available_memory: memory,
      max_instance_request_concurrency: atATime,
    } of services()) {
      expect({ cpu, memory }).toEqual({ cpu: '1', memory: '512Mi' });
      expect(atATime).toBeLessThanOrEqual(40);
    }
  });

  test('enables the API of everything it makes', () => {
    expect(
      plan
        .ofType('google_project_service')
        .map(({ values }) => String(values.service).replace('.googleapis.com', ''))
        .sort(),
    ).toEqual(
      'artifactregistry bigquery cloudbuild cloudfunctions cloudkms cloudscheduler compute dataflow eventarc firestore iam iamcredentials logging monitoring pubsub run secretmanager sqladmin storage telemetry'.split(
        ' ',
      ),
    );
  });

  test('asks Google for the agents that exist only once somebody has asked, and not before their API is on', async () => {
    const asked = (await parseTerraform()).filter(
      ({ labels: [kind, type] }) => kind === 'data' && type !== 'google_project',
    );
    expect(asked.map(({ labels }) => labels[1]).sort()).toEqual([
      'google_bigquery_default_service_account',
      'google_storage_project_service_account',
    ]);
    for (const { labels, body } of asked) {
      const api = labels[1]?.split('_')[1];
      // Never by the resource itself: Terraform would read it again, and make the grants anew, whenever any API changes.
      expect(body.project, labels[1]).toBe(`\${local._asks_in["${api}"]}`);
      expect(body.depends_on, labels[1]).toBeUndefined();
    }
    const kms = readFileSync(join(terraformFolder, 'kms.tf'), 'utf8');
    expect(kms).toMatch(/_asks_in = .*google_project_service\.this\[api\]\.id/);
    expect(kms).not.toMatch(/@(bigquery-encryption|gs-project-accounts)/);
  });

  test("lets Google's own agents use the key, by the names Google gives them", () => {
    expect(
      plan
        .ofType('google_kms_crypto_key_iam_member')
        .filter(({ name }) => name === 'agents')
        .map(({ values }) => String(values.member).replace(projectNumber, 'N').replace('serviceAccount:', ''))
        .sort(),
    ).toEqual(
      [
        'bq-N@bigquery-encryption',
        'service-N@compute-system',
        'service-N@dataflow-service-producer-prod',
        'service-N@gcf-admin-robot',
        'service-N@gcp-sa-artifactregistry',
        'service-N@gcp-sa-firestore',
        'service-N@gcp-sa-pubsub',
        'service-N@gs-project-accounts',
        'service-N@serverless-robot-prod',
      ].map((account) => `${account}.iam.gserviceaccount.com`),
    );
  });
});
