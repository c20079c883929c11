// The runtime environment: every field passes, and what Dataflow would refuse is refused here.

import { describe, expect, test } from 'vitest';
import type { Environment } from '../../shared/schema/environment.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import { environmentOf, input, load, planned, refused } from './support.ts';

const temp = { tempLocation: 'gs://acme-temp/dataflow/' };
const withEnvironment = (environment: Environment) => ({ load: load({ environment: { ...temp, ...environment } }) });

describe('every field of the configuration', () => {
  test('reaches the launch', () => {
    const environment: Environment = {
      serviceAccountEmail: 'loads@acme.iam.gserviceaccount.com',
      stagingLocation: 'gs://acme-temp/staging',
      workerRegion: 'europe-west4',
      subnetwork: 'regions/europe-west4/subnetworks/dataflow',
      ipConfiguration: 'WORKER_IP_PRIVATE',
      kmsKeyName: 'projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k',
      diskSizeGb: 50,
      launcherMachineType: 'n1-standard-2',
      sdkContainerImage: 'image',
      dumpHeapOnOom: true,
      saveHeapDumpsToGcsPath: 'gs://acme-temp/heaps',
      enableLauncherVmSerialPortLogging: true,
    };
    const plan = planned(
      withEnvironment({
        ...environment,
        launchOptions: { ft_launch_timeout_secs: '600' },
        additionalExperiments: ['enable_prime'],
        additionalPipelineOptions: ['workerDiskType=ssd'],
      }),
    );
    expect(environmentOf(plan)).toMatchObject(environment);
    expect(plan.request.launchParameter.launchOptions).toEqual({ ft_launch_timeout_secs: '600' });
    expect(environmentOf(plan)).toMatchObject({
      additionalExperiments: ['enable_prime', 'max_workflow_runtime_walltime_seconds=21600'],
      additionalPipelineOptions: ['workerDiskType=ssd'],
    });
    expect(environmentOf(plan)).not.toHaveProperty('launchOptions');
    expect(environmentOf(plan)).not.toHaveProperty('maxRuntimeSec');
  });

  test('leaves machine and workers to the candidate', () => {
    expect(environmentOf(planned())).toMatchObject({ machineType: 'n2-standard-4', numWorkers: 2, maxWorkers: 2 });
    const candidate = { ...input().candidate, launcherMachineType: 'n1-standard-4' };
    expect(
      environmentOf(planned({ ...withEnvironment({ launcherMachineType: 'n1-standard-2' }), candidate }))
        .launcherMachineType,
    ).toBe('n1-standard-4');
  });
});

describe('the walltime guard', () => {
  const guard = (more: Parameters<typeof planned>[0]) => planned(more).maxRuntimeSec;

  test('is always set: the load’s, else six hours, never beyond the policy or the request', () => {
    expect(guard({})).toBe(21_600);
    expect(guard(withEnvironment({ maxRuntimeSec: 3600 }))).toBe(3600);
    expect(guard({ policy: policySchema.parse({ maxDurationSec: 7200 }) })).toBe(7200);
    expect(
      guard({ policy: policySchema.parse({ maxDurationSec: 7200 }), requestGuardrails: { maxDurationSec: 600 } }),
    ).toBe(600);
  });

  test('cannot be given twice', () => {
    expect(refused(withEnvironment({ additionalExperiments: ['max_workflow_runtime_walltime_seconds=99'] }))).toEqual([
      expect.objectContaining({ code: 'COLLISION', path: '/loads/orders/environment/additionalExperiments' }),
    ]);
  });
});

