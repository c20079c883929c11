// What Terraform sets and what the code reads are the same variables; times depend on each other as the engine needs it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSettings, settingsSchema } from '../../shared/base/config.ts';
import { defaultSettings, type EngineSettings, leaseMs } from '../../shared/engine/settings.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import { everything, smallest } from './installations.ts';
import { openWorkspace, type Plan, type PlannedResource, terraformInstalled, type Workspace } from './run-terraform.ts';
import { terraformFolder } from './terraform-folder.ts';

/** The local cloud's: a deployed function must never see them. */
const localOnly = ['DATAFLOW_EMULATOR_HOST', 'FIRESTORE_EMULATOR_HOST', 'PUBSUB_EMULATOR_HOST'];
/** Read by the functions framework and Node, not by our schema. */
const frameworks = ['NODE_ENV'];
/** Places a load configuration may name as `${NAME}` (terraform/functions.tf). */
const forLoadConfigs = [
  'TEMP_LOCATION',
  'STAGING_LOCATION',
  'WORKER_SERVICE_ACCOUNT',
  'WORKER_IP_CONFIGURATION',
  'SUBNETWORK',
  'KMS_KEY_NAME',
];

type ServiceConfig = { environment_variables: Record<string, string>; timeout_seconds: number };
const serviceOf = (resource: PlannedResource) => (resource.values.service_config as [ServiceConfig])[0];
const environmentsOf = (plan: Plan) =>
  plan.ofType('google_cloudfunctions2_function').map((each) => serviceOf(each).environment_variables);

describe.skipIf(!terraformInstalled)('the environment of the functions', () => {
  let workspace: Workspace;
  let small: Plan;
  let whole: Plan;
  beforeAll(async () => {
    workspace = await openWorkspace();
    small = await workspace.plan({ ...smallest, config_variables: { SHOP_HOST: '10.20.30.40' } });
    whole = await workspace.plan(everything);
  });
  afterAll(() => workspace.close());

  test('is everything the settings read, but for the local cloud', () => {
    const read = Object.keys(settingsSchema.shape).filter((name) => !localOnly.includes(name));
    for (const environment of environmentsOf(whole)) {
      const own = Object.keys(environment).filter(
        (name) => ![...frameworks, ...forLoadConfigs, 'SHOP_HOST'].includes(name),
      );
      expect(own.sort()).toEqual(read.sort());
    }
  });

  test('leaves out of the smallest installation only what is optional there', () => {
    for (const environment of environmentsOf(small)) {
      const missing = Object.keys(settingsSchema.shape).filter((name) => environment[name] === undefined);
      expect(missing.sort()).toEqual([...localOnly, 'OTEL_EXPORTER_OTLP_ENDPOINT'].sort());
    }
  });

  test('is production, and read without a problem', () => {
    for (const environment of [...environmentsOf(small), ...environmentsOf(whole)]) {
      expect(environment.NODE_ENV).toBe('production');
      expect(() => parseSettings(environment)).not.toThrow();
    }
  });

  test('has the times the code has as defaults', () => {
    const defaults = settingsSchema.parse({ LOAD_CONFIG: 'x' });
    for (const environment of environmentsOf(small)) {
      for (const [name, value] of Object.entries(defaults)) {
        if (typeof value === 'number') expect(environment[name], name).toBe(String(value));
      }
    }
  });

  test('fills the example configuration', () => {
    const [environment = {}] = environmentsOf(small);
    const text = readFileSync(join(terraformFolder, 'examples/streamnova.yaml'), 'utf8');
    const parsed = parseLoadConfig(text, { file: 'streamnova.yaml', env: environment });
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    expect(parsed.ok && parsed.config.defaults?.environment).toEqual({
      serviceAccountEmail: 'streamnova-worker@my-project.iam.gserviceaccount.com',
      tempLocation: 'gs://my-project-streamnova-staging/temp',
      stagingLocation: 'gs://my-project-streamnova-staging/staging',
      ipConfiguration: 'WORKER_IP_PUBLIC',
    });
  });

  test('names the subnetwork and the key where there are any', () => {
    for (const environment of environmentsOf(whole)) {
      expect(environment.SUBNETWORK).toBe(
        'https://www.googleapis.com/compute/v1/projects/my-project/regions/europe-west1/subnetworks/sn-prod-workers',
      );
      expect(environment.KMS_KEY_NAME).toBe(everything.kms_key_name);
      expect(environment.WORKER_IP_CONFIGURATION).toBe('WORKER_IP_PRIVATE');
    }
  });
});

