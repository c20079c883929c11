// Whoever calls a function is let in by IAM and by the code, with the audience the code asks for; schedules post what the API takes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeRequestSchema } from '../../shared/schema/api.ts';
import { wakeOf } from '../../shared/schema/status-event.ts';
import { projectNumber } from './computed-values.ts';
import { everything, smallest } from './installations.ts';
import { openWorkspace, type Plan, terraformInstalled, type Workspace } from './run-terraform.ts';

type Oidc = { service_account_email: string; audience: string };
type Target = {
  uri: string;
  http_method: string;
  body: string | null;
  headers: Record<string, string> | null;
  oidc_token: [Oidc];
};
type Uptime = {
  http_check: [{ path: string; service_agent_authentication: [{ type: string }] }];
  monitored_resource: [{ labels: { host: string } }];
};

let workspace: Workspace;
let plan: Plan;
beforeAll(async () => {
  if (!terraformInstalled) return;
  workspace = await openWorkspace();
  plan = await workspace.plan(everything);
});
afterAll(() => workspace?.close());

/** Audience and e-mails function `key` accepts, and the members IAM lets call it. */
function doorOf(key: string) {
  const { values } = plan.at(`module.functions["${key}"].google_cloudfunctions2_function.this`);
  const [{ environment_variables: environment, ingress_settings: ingress }] = values.service_config as [
    { environment_variables: Record<string, string>; ingress_settings: string },
  ];
  const invokers = plan
    .ofType('google_cloud_run_v2_service_iam_member')
    .filter((member) => member.values.name === values.name && member.values.role === 'roles/run.invoker')
    .map((member) => String(member.values.member));
  return {
    audience: environment.PUSH_AUDIENCE,
    emails: environment.PUSH_SERVICE_ACCOUNTS?.split(',') ?? [],
    invokers,
    ingress,
  };
}

/** Every token that is sent to a function, by what sends it. */
function tokens(): {
  readonly from: string;
  readonly to: string;
  readonly uri: string;
  readonly email: string;
  readonly audience: string;
}[] {
  const [push] = plan.at('google_pubsub_subscription.recommendations').values.push_config as [
    { push_endpoint: string; oidc_token: [Oidc] },
  ];
  const jobs = plan
    .ofType('google_cloud_scheduler_job')
    .map(({ values }) => ({ values, target: (values.http_target as [Target])[0] }));
  const check = plan.at('google_monitoring_uptime_check_config.api[0]').values as unknown as Uptime;
  const { host } = check.monitored_resource[0].labels;
  return [
    {
      from: 'Pub/Sub',
      to: 'on-recommendation',
      uri: push.push_endpoint,
      email: push.oidc_token[0].service_account_email,
      audience: push.oidc_token[0].audience,
    },
    ...jobs.map(({ values, target }) => ({
      from: String(values.name),
      to: String(values.name).endsWith('-tick') ? 'poll-jobs' : 'execute',
      uri: target.uri,
      email: target.oidc_token[0].service_account_email,
      audience: target.oidc_token[0].audience,
    })),
    // A token of the uptime check carries scheme and host as its audience (seen in the wild), and comes from Monitoring's agent.
    {
      from: 'the uptime check',
      to: 'execute',
      uri: `https://${host}`,
      email: `service-${projectNumber}@gcp-sa-monitoring-notification.iam.gserviceaccount.com`,
      audience: `https://${host}`,
    },
  ];
}

