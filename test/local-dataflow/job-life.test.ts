// The life of a job over the wire: states, views, messages, metrics, cancel.

import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { counterNamespace } from '../../local/dataflow/metrics.ts';
import { failureOf } from './clients.ts';
import { place, startService, type TestService } from './service.ts';

let service: TestService;
afterEach(() => service.stop());

/** A service whose clock stands still until it is moved: scripted jobs walk by it. */
async function withClock(): Promise<{ forward(ms: number): void }> {
  let now = Date.UTC(2026, 0, 5, 12);
  service = await startService({ now: () => now, startupMs: 100 });
  return {
    forward(ms) {
      now += ms;
    },
  };
}
const phases = { queuedMs: '100', pendingMs: '100', runningMs: '1000' };
const stateOf = async (jobId: string) => (await service.clients.jobs.getJob({ ...place, jobId }))[0].currentState;

describe('a job', () => {
  test('walks from QUEUED by PENDING and RUNNING to DONE', async () => {
    const clock = await withClock();
    const { id } = await service.script('walk', phases);
    expect(await stateOf(id)).toBe('JOB_STATE_QUEUED');
    clock.forward(100);
    expect(await stateOf(id)).toBe('JOB_STATE_PENDING');
    clock.forward(100);
    expect(await stateOf(id)).toBe('JOB_STATE_RUNNING');
    clock.forward(1000);
    expect(await stateOf(id)).toBe('JOB_STATE_DONE');
    expect(service.dataflow.jobs()[0]).toMatchObject({ name: 'walk', state: 'JOB_STATE_DONE' });
    const { createdAt, startedAt, runningAt, endedAt } = service.dataflow.jobs()[0] ?? { createdAt: 0 };
    expect([startedAt, runningAt, endedAt].map((time) => (time ?? 0) - createdAt)).toEqual([100, 200, 1200]);
  });

  test('shows type, labels and environment only once the launcher is through, and only in the larger views', async () => {
    const clock = await withClock();
    const environment = {
      additionalUserLabels: { team: 'a' },
      machineType: 'n2-standard-4',
      numWorkers: 2,
      maxWorkers: 2,
    };
    const { id } = await service.launch('viewed', {
      containerSpecGcsPath: 'gs://b/scripted/x',
      parameters: phases,
      environment,
    });
    const view = async (name: 'JOB_VIEW_SUMMARY' | 'JOB_VIEW_DESCRIPTION' | 'JOB_VIEW_ALL') =>
      (await service.clients.jobs.getJob({ ...place, jobId: id, view: name }))[0];
    expect(await view('JOB_VIEW_ALL')).toMatchObject({
      type: 'JOB_TYPE_UNKNOWN',
      labels: {},
      environment: null,
      startTime: null,
    });
    clock.forward(100);
    expect(await view('JOB_VIEW_SUMMARY')).toMatchObject({ type: 'JOB_TYPE_BATCH', labels: {}, environment: null });
    const described = await view('JOB_VIEW_DESCRIPTION');
    expect(described.labels).toEqual({ team: 'a' });
    expect(described.environment?.workerPools?.[0]).toMatchObject({
      machineType: 'n2-standard-4',
      numWorkers: 2,
      numThreadsPerWorker: 4,
    });
    const [listed] = await service.clients.jobs.listJobs(place, { autoPaginate: false });
    expect(listed[0]).toMatchObject({ labels: {}, environment: null });
  });

  test('that does not exist, or not in that region, is NOT_FOUND', async () => {
    await withClock();
    const { id } = await service.script('somewhere', phases);
    const { jobs, metrics, messages } = service.clients;
    const elsewhere = { projectId: 'demo', location: 'us-east1', jobId: id };
    const calls = [
      jobs.getJob({ ...place, jobId: 'none' }),
      jobs.getJob(elsewhere),
      metrics.getJobMetrics(elsewhere),
      messages.listJobMessages(elsewhere, { autoPaginate: false }),
    ];
    for (const call of calls) expect((await failureOf(call)).code).toBe(status.NOT_FOUND);
  });
});

describe('messages', () => {
  test('tell start and stop of the workers in the words launchers look for, oldest first, in pages, from an importance on', async () => {
    const clock = await withClock();
    const { id } = await service.script('talks', { ...phases, outcome: 'JOB_STATE_FAILED', errorText: 'it broke' });
    clock.forward(5000);
    const texts = await service.texts(id);
    const start = texts.indexOf('All workers have finished the startup processes and began to receive work requests.');
    expect(start).toBeGreaterThan(0);
    expect(texts.indexOf('Stopping worker pool...')).toBeGreaterThan(start);
    expect(await service.texts(id, 'JOB_MESSAGE_ERROR')).toEqual(['it broke']);
    expect(await service.texts(id, 'JOB_MESSAGE_WARNING')).toEqual(['it broke']);
    const paged: string[] = [];
    for await (const message of service.clients.messages.listJobMessagesAsync({ ...place, jobId: id, pageSize: 2 }))
      paged.push(message.messageText ?? '');
    expect(paged).toEqual(texts);
  });

  test('come with the autoscaling events', async () => {
    const clock = await withClock();
    const { id } = await service.script('scales', phases);
    clock.forward(5000);
    const [, , answer] = await service.clients.messages.listJobMessages(
      { ...place, jobId: id },
      { autoPaginate: false },
    );
    const events = answer?.autoscalingEvents?.map(({ eventType, currentNumWorkers, targetNumWorkers }) => [
      eventType,
      Number(currentNumWorkers),
      Number(targetNumWorkers),
    ]);
    expect(events).toEqual([
      ['TARGET_NUM_WORKERS_CHANGED', 0, 1],
      ['CURRENT_NUM_WORKERS_CHANGED', 1, 1],
      ['CURRENT_NUM_WORKERS_CHANGED', 0, 0],
    ]);
  });
});

