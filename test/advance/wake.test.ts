// `pollJobs` over real HTTP: a tick for Cloud Scheduler, a look at one job for an Eventarc event, which is never believed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { wakeOf } from '../../shared/schema/status-event.ts';
import { anAttempt, someTime } from '../support/execution.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';
import { aSubmitted, finalMetrics, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const statusChanged = 'google.cloud.dataflow.job.v1beta3.statusChanged';

/** An event as Eventarc delivers it: binary mode, the Job in `payload`. */
const eventAbout = (executionId: string, currentState = 'JOB_STATE_DONE') => ({
  headers: {
    'content-type': 'application/json',
    'ce-id': '1',
    'ce-specversion': '1.0',
    'ce-source': '//dataflow.googleapis.com/projects/demo/locations/us-central1/jobs/orders-1',
    'ce-type': statusChanged,
  },
  body: JSON.stringify({
    payload: { id: 'job-1', name: 'orders-1', currentState, labels: { 'streamnova-execution': executionId } },
  }),
});

describe('pollJobs over HTTP', () => {
  let local: LocalEngine;
  let url: string;

  beforeAll(async () => {
    local = await startLocalEngine(scriptedConfig('configOnlyRuns: true', 600_000));
    url = await local.serve('pollJobs');
  });
  afterAll(() => local.stop());

  const start = async (): Promise<Execution> => {
    const started = await local.engine.start({
      runId: `run-${Math.random()}`,
      direct: { load: 'orders' },
      queue: true,
      trigger: 'http',
    });
    if (started.kind !== 'accepted') throw new Error(JSON.stringify(started));
    return started.execution;
  };
  const post = (init: RequestInit) => fetch(url, { method: 'POST', ...init });

  test('ticks and answers what it did', async () => {
    await start();
    local.clock.forward(60_000);
    const answer = await post({});
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ looked: 1, failed: 0, finished: true, apiCalls: expect.any(Number) });
  });

  test('looks at the one job an event is about, and believes the job rather than the event', async () => {
    const [other, woken] = [await start(), await start()];
    const answer = await post(eventAbout(woken.executionId, 'JOB_STATE_DONE'));
    expect(await answer.json()).toEqual({ woken: true });
    const found = (await local.engine.read(woken.executionId))?.value;
    expect(['SUBMITTED', 'RUNNING']).toContain(found?.status);
    expect(found?.lastPolledAt).toBeDefined();
    expect((await local.engine.read(other.executionId))?.value.lastPolledAt).toBeUndefined();
  });

  test('answers 200 also when the look fails: the tick looks anyway, and hints need no redelivery', async () => {
    const { executionId } = await start();
    const { ledger } = local.deps;
    const { read } = ledger;
    ledger.read = async () => {
      throw new EngineError('UNAVAILABLE', 'the ledger is down');
    };
    const answer = await post(eventAbout(executionId));
    ledger.read = read;
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ woken: false });
  });

  test.each([
    ['about a job that is not ours', eventAbout('somebody-elses')],
    ['about an execution nobody knows', eventAbout(`exe-${'0'.repeat(32)}`)],
    ['that is no JSON', { ...eventAbout('x'), body: 'not json' }],
    ['without a payload', { ...eventAbout('x'), body: '{}' }],
    [
      'of another kind',
      { headers: { ...eventAbout('x').headers, 'ce-type': 'google.cloud.audit.log.v1.written' }, body: '{}' },
    ],
  ])('does nothing on an event %s, and does not tick either', async (_, event) => {
    const due = await start();
    local.clock.forward(60_000);
    const headers = event.body === 'not json' ? { ...event.headers, 'content-type': 'text/plain' } : event.headers;
    const answer = await post({ ...event, headers });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ woken: false });
    expect((await local.engine.read(due.executionId))?.value.lastPolledAt).toBeUndefined();
  });
});

describe('a wake-up', () => {
  const wake = async (stand: ScriptedEngine, execution: Execution) => {
    await stand.put(execution);
    await stand.engine.wake(execution.executionId);
    return stand.read(execution.executionId);
  };

  test('ends an execution whose job has ended, whatever its next check', async () => {
    const stand = scriptedEngine();
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 1, written: 1 }));
    const found = await wake(stand, aSubmitted({ nextCheckAt: someTime + 100_000 }));
    expect(found.status).toBe('SUCCEEDED');
    expect(stand.service.count('list')).toBe(0);
  });

  test('leaves the wait before another attempt alone', async () => {
    const stand = scriptedEngine();
    const waiting = aSubmitted({
      status: 'QUEUED',
      attempts: [anAttempt({ jobId: 'job-1' }), anAttempt({ number: 2, launchIntents: [] })],
      nextCheckAt: someTime + 60_000,
    });
    expect(await wake(stand, waiting)).toEqual(waiting);
    expect(stand.service.calls).toEqual([]);
  });

  test('does not put the settling of a cost off, however often it comes', async () => {
    const stand = scriptedEngine();
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 1, written: 1 }));
    const { executionId } = await wake(stand, aSubmitted());
    for (let minute = 1; minute <= 6; minute += 1) {
      stand.clock.time += 60_000;
      await stand.engine.wake(executionId);
    }
    expect((await stand.read(executionId)).cost?.level).toBe('settled');
  });

  test('of somebody unknown is nothing', async () => {
    expect(await scriptedEngine().engine.wake('exe-nobody')).toBeUndefined();
  });
});

test.each([
  ['no event at all', {}, undefined],
  ['a list of types', { 'ce-type': [statusChanged, statusChanged] }, { executionId: undefined }],
])('%s is told from an event', (_, headers, wake) => {
  expect(wakeOf(headers, Buffer.from('{}'))).toEqual(wake);
});
