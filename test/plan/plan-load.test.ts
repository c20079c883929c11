// A whole plan: the exact request, its steps, and every reason against it at once.

import { describe, expect, test } from 'vitest';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import { environmentOf, input, load, parametersOf, planned, profile, refused } from './support.ts';

describe('a plan', () => {
  test('is the exact request', () => {
    expect(planned({ connectionBudget: 10 }).request).toEqual({
      projectId: 'acme',
      location: 'europe-west1',
      launchParameter: {
        jobName: expect.stringMatching(/^orders-[0-9a-f]{16}$/),
        containerSpecGcsPath: 'gs://dataflow-templates-europe-west1/latest/flex/PostgreSQL_to_BigQuery',
        parameters: {
          connectionURL: 'jdbc:postgresql://db.internal:5432/shop',
          username: 'loader',
          password: 'projects/p/secrets/shop-password/versions/1',
          table: 'public.orders',
          partitionColumn: 'id',
          partitionColumnType: 'long',
          numPartitions: '8',
          outputTable: 'acme:raw.orders',
          bigQueryLoadingTemporaryDirectory: 'gs://acme-temp/dataflow/exe-0123456789abcdef0123456789abcdef/a1/bigquery',
          createDisposition: 'CREATE_NEVER',
          isTruncate: 'false',
        },
        environment: {
          machineType: 'n2-standard-4',
          numWorkers: 2,
          maxWorkers: 2,
          tempLocation: 'gs://acme-temp/dataflow/exe-0123456789abcdef0123456789abcdef/a1',
          autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_NONE',
          additionalExperiments: ['max_workflow_runtime_walltime_seconds=21600'],
          additionalPipelineOptions: ['numberOfWorkerHarnessThreads=4'],
          additionalUserLabels: {
            'streamnova-execution': 'exe-0123456789abcdef0123456789abcdef',
            'streamnova-attempt': '1',
            'streamnova-load': 'orders',
            'streamnova-run': 'run-1',
          },
        },
      },
    });
  });

  test('says every step, where it runs and why first', () => {
    const { steps, warnings } = planned();
    expect(steps[0]).toBe('runs on DATAFLOW: project acme and region europe-west1 are configured');
    expect(steps.join('\n')).toContain('split by id (int8): the primary key, NOT NULL');
    expect(steps.join('\n')).toContain('stopped after 21600 s');
    expect(warnings).toEqual([]);
  });

  test('is the same for the same input', () => {
    expect(planLoad(structuredClone(input()))).toEqual(planLoad(input()));
  });

  test('has labels and a temporary folder of its own for each attempt, and one job name for all of them', () => {
    const second = planned({ target: { ...input().target, attempt: 2 } });
    expect(second.request.launchParameter.jobName).toBe(planned().request.launchParameter.jobName);
    expect(environmentOf(second).tempLocation).toMatch(/\/a2$/);
    expect(environmentOf(second).additionalUserLabels).toMatchObject({ 'streamnova-attempt': '2' });
  });

  test('promises the rows of the profile, but not for a window', () => {
    expect(planned().expectedRows).toEqual({ count: 500_000, exact: false });
    expect(planned({ profile: profile({ rowCountExact: 499_998 }) }).expectedRows).toEqual({
      count: 499_998,
      exact: true,
    });
    expect(planned({ load: load({ expectedRows: 7 }) }).expectedRows).toEqual({ count: 7, exact: true });
    expect(planned({ load: load({ incremental: { column: 'id', from: '5' } }) }).expectedRows).toBeUndefined();
  });

  test('creates and truncates when the load says so', () => {
    const parameters = parametersOf(
      planned({
        load: load({ createIfNeeded: true, schemaPath: 'gs://s/orders.json', truncate: true, fetchSize: 500 }),
      }),
    );
    expect(parameters).toMatchObject({
      createDisposition: 'CREATE_IF_NEEDED',
      bigQuerySchemaPath: 'gs://s/orders.json',
      isTruncate: 'true',
      fetchSize: '500',
    });
  });
});