describe('what Dataflow would refuse', () => {
  test.each<[string, Environment, string, string]>([
    [
      'zone and region',
      { workerZone: 'europe-west1-b', workerRegion: 'europe-west1' },
      'workerZone',
      'exclude each other',
    ],
    ['a zone that is none', { workerZone: 'europe-west1' }, 'workerZone', 'not a zone name'],
    ['a subnetwork by name', { subnetwork: 'dataflow' }, 'subnetwork', 'regions/REGION/subnetworks/NAME'],
    [
      'a subnetwork elsewhere',
      { subnetwork: 'regions/us-central1/subnetworks/d' },
      'subnetwork',
      'must be in one region',
    ],
    ['a network by URL', { network: 'projects/p/global/networks/n' }, 'network', 'plain name'],
    ['a key by name', { kmsKeyName: 'key' }, 'kmsKeyName', 'projects/P/locations'],
    [
      'an option that is a field',
      { additionalPipelineOptions: ['numWorkers=3'] },
      'additionalPipelineOptions',
      'given twice',
    ],
    ['an option twice', { additionalPipelineOptions: ['a=1', 'a=2'] }, 'additionalPipelineOptions', 'stands twice'],
    [
      'a secret option',
      { additionalPipelineOptions: ['dbPassword=canary'] },
      'additionalPipelineOptions',
      'plain secret',
    ],
  ])('%s', (_, environment, field, message) => {
    const violations = refused(withEnvironment(environment));
    expect(violations).toContainEqual(
      expect.objectContaining({
        path: `/loads/orders/environment/${field}`,
        message: expect.stringContaining(message),
      }),
    );
    expect(JSON.stringify(violations)).not.toContain('canary');
  });

  test('threads beside a connection limit', () => {
    const more = withEnvironment({ additionalPipelineOptions: ['numberOfWorkerHarnessThreads=9'] });
    expect(refused({ ...more, connectionBudget: 4 })).toEqual([expect.objectContaining({ code: 'COLLISION' })]);
    expect(refused(more)).toEqual([]);
  });

  test('a Shared VPC subnetwork passes by its full URL', () => {
    const subnetwork = 'https://www.googleapis.com/compute/v1/projects/host/regions/europe-west1/subnetworks/s';
    expect(environmentOf(planned(withEnvironment({ subnetwork })))).toMatchObject({ subnetwork });
  });
});

describe('FlexRS', () => {
  const candidate = { ...input().candidate, flexRs: true };

  test('comes from the candidate, which may also turn it off', () => {
    expect(environmentOf(planned({ candidate })).flexrsGoal).toBe('FLEXRS_COST_OPTIMIZED');
    const configured = withEnvironment({ flexrsGoal: 'FLEXRS_COST_OPTIMIZED' });
    expect(environmentOf(planned(configured)).flexrsGoal).toBe('FLEXRS_COST_OPTIMIZED');
    expect(
      environmentOf(planned({ ...configured, candidate: { ...candidate, flexRs: false } })).flexrsGoal,
    ).toBeUndefined();
  });

  test('is refused when the deadline leaves no room for six hours of delay', () => {
    expect(refused({ candidate, policy: policySchema.parse({ deadlineSec: 6 * 3600 }) })).toEqual([
      expect.objectContaining({ code: 'FLEXRS', message: expect.stringContaining('6 h') }),
    ]);
    expect(refused({ candidate, policy: policySchema.parse({ deadlineSec: 12 * 3600 }) })).toEqual([]);
  });

  test('needs a free choice of zone', () => {
    expect(refused({ ...withEnvironment({ workerZone: 'europe-west1-b' }), candidate })).toHaveLength(1);
  });
});

describe('places', () => {
  const policy = policySchema.parse({
    buckets: ['acme-temp'],
    templatePaths: ['gs://dataflow-templates-europe-west1/'],
  });

  test('within the policy pass', () => {
    expect(refused({ policy })).toEqual([]);
  });

  test('outside are refused with rule, bound and value', () => {
    const other = load({
      environment: { tempLocation: 'gs://elsewhere/t' },
      createIfNeeded: true,
      schemaPath: 'gs://schemas/s.json',
    });
    const violations = refused({ load: other, policy });
    expect(new Set(violations.map(({ code }) => code))).toEqual(new Set(['guardrail.buckets']));
    expect(violations.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/loads/orders/environment/tempLocation', '/parameters/bigQuerySchemaPath']),
    );
    expect(violations[0]?.message).toBe('buckets: elsewhere is not allowed; allowed: acme-temp');
  });

  test('a prefix ends at a slash', () => {
    const spoof = load({ template: { containerSpecGcsPath: 'gs://dataflow-templates-europe-west1-evil/x' } });
    const prefix = policySchema.parse({ templatePaths: ['gs://dataflow-templates-europe-west1'] });
    expect(refused({ load: spoof, policy: prefix })).toContainEqual(
      expect.objectContaining({ code: 'guardrail.templatePaths' }),
    );
  });
});
