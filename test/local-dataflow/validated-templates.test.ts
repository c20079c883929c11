// Templates this service cannot execute: launches are checked as all others are, and the job fails in words that say where to run it.

import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTemplate } from '../../local/dataflow/template-catalog.ts';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';
import { planChain } from '../../shared/plan/plan-chain.ts';
import { googleSpec } from '../../shared/plan/templates/choose-template.ts';
import { templateMetadata, templateNames } from '../../shared/plan/templates/metadata.ts';
import { effective, everything } from '../config/support.ts';
import { input, planned } from '../plan/support.ts';
import { failureOf } from './clients.ts';
import { place, startService, type TestService } from './service.ts';

let service: TestService;
let jobs: ReturnType<typeof createDataflowJobs>;
beforeAll(async () => {
  service = await startService();
  jobs = createDataflowJobs({ emulatorHost: service.dataflow.address });
});
afterAll(async () => {
  await jobs?.close();
  await service?.stop();
});

const specOf = (name: string) => googleSpec(place.location, 'latest', name);
const config = everything();
const loads = {
  Oracle_to_BigQuery: effective(config, 'bookings'),
  SQLServer_to_BigQuery: effective(config, 'employees'),
  GCS_Text_to_BigQuery_Flex: effective(config, 'events'),
  BigQuery_to_Parquet: effective(config, 'revenue-export'),
  Yaml_Template: firstLeg(),
};

function firstLeg() {
  const planned = planChain(effective(config, 'customers-via-lake'), input().target.executionId);
  if (!planned.ok) throw new Error(JSON.stringify(planned.violations));
  return planned.chain.first;
}

describe.each(Object.entries(loads))('a planned load on %s', (templateName, load) => {
  const { request } = planned({ load, policy: config.policy, profile: undefined });

  test('passes validateOnly, which makes no job', async () => {
    expect(request.launchParameter.containerSpecGcsPath).toContain(templateName);
    const before = service.dataflow.jobs().length;
    expect(await jobs.launch({ ...request, validateOnly: true }, { deadlineMs: 5000 })).toBeUndefined();
    expect(service.dataflow.jobs()).toHaveLength(before);
  });

  test('is accepted, and fails before any worker starts', async () => {
    const launchParameter = { ...request.launchParameter, jobName: templateName.toLowerCase().replaceAll('_', '-') };
    const job = await jobs.launch({ ...request, ...place, launchParameter }, { deadlineMs: 5000 });
    const end = await service.reach(job?.id ?? '', 'JOB_STATE_FAILED');
    expect(end).toMatchObject({ templateName, workerCount: 0 });
    expect(end.runningAt).toBeUndefined();
    expect(await service.texts(end.id, 'JOB_MESSAGE_ERROR')).toEqual([
      `the local Dataflow cannot execute ${templateName}; run this load on Dataflow`,
    ]);
  });
});

describe('a launch', () => {
  test('is refused for its parameters as one that could run, in validateOnly too', async () => {
    const launchParameter = {
      jobName: 'wrong',
      containerSpecGcsPath: specOf('Oracle_to_BigQuery'),
      parameters: { connectionURL: 'jdbc:oracle:thin:@//db:1521/LEDGER', outputTable: 'bookings', speed: 'fast' },
    };
    for (const validateOnly of [true, false]) {
      const call = service.clients.templates.launchFlexTemplate({ ...place, validateOnly, launchParameter });
      const failure = await failureOf(call);
      expect(failure.code).toBe(status.INVALID_ARGUMENT);
      expect(failure.statusDetails?.[0]?.parameterViolations).toEqual([
        { parameter: 'speed', description: 'Unrecognized parameter' },
        { parameter: 'outputTable', description: "Parameter didn't match regex '.+[\\.:].+\\..+'" },
        { parameter: 'bigQueryLoadingTemporaryDirectory', description: 'Missing required parameter' },
      ]);
    }
  });

  test('stores no plain secret', async () => {
    const parameters = {
      connectionURL: 'jdbc:oracle:thin:@//db:1521/LEDGER',
      outputTable: 'demo:shop.bookings',
      bigQueryLoadingTemporaryDirectory: 'gs://bucket/temp',
      password: 'hidden',
    };
    const { id } = await service.launch('secretive', {
      containerSpecGcsPath: specOf('Oracle_to_BigQuery'),
      parameters,
    });
    expect(service.dataflow.jobs().find((job) => job.id === id)?.parameters).toMatchObject({ password: '***' });
  });

  test('of a template that nobody has, or that is no flex template, is NOT_FOUND and told what there is', async () => {
    for (const name of ['Nothing', 'GCS_CSV_to_BigQuery']) {
      const failure = await failureOf(service.launch('nothing', { containerSpecGcsPath: specOf(name) }));
      expect(failure.code).toBe(status.NOT_FOUND);
      expect(failure.message).toContain(`Unable to open template file: ${specOf(name)}.`);
      expect(failure.message).toMatch(/executes .*PostgreSQL_to_BigQuery.* validates .*Oracle_to_BigQuery/);
    }
  });
});

test('every flex template the planner knows is known here, with the same parameters', () => {
  for (const name of templateNames) {
    const metadata = templateMetadata(name);
    const known = findTemplate(specOf(name))?.parameters.map((parameter) => parameter.name);
    const expected = metadata?.kind === 'flex' ? metadata.parameters.map((parameter) => parameter.name) : undefined;
    expect(known?.toSorted()).toEqual(expected?.toSorted());
  }
});