describe.skipIf(!terraformInstalled)('the times', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await openWorkspace();
  });
  afterAll(() => workspace.close());

  test.each([
    ['as they are', {}],
    ['with a slower launch', { launch_deadline_ms: 90_000, launch_slack_ms: 45_500 }],
  ])(
    'order themselves: function timeout < lease < half of the pauses between deliveries (%s)',
    async (_name, timing) => {
      const plan = await workspace.plan({ ...smallest, timing });
      const functions = plan.ofType('google_cloudfunctions2_function');
      const settings = parseSettings(serviceOf(functions[0] as PlannedResource).environment_variables);
      const engine: EngineSettings = {
        ...defaultSettings,
        launchDeadlineMs: settings.LAUNCH_DEADLINE_MS,
        launchLatenessMs: settings.LAUNCH_LATENESS_MS,
        clockSkewMs: settings.CLOCK_SKEW_MS,
        launchSlackMs: settings.LAUNCH_SLACK_MS,
      };
      const leaseSec = leaseMs(engine) / 1000;
      const subscription = plan.at('google_pubsub_subscription.recommendations').values;
      for (const each of functions) {
        const { timeout_seconds: timeoutSec } = serviceOf(each);
        expect(timeoutSec).toBeLessThan(leaseSec);
        expect(timeoutSec).toBeGreaterThan((settings.LAUNCH_SLACK_MS + settings.LAUNCH_DEADLINE_MS) / 1000 + 20);
        expect(timeoutSec).toBeGreaterThan(settings.TICK_BUDGET_MS / 1000 + settings.LAUNCH_DEADLINE_MS / 1000);
        expect(subscription.ack_deadline_seconds).toBeGreaterThan(timeoutSec);
      }
      const counted = pausesSec(subscription).reduce((sum, pause) => sum + pause, 0) / 2;
      expect(counted).toBeGreaterThan(leaseSec + 60);
      expect(counted).toBeGreaterThan(defaultSettings.recommendationWaitMs / 1000 + 60);
      expect(pausesSec(subscription).every((pause, index, all) => pause >= (all[index - 1] ?? 0))).toBe(true);
      expect(pausesSec(subscription).reduce((sum, pause) => sum + pause, 0)).toBeLessThan(
        Number.parseInt(String(subscription.message_retention_duration), 10),
      );
    },
  );
});

/** The pauses between deliveries of a subscription, as Pub/Sub doubles them. */
function pausesSec(subscription: Readonly<Record<string, unknown>>): number[] {
  const [retry] = subscription.retry_policy as [{ minimum_backoff: string; maximum_backoff: string }];
  const [policy] = subscription.dead_letter_policy as [{ max_delivery_attempts: number }];
  const [minimum, maximum] = [Number.parseInt(retry.minimum_backoff, 10), Number.parseInt(retry.maximum_backoff, 10)];
  return Array.from({ length: policy.max_delivery_attempts - 1 }, (_, index) =>
    Math.min(minimum * 2 ** index, maximum),
  );
}

describe('constants of the code that Terraform repeats', () => {
  const text = (file: string) => readFileSync(join(terraformFolder, file), 'utf8');
  const constant = (file: string, name: string) =>
    Number(new RegExp(`^  ${name} += (\\d+)$`, 'm').exec(text(file))?.[1]);

  test('the wait for a recommendation', () => {
    expect(constant('timing.tf', 'recommendation_wait_sec')).toBe(defaultSettings.recommendationWaitMs / 1000);
  });
});