describe.skipIf(!terraformInstalled)('callers', () => {
  test('send the audience their function asks for, from an account it accepts and IAM lets in', () => {
    expect(tokens().length).toBe(5);
    for (const { from, to, uri, email, audience } of tokens()) {
      const door = doorOf(to);
      expect(audience, from).toBe(door.audience);
      expect(uri.startsWith(audience), from).toBe(true);
      expect(door.emails, from).toContain(email);
      expect(door.invokers, from).toContain(`serviceAccount:${email}`);
    }
  });

  test('are the same accounts for the code as for IAM', () => {
    for (const key of ['on-recommendation', 'execute', 'poll-jobs']) {
      const { emails, invokers } = doorOf(key);
      expect(emails.map((email) => `serviceAccount:${email}`).sort()).toEqual(invokers.sort());
      expect(new Set(emails).size).toBe(emails.length);
    }
  });

  test('are one account for events, one for ticks; the API takes operators, schedules, the check and those named', () => {
    expect(doorOf('on-recommendation').emails).toEqual(['sn-prod-push@my-project.iam.gserviceaccount.com']);
    expect(doorOf('poll-jobs').emails).toEqual(['sn-prod-tick@my-project.iam.gserviceaccount.com']);
    expect(doorOf('execute').emails).toEqual([
      'recommender@my-project.iam.gserviceaccount.com',
      `service-${projectNumber}@gcp-sa-monitoring-notification.iam.gserviceaccount.com`,
      'sn-prod-operator@my-project.iam.gserviceaccount.com',
      'sn-prod-schedule@my-project.iam.gserviceaccount.com',
    ]);
  });

  test('reach only the API from the internet', () => {
    expect(doorOf('on-recommendation').ingress).toBe('ALLOW_INTERNAL_ONLY');
    expect(doorOf('poll-jobs').ingress).toBe('ALLOW_INTERNAL_ONLY');
    expect(doorOf('execute').ingress).toBe('ALLOW_ALL');
  });

  test('are nobody: neither allUsers nor allAuthenticatedUsers stands anywhere', () => {
    expect(JSON.stringify(plan.resources)).not.toMatch(/allUsers|allAuthenticatedUsers/);
  });

  test('include Dataflow itself where its status events are asked for: as the account of ticks, in JSON', () => {
    const { values } = plan.at('google_eventarc_trigger.status_events[0]');
    expect(values).toMatchObject({
      service_account: doorOf('poll-jobs').emails[0],
      event_data_content_type: 'application/json',
      matching_criteria: [{ attribute: 'type', value: 'google.cloud.dataflow.job.v1beta3.statusChanged' }],
    });
    const headers = { 'ce-type': 'google.cloud.dataflow.job.v1beta3.statusChanged' };
    expect(wakeOf(headers, Buffer.from('{}'))).toBeDefined();
  });

  test('shrink with what is switched off', async () => {
    const small = await workspace.plan({ ...smallest, uptime_check: false, api_ingress: 'ALLOW_INTERNAL_ONLY' });
    const { values } = small.at('module.functions["execute"].google_cloudfunctions2_function.this');
    const [{ environment_variables: environment }] = values.service_config as [
      { environment_variables: Record<string, string> },
    ];
    expect(environment.PUSH_SERVICE_ACCOUNTS).toBe('streamnova-operator@my-project.iam.gserviceaccount.com');
    expect(small.ofType('google_monitoring_uptime_check_config')).toEqual([]);
    expect(small.resources.filter(({ address }) => address.includes('api-down'))).toEqual([]);
  });
});

describe.skipIf(!terraformInstalled)('scheduled loads', () => {
  const target = (name: string) =>
    (plan.at(`google_cloud_scheduler_job.loads["${name}"]`).values.http_target as [Target])[0];
  const bodyOf = (name: string): unknown => JSON.parse(Buffer.from(target(name).body ?? '', 'base64').toString('utf8'));

  test('post requests the API takes: a configured load, or a mode', () => {
    expect(bodyOf('orders')).toEqual({ load: 'orders' });
    expect(bodyOf('orders-fast')).toEqual({ load: 'orders', mode: 'FAST_LOAD', overrides: { scenario: 'daytime' } });
    for (const name of ['orders', 'orders-fast']) {
      expect(executeRequestSchema.safeParse(bodyOf(name)).error?.issues).toBeUndefined();
      expect(target(name).http_method).toBe('POST');
      expect(target(name).headers).toEqual({ 'Content-Type': 'application/json' });
      expect(target(name).uri).toBe(`${doorOf('execute').audience}/api/agent/execute`);
    }
  });

  test('keep their schedule and time zone', () => {
    const { values } = plan.at('google_cloud_scheduler_job.loads["orders-fast"]');
    expect(values).toMatchObject({ schedule: '*/30 8-18 * * 1-5', time_zone: 'Europe/Zurich', paused: false });
  });

  test('are tried again, as the tick is', () => {
    for (const { values } of plan.ofType('google_cloud_scheduler_job')) {
      const [retry] = values.retry_config as [{ retry_count: number }];
      expect(retry.retry_count).toBeGreaterThan(0);
    }
  });
});
