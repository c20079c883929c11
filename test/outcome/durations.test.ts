// Where the time of an execution went, from its record and its job's messages.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { durationsOf } from '../../shared/engine/durations.ts';
import type { Attempt } from '../../shared/schema/execution.ts';
import type { JobMessage } from '../../shared/schema/job.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';

const at = (sec: number): number => someTime + sec * 1000;
const message = (sec: number, text: string): JobMessage => ({ id: text, at: at(sec), importance: 'DETAILED', text });

const started = 'All workers have finished the startup processes and began to receive work requests.';
const stopping = 'Stopping worker pool...';

const ended = (fields: Partial<Attempt> = {}): Attempt =>
  anAttempt({
    launchIntents: [at(10)],
    jobCreatedAt: at(12),
    jobStartedAt: at(60),
    endedAt: at(400),
    lastState: 'JOB_STATE_DONE',
    ...fields,
  });

const of = (attempt: Attempt, messages: readonly JobMessage[] = [], earlier: readonly Attempt[] = []) =>
  durationsOf(anExecution({ attempts: [...earlier, attempt] }), attempt, messages);

describe('durations', () => {
  test('are told apart by the messages about the workers', () => {
    expect(of(ended(), [message(180, started), message(370, stopping)])).toEqual({
      queuedSec: 10,
      dataflowQueuedSec: 48,
      startupSec: 120,
      runningSec: 190,
      totalSec: 400,
    });
  });

  test('fall back to the job’s own start and end without messages', () => {
    expect(of(ended())).toMatchObject({ startupSec: 0, runningSec: 340, totalSec: 400 });
  });

  test('of a job that never had workers hold no running time', () => {
    const failed = ended({ lastState: 'JOB_STATE_FAILED' });
    expect(of(failed)).toMatchObject({ dataflowQueuedSec: 48, startupSec: 340, runningSec: 0 });
  });

  test('of a failed job whose vCPUs were metered hold it', () => {
    const failed = ended({ lastState: 'JOB_STATE_FAILED' });
    const metrics = { readAt: someTime, tentative: false, vcpuSec: 10 };
    expect(durationsOf(anExecution({ attempts: [failed] }), failed, [], metrics).runningSec).toBe(340);
  });

  test('count a FlexRS job’s wait as Dataflow’s queue', () => {
    const flexRs = ended({ jobStartedAt: at(5 * 3600), endedAt: at(6 * 3600) });
    expect(of(flexRs)).toMatchObject({ dataflowQueuedSec: 5 * 3600 - 12, runningSec: 3600 });
  });

  test('count our queue from acceptance to the launch that made the job', () => {
    expect(of(ended({ launchIntents: [at(10), at(300)], jobCreatedAt: at(310) })).queuedSec).toBe(300);
    // The second request found the first one's job.
    expect(of(ended({ launchIntents: [at(10), at(300)], jobCreatedAt: at(12) })).queuedSec).toBe(12);
  });

  test('of a second attempt leave out the first one’s time but in the total', () => {
    const first = ended({ endedAt: at(100), lastState: 'JOB_STATE_FAILED' });
    const second = ended({
      number: 2,
      launchIntents: [at(160)],
      jobCreatedAt: at(161),
      jobStartedAt: at(200),
      endedAt: at(500),
    });
    expect(of(second, [message(250, started)], [first])).toEqual({
      queuedSec: 70,
      dataflowQueuedSec: 39,
      startupSec: 50,
      runningSec: 250,
      totalSec: 500,
    });
  });

  const moment = fc.integer({ min: -100, max: 1000 });
  property.prop([moment, moment, moment, moment, moment, moment])(
    'are never negative, whatever clocks and messages say, and their parts never exceed the whole',
    (launch, created, start, end, began, stopped) => {
      const attempt = ended({
        launchIntents: [at(Math.max(0, launch))],
        jobCreatedAt: at(created),
        jobStartedAt: at(start),
        endedAt: at(Math.max(0, end)),
      });
      const durations = of(attempt, [message(began, started), message(stopped, stopping)]);
      for (const seconds of Object.values(durations)) expect(seconds).toBeGreaterThanOrEqual(0);
      const { dataflowQueuedSec, startupSec, runningSec } = durations;
      const jobSec = Math.max(0, end) - Math.min(created, Math.max(0, launch));
      expect(dataflowQueuedSec + startupSec + runningSec).toBeLessThanOrEqual(Math.max(0, jobSec) + 0.001);
    },
  );
});
