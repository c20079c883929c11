// The fault script: which event is struck, and what a client of the service sees of each fault.

import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFaultScript } from '../../local/dataflow/faults.ts';
import { failureOf } from './clients.ts';
import { place, startService, type TestService } from './service.ts';

describe('a fault', () => {
  test('strikes the n-th event of its prefix', () => {
    const script = createFaultScript([{ kind: 'refuseLaunch', nth: [2, 3], jobNamePrefix: 'a' }]);
    const struck = ['a1', 'b', 'a2', 'a3', 'a4'].filter((jobName) => script.strike('refuseLaunch', { jobName }));
    expect(struck).toEqual(['a2', 'a3']);
  });

  test('strikes at most so many times, and only calls of its method', () => {
    const script = createFaultScript([{ kind: 'failCall', method: 'GetJob', times: 1 }]);
    const calls = ['ListJobs', 'GetJob', 'GetJob'].map((method) => script.strike('failCall', { method }) !== undefined);
    expect(calls).toEqual([false, true, false]);
  });

  test('by chance strikes the same events for the same seed', () => {
    const run = (seed: number) => {
      const script = createFaultScript([{ kind: 'refuseLaunch', probability: 0.3, seed }]);
      return Array.from({ length: 200 }, () => (script.strike('refuseLaunch', {}) ? 'x' : '.')).join('');
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
    expect(run(7).split('x').length).toBeGreaterThan(30);
    expect(run(7).split('x').length).toBeLessThan(95);
  });

  test('that is not valid is refused with its place', () => {
    const faults = [{ kind: 'refuseLaunch' }, { kind: 'hideFromLists', forMs: -1 }, { kind: 'nonsense' }];
    expect(() => createFaultScript(faults as never)).toThrow(/faults\[1\.forMs\]: [\s\S]*faults\[2\.kind\]: /);
  });
});

describe('a client sees', () => {
  let service: TestService;
  let now: number;
  beforeEach(async () => {
    now = Date.UTC(2026, 0, 5);
    service = await startService({ now: () => now });
  });
  afterEach(() => service.stop());
  const long = { runningMs: '1000000' };
  const launched = () => service.dataflow.jobs().map((job) => job.name);
  const list = async () =>
    (await service.clients.jobs.listJobs(place, { autoPaginate: false }))[0].map((job) => job.name);

  test.each([
    ['unavailable', status.UNAVAILABLE],
    ['deadline', status.DEADLINE_EXCEEDED],
    ['cut', status.UNAVAILABLE],
  ] as const)('a launch that is lost (%s) although the job runs', async (how, code) => {
    service.dataflow.setFaults([{ kind: 'loseLaunchAnswer', how, nth: 2 }]);
    await service.script('first', long);
    expect((await failureOf(service.script('second', long))).code).toBe(code);
    expect(launched()).toEqual(['first', 'second']);
    expect(await list()).toEqual(['second', 'first']);
    expect((await failureOf(service.script('second', long))).code).toBe(status.ALREADY_EXISTS);
  });

  test('a launch that hangs until the deadline of the client, although the job runs', async () => {
    service.dataflow.setFaults([{ kind: 'loseLaunchAnswer', how: 'hang' }]);
    const launchParameter = { jobName: 'hanging', containerSpecGcsPath: 'gs://b/scripted/x' };
    const failure = await failureOf(
      service.clients.templates.launchFlexTemplate({ ...place, launchParameter }, { timeout: 100, retry: null }),
    );
    expect(failure.code).toBe(status.DEADLINE_EXCEEDED);
    expect(launched()).toEqual(['hanging']);
  });

  test.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const)('a launch refused %s, and no job', async (code) => {
    service.dataflow.setFaults([{ kind: 'refuseLaunch', code, times: 1 }]);
    expect((await failureOf(service.script('one'))).code).toBe(status[code]);
    expect(launched()).toEqual([]);
    await service.script('one');
  });

  test('a job that is hidden from lists, and answers 404, for a while', async () => {
    service.dataflow.setFaults([
      { kind: 'hideFromLists', forMs: 5000 },
      { kind: 'getJobNotFound', forMs: 2000 },
    ]);
    const { id } = await service.script('shy', long);
    expect(await list()).toEqual([]);
    expect((await failureOf(service.clients.jobs.getJob({ ...place, jobId: id }))).code).toBe(status.NOT_FOUND);
    now += 2000;
    expect((await service.clients.jobs.getJob({ ...place, jobId: id }))[0].name).toBe('shy');
    expect(await list()).toEqual([]);
    now += 3000;
    expect(await list()).toEqual(['shy']);
  });

  test('a partial list that names the failed location', async () => {
    await service.script('there', long);
    service.dataflow.setFaults([{ kind: 'partialList', nth: 1 }]);
    const [jobs, , answer] = await service.clients.jobs.listJobs(place, { autoPaginate: false });
    expect(jobs).toEqual([]);
    expect(answer?.failedLocation).toEqual([{ name: 'europe-west1' }]);
    expect(await list()).toEqual(['there']);
  });

  test('a page token that has expired', async () => {
    service.dataflow.addScriptedJobs({ count: 3, ...place });
    const [, , first] = await service.clients.jobs.listJobs({ ...place, pageSize: 2 }, { autoPaginate: false });
    service.dataflow.setFaults([{ kind: 'pageTokenExpired', times: 1 }]);
    const next = { ...place, pageSize: 2, pageToken: first?.nextPageToken ?? '' };
    expect((await failureOf(service.clients.jobs.listJobs(next, { autoPaginate: false }))).message).toContain(
      'expired',
    );
    expect((await service.clients.jobs.listJobs(next, { autoPaginate: false }))[0]).toHaveLength(1);
  });

  test('"not yet ready for canceling" for longer', async () => {
    service.dataflow.setFaults([{ kind: 'notReadyForCancel', forMs: 5000 }]);
    const { id } = await service.script('busy', long);
    const cancel = () =>
      service.clients.jobs.updateJob({ ...place, jobId: id, job: { requestedState: 'JOB_STATE_CANCELLED' } });
    now += 4000;
    expect((await failureOf(cancel())).message).toContain('not yet ready for canceling');
    now += 1000;
    await cancel();
  });

  test.each([
    [{ kind: 'zoneStockout', zone: 'europe-west1-b' }, 'JOB_STATE_PENDING', 'ZONE_RESOURCE_POOL_EXHAUSTED'],
    [{ kind: 'zoneStockout', phase: 'QUEUED' }, 'JOB_STATE_QUEUED', 'Failed to start the VM, launcher-'],
    [{ kind: 'launcherFailure' }, 'JOB_STATE_QUEUED', 'HTTP_503'],
    [{ kind: 'launcherFailure', cause: 'container' }, 'JOB_STATE_QUEUED', 'Template launch failed'],
    [{ kind: 'launcherFailure', cause: 'timeout' }, 'JOB_STATE_QUEUED', 'Timeout in polling result file'],
    [{ kind: 'quotaExceeded' }, 'JOB_STATE_PENDING', 'Quota summary (required/available)'],
    [{ kind: 'quotaExceeded', quota: 'jobs' }, 'JOB_STATE_QUEUED', 'jobs-per-project quota'],
    [{ kind: 'workerOutOfMemory', afterMs: 400 }, 'JOB_STATE_RUNNING', 'java.lang.OutOfMemoryError'],
    [{ kind: 'failJob', text: 'Internal Issue (42)' }, 'JOB_STATE_RUNNING', 'Internal Issue (42)'],
  ] as const)('a job that fails by %o', async (fault, lastState, text) => {
    service.dataflow.setFaults([{ ...fault, jobNamePrefix: 'doomed' }]);
    const { id } = await service.script('doomed-1', { queuedMs: '100', pendingMs: '100', runningMs: '1000' });
    now += 5000;
    const { state, startedAt, runningAt } = service.dataflow.jobs()[0] ?? {};
    expect(state).toBe('JOB_STATE_FAILED');
    const reached = runningAt ? 'JOB_STATE_RUNNING' : startedAt ? 'JOB_STATE_PENDING' : 'JOB_STATE_QUEUED';
    expect(reached).toBe(lastState);
    expect((await service.texts(id, 'JOB_MESSAGE_ERROR'))[0]).toContain(text);
  });

  test('calls that fail without being carried out', async () => {
    service.dataflow.setFaults([{ kind: 'failCall', method: 'ListJobs', code: 'INTERNAL', times: 1 }]);
    expect((await failureOf(list())).code).toBe(status.INTERNAL);
    expect(await list()).toEqual([]);
  });

  test('answers that come after what they answer for', async () => {
    service.dataflow.setFaults([{ kind: 'delayAnswer', method: 'LaunchFlexTemplate', delayMs: 60_000 }]);
    const launchParameter = { jobName: 'late', containerSpecGcsPath: 'gs://b/scripted/x' };
    const pending = failureOf(
      service.clients.templates.launchFlexTemplate({ ...place, launchParameter }, { timeout: 200, retry: null }),
    );
    while (launched().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await pending).code).toBe(status.DEADLINE_EXCEEDED);
  });
});