describe('the local cloud', () => {
  const target = {
    ...input().target,
    environment: 'LOCAL' as const,
    environmentReason: 'no project is configured',
    projectId: 'local',
  };
  const { environment: _, ...minimal } = load();

  test('needs no temporary folder and no target project', () => {
    const plan = planned({ load: minimal, target });
    expect(environmentOf(plan).tempLocation).toBe('gs://local-temp/exe-0123456789abcdef0123456789abcdef/a1');
    expect(parametersOf(plan).outputTable).toBe('local:raw.orders');
  });

  test('resolves local secrets, which Dataflow does not', () => {
    const local = load({ source: { ...load().source, password: 'secret://local/PGPASSWORD' } });
    expect(parametersOf(planned({ load: local, target })).password).toBe(
      'projects/local/secrets/PGPASSWORD/versions/latest',
    );
    expect(refused({ load: local })).toEqual([
      expect.objectContaining({ code: 'LOCAL_SECRET', path: '/sources/shop/password' }),
    ]);
  });

  test('is the only place that may do without tempLocation', () => {
    expect(refused({ load: minimal })).toEqual([expect.objectContaining({ code: 'TEMP_LOCATION' })]);
  });
});

describe('reasons against a plan', () => {
  test('are all given at once', () => {
    const codes = refused({
      load: load({
        partitionColumn: 'totl',
        environment: { subnetwork: 'dataflow', additionalUserLabels: { 'goog-x': '1' } },
      }),
      candidate: { machineType: 'n2-standrd-4', workerCount: 0, shardCount: 8 },
      policy: policySchema.parse({ regions: ['us-central1'], maxShards: 4 }),
    }).map(({ code }) => code);
    expect(new Set(codes)).toEqual(
      new Set([
        'CANDIDATE',
        'MACHINE_TYPE',
        'guardrail.regions',
        'TEMP_LOCATION',
        'PARTITION_COLUMN_UNKNOWN',
        'LABEL',
        'ENVIRONMENT',
      ]),
    );
  });

  test.each([
    ['zero workers', { machineType: 'n2-standard-4', workerCount: 0, shardCount: 8 }, '/candidate/workerCount'],
    [
      'a fraction of a shard',
      { machineType: 'n2-standard-4', workerCount: 1, shardCount: 1.5 },
      '/candidate/shardCount',
    ],
    ['too many shards', { machineType: 'n2-standard-4', workerCount: 1, shardCount: 1e9 }, '/candidate/shardCount'],
    ['no machine type', { machineType: '', workerCount: 1, shardCount: 1 }, '/candidate/machineType'],
  ])('%s is refused by its field', (_, candidate, path) => {
    expect(refused({ candidate }).map((violation) => violation.path)).toContain(path);
  });

  test.each([
    ['t2a-standard-4', 'Arm'],
    ['e2-medium', 'shared core'],
    ['a2-highgpu-1g', 'accelerator'],
  ])('%s cannot run Google’s templates', (machineType, reason) => {
    expect(refused({ candidate: { machineType, workerCount: 1, shardCount: 1 } })).toContainEqual(
      expect.objectContaining({ code: 'MACHINE_TYPE', message: expect.stringContaining(reason) }),
    );
  });

  test('a type that the region lacks is refused with regions that have it', () => {
    const [violation] = refused({ candidate: { machineType: 't2a-standard-4', workerCount: 1, shardCount: 1 } }).filter(
      ({ message }) => message.includes('not offered'),
    );
    expect(violation?.message).toContain('us-central1');
  });

  test('an unknown launcher machine type is refused too', () => {
    const candidate = { ...input().candidate, launcherMachineType: 'n1-standrd-1' };
    expect(refused({ candidate })).toEqual([expect.objectContaining({ path: '/candidate/launcherMachineType' })]);
  });
});
