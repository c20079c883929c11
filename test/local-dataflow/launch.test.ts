// LaunchFlexTemplate over the wire: what is accepted, what is answered, what is refused and how.

import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf } from './clients.ts';
import { place, postgresTemplate, startService, type TestService } from './service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const needed = {
  connectionURL: 'jdbc:postgresql://127.0.0.1:1/shop',
  outputTable: 'demo:shop.orders',
  bigQueryLoadingTemporaryDirectory: 'gs://bucket/temp',
};
const launch = (jobName: string, fields: Parameters<TestService['launch']>[1] = {}) =>
  service.launch(jobName, { containerSpecGcsPath: postgresTemplate, parameters: needed, ...fields });

describe('an accepted launch', () => {
  test('is answered with id, name, place and times, but no state, type or labels', async () => {
    const [{ job }] = await service.clients.templates.launchFlexTemplate({
      ...place,
      launchParameter: {
        jobName: 'plain',
        containerSpecGcsPath: 'gs://bucket/scripted/walk',
        environment: { additionalUserLabels: { team: 'a' } },
      },
    });
    expect(job).toMatchObject({
      ...place,
      name: 'plain',
      currentState: 'JOB_STATE_UNKNOWN',
      type: 'JOB_TYPE_UNKNOWN',
      labels: {},
    });
    expect(job?.id).toMatch(/^\d{4}-\d\d-\d\d_\d\d_\d\d_\d\d-\d{19}$/);
    expect(Number(job?.createTime?.seconds)).toBeGreaterThan(1_700_000_000);
    expect(job?.startTime).toEqual(job?.createTime);
    expect(Number(job?.currentStateTime?.seconds)).toBe(0);
  });

  test('with validateOnly is answered without a job, and none is made', async () => {
    const before = service.dataflow.jobs().length;
    const [answer] = await service.clients.templates.launchFlexTemplate({
      ...place,
      validateOnly: true,
      launchParameter: { jobName: 'dry', containerSpecGcsPath: postgresTemplate, parameters: needed },
    });
    expect(answer.job).toBeNull();
    expect(service.dataflow.jobs()).toHaveLength(before);
  });

  test('stores no plain secret, but the path of a secret version', async () => {
    const password = 'projects/demo/secrets/pg/versions/latest';
    const parameters = {
      ...needed,
      connectionURL: 'jdbc:postgresql://127.0.0.1:1/shop?password=hidden',
      username: 'scott',
      password,
    };
    const { id } = await launch('secretive', { parameters: { ...parameters, query: 'select 1' } });
    const record = service.dataflow.jobs().find((job) => job.id === id);
    expect(record?.parameters).toMatchObject({ connectionURL: '***', username: '***', password });
  });
});

describe('a refused launch', () => {
  test('of a name that is active is ALREADY_EXISTS with the text of the service; another region takes it', async () => {
    await service.script('taken', { runningMs: '60000' });
    const failure = await failureOf(launch('taken'));
    expect(failure.code).toBe(status.ALREADY_EXISTS);
    expect(failure.message).toMatch(
      /\([0-9a-f]{16}\): There is already an active job named taken\. If you want to {2}submit a second job, try again by setting a different name\.$/,
    );
    const [elsewhere] = await service.clients.templates.launchFlexTemplate({
      projectId: 'demo',
      location: 'us-central1',
      launchParameter: { jobName: 'taken', containerSpecGcsPath: 'gs://bucket/scripted/walk' },
    });
    expect(elsewhere.job?.location).toBe('us-central1');
  });

  test('for its parameters carries every violation in the details', async () => {
    const parameters = {
      outputTable: 'orders',
      connectionURL: needed.connectionURL,
      isTruncate: 'TRUE',
      speed: 'fast',
    };
    const failure = await failureOf(launch('wrong', { parameters }));
    expect(failure.code).toBe(status.INVALID_ARGUMENT);
    expect(failure.statusDetails?.[0]?.parameterViolations).toEqual([
      { parameter: 'speed', description: 'Unrecognized parameter' },
      { parameter: 'outputTable', description: "Parameter didn't match regex '.+[\\.:].+\\..+'" },
      { parameter: 'bigQueryLoadingTemporaryDirectory', description: 'Missing required parameter' },
      { parameter: 'isTruncate', description: "Parameter didn't match regex '^(true|false)$'" },
    ]);
    expect(service.dataflow.jobs().some((job) => job.name === 'wrong')).toBe(false);
  });

  test('for an option given twice names it', async () => {
    const parameters = { ...needed, workerMachineType: 'n2-standard-2' };
    const failure = await failureOf(launch('twice', { parameters, environment: { machineType: 'n2-standard-2' } }));
    expect(failure.message).toContain(
      'Runtime parameter workerMachineType should not be specified in both parameters field and environment field.',
    );
  });

  test.each([
    [
      'an unknown template',
      { containerSpecGcsPath: 'gs://dataflow-templates/latest/flex/Nothing' },
      status.NOT_FOUND,
      'Unable to open template file',
    ],
    ['no template', { containerSpecGcsPath: '' }, status.INVALID_ARGUMENT, 'container_spec_gcs_path is required'],
    ['an update', { update: true }, status.UNIMPLEMENTED, 'no streaming jobs'],
    ['workers above the limit', { environment: { maxWorkers: 1001 } }, status.INVALID_ARGUMENT, 'maxWorkers is 1001'],
    [
      'more workers than the most',
      { environment: { numWorkers: 3, maxWorkers: 2 } },
      status.INVALID_ARGUMENT,
      'larger than maxWorkers',
    ],
    [
      'an unknown machine',
      { environment: { machineType: 'n9-big' } },
      status.INVALID_ARGUMENT,
      'unknown machine type "n9-big"',
    ],
    [
      'region and zone',
      { environment: { workerRegion: 'a', workerZone: 'b' } },
      status.INVALID_ARGUMENT,
      'mutually exclusive',
    ],
    ['a bad label', { environment: { additionalUserLabels: { Team: 'A' } } }, status.INVALID_ARGUMENT, "'Team=A'"],
    [
      'no threads',
      { environment: { additionalPipelineOptions: ['numberOfWorkerHarnessThreads=0'] } },
      status.INVALID_ARGUMENT,
      'numberOfWorkerHarnessThreads',
    ],
  ])('for %s', async (_, fields, code, text) => {
    const failure = await failureOf(launch('bad-request', fields));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(text);
  });

  test.each(['', 'Upper', '1st', 'ends-', 'under_score'])('for the name "%s"', async (jobName) => {
    const failure = await failureOf(launch(jobName));
    expect(failure.code).toBe(status.INVALID_ARGUMENT);
    expect(failure.message).toContain('Invalid job name');
  });
});

test('what this service does not offer says so', async () => {
  const { clients } = service;
  const calls = [
    clients.snapshots.listSnapshots({ ...place }),
    clients.classic.getTemplate({ ...place, gcsPath: 'gs://b/t' }),
    clients.jobs.createJob({ ...place, job: { name: 'x' } }),
    clients.metrics.getJobExecutionDetails({ ...place, jobId: 'x' }, { autoPaginate: false }),
  ];
  for (const call of calls) {
    const failure = await failureOf(call);
    expect(failure.code).toBe(status.UNIMPLEMENTED);
    expect(failure.message).toContain('the local Dataflow service does not offer');
  }
});
