// The odd answers of the service: each changes the error counter and the next check at most, never what is believed of the job.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { pollErrorMs } from '../../shared/engine/schedule.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, scriptedEngine } from '../support/scripted-engine.ts';
import { oddAnswers, running } from './odd-answer-rows.ts';

const unavailable = new EngineError('UNAVAILABLE', 'the service is down');

describe('an odd answer', () => {
  test.each(oddAnswers)('$name', async ({ active, pageSize, job, interfere, status, errors, gets, lists }) => {
    const stand = scriptedEngine();
    const before = aSubmitted({ expectedRows: { count: 10, exact: true } });
    await stand.put(before);
    if (active !== undefined) stand.service.active = active;
    if (pageSize !== undefined) stand.service.pageSize = pageSize;
    if (job !== undefined) stand.service.jobs.set('job-run-1', job);
    if (interfere !== undefined) stand.service.interfere = interfere();

    const tick = await stand.tick();

    const after = await stand.read(before.executionId);
    expect(after.status).toBe(status ?? 'SUBMITTED');
    expect(after.pollErrors).toBe(errors);
    expect(after.nextCheckAt).toBeGreaterThan(someTime);
    expect(stand.service.count('get')).toBe(gets);
    if (lists !== undefined) expect(stand.service.count('list')).toBe(lists);
    expect(tick.failed).toBe(0);
    if (errors === 0) return;
    expect(after).toEqual({
      ...before,
      pollErrors: 1,
      unreadableSince: someTime,
      nextCheckAt: someTime + pollErrorMs(defaultSettings, 1),
    });
  });

  test('UPDATED is followed to the successor, whose state counts from then on', async () => {
    const { service, put, read, tick, clock } = scriptedEngine();
    const execution = aSubmitted();
    await put(execution);
    service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_UPDATED', replacedByJobId: 'job-2' });
    service.active = [{ id: 'job-2', state: 'JOB_STATE_RUNNING' }];
    await tick();
    clock.time += 1;
    await tick();
    const found = await read(execution.executionId);
    expect(found.status).toBe('RUNNING');
    expect(found.attempts.map(({ jobId }) => jobId)).toEqual(['job-2']);
  });

  test('errors in a row are looked at less and less often, and the first good look forgets them', async () => {
    const { service, put, read, tick, clock } = scriptedEngine();
    const execution = aSubmitted();
    await put(execution);
    const pauses: number[] = [];
    for (let error = 1; error <= 6; error += 1) {
      await tick();
      const found = await read(execution.executionId);
      pauses.push((found.nextCheckAt ?? 0) - clock.time);
      clock.time = found.nextCheckAt ?? 0;
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    service.active = [running];
    await tick();
    const found = await read(execution.executionId);
    expect(found).toMatchObject({ status: 'RUNNING', pollErrors: 0, lastPolledAt: clock.time });
    expect(found.unreadableSince).toBeUndefined();
  });

  test('an end that stays unreadable is recorded after a quarter of an hour, with what was known', async () => {
    const { service, put, read, tick, clock } = scriptedEngine();
    const execution = aSubmitted({ maxAttempts: 1 });
    await put(execution);
    service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_FAILED', stateAt: someTime });
    service.interfere = (method) => {
      if (method === 'metrics' || method === 'messages') throw unavailable;
    };
    clock.time = someTime + 14 * 60_000;
    await tick();
    expect((await read(execution.executionId)).status).toBe('SUBMITTED');
    clock.time = someTime + 20 * 60_000;
    await tick();
    expect(await read(execution.executionId)).toMatchObject({
      status: 'FAILED',
      failure: { class: 'unknown' },
      costUnavailable: expect.stringContaining('no vCPU'),
    });
  });
});