describe('metrics', () => {
  const read = async (jobId: string) => {
    const [answer] = await service.clients.metrics.getJobMetrics({ ...place, jobId });
    return (answer.metrics ?? []).map(({ name, scalar }) => ({ ...name, value: scalar?.numberValue }));
  };

  test('have the names, origins and units of the service; workers times shape times running time', async () => {
    const clock = await withClock();
    const environment = { machineType: 'n1-highmem-4', numWorkers: 3, maxWorkers: 3, diskSizeGb: 30 };
    const { id } = await service.launch('measured', {
      containerSpecGcsPath: 'gs://b/scripted/x',
      environment,
      parameters: { ...phases, runningMs: '100000', rows: '1000', bytes: '8000000000', ranges: '10' },
    });
    clock.forward(200 + 50_000);
    const running = await read(id);
    expect(running.every(({ context }) => context?.tentative === 'true')).toBe(true);
    clock.forward(50_000);
    const metrics = (await read(id)).filter(({ context }) => context?.tentative === undefined);
    const service_ = (name: string) =>
      metrics.find((metric) => metric.name === name && metric.context?.step === undefined);
    expect(service_('TotalVcpuTime')).toMatchObject({
      origin: 'dataflow/v1b3',
      value: 3 * 4 * 100,
      context: { original_name: 'Service-cpu_num_seconds' },
    });
    expect(service_('TotalMemoryUsage')?.value).toBe(3 * 26 * 1024 * 100);
    expect(service_('TotalPdUsage')?.value).toBe(3 * 30 * 100);
    expect(service_('TotalShuffleDataProcessed')?.value).toBe(8);
    expect(service_('BillableShuffleDataProcessed')?.value).toBe(2);
    expect(service_('CurrentVcpuCount')?.value).toBe(0);
    const half = running.filter(({ origin }) => origin === 'user').map(({ name, value }) => [name, value]);
    expect(Object.fromEntries(half)).toMatchObject({ rangesTotal: 10, rangesDone: 5, rowsRead: 500, rowsWritten: 0 });
    const counters = metrics.filter(({ origin }) => origin === 'user');
    expect(counters.every(({ context }) => context?.namespace === counterNamespace)).toBe(true);
    const elements = metrics.filter(({ name }) => name === 'ElementCount');
    expect(elements.map(({ context, value }) => [context?.original_name, value])).toEqual([
      ['s1-ElementCount', 1000],
      ['s2-ElementCount', 1000],
    ]);
  });
});

describe('cancel', () => {
  const cancel = (jobId: string, requestedState: 'JOB_STATE_CANCELLED' | 'JOB_STATE_DRAINED' = 'JOB_STATE_CANCELLED') =>
    service.clients.jobs.updateJob({ ...place, jobId, job: { requestedState } });

  test('too early is refused, later it goes by CANCELLING to CANCELLED, then it is too late', async () => {
    const clock = await withClock();
    const { id } = await service.script('stopped', { ...phases, cancellingMs: '300' });
    const early = await failureOf(cancel(id));
    expect(early.code).toBe(status.FAILED_PRECONDITION);
    expect(early.message).toContain('not yet ready for canceling');
    clock.forward(250);
    const [answer] = await cancel(id);
    expect(answer).toMatchObject({ type: 'JOB_TYPE_BATCH', id: '' });
    expect(await stateOf(id)).toBe('JOB_STATE_CANCELLING');
    await cancel(id);
    clock.forward(300);
    expect(await stateOf(id)).toBe('JOB_STATE_CANCELLED');
    const late = await failureOf(cancel(id));
    expect(late.code).toBe(status.FAILED_PRECONDITION);
    expect(late.message).toContain('Job has terminated in state CANCELLED');
  });

  test('keeps the name bound until the job has ended', async () => {
    const clock = await withClock();
    const { id } = await service.script('named', { ...phases, cancellingMs: '300' });
    clock.forward(250);
    await cancel(id);
    expect((await failureOf(service.script('named'))).code).toBe(status.ALREADY_EXISTS);
    clock.forward(300);
    await service.script('named');
  });

  test('drain is for streaming jobs', async () => {
    const clock = await withClock();
    const { id } = await service.script('batch', phases);
    clock.forward(250);
    expect((await failureOf(cancel(id, 'JOB_STATE_DRAINED'))).code).toBe(status.INVALID_ARGUMENT);
  });
});
