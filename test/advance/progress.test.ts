// What a tick spends on running jobs: metrics in turn, within a budget, messages rarely, and never at the cost of an end.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { withPoint } from '../../shared/engine/series.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

async function running(
  stand: ScriptedEngine,
  count: number,
  state = 'JOB_STATE_RUNNING' as const,
): Promise<Execution[]> {
  const executions = Array.from({ length: count }, (_, index) => aSubmitted({ runId: `run-${index}` }));
  for (const { runId } of executions) stand.service.metrics.set(`job-${runId}`, finalMetrics({ read: 5, written: 0 }));
  for (const execution of executions) await stand.put(execution);
  stand.service.active = executions.map(({ runId }) => ({ id: `job-${runId}`, state }));
  return executions;
}

/** Budget and interval as small as a test can count. */
const small = { progressReadsPerTick: 10, metricsEveryMs: 60_000, pollYoungMs: 60_000, messagesEveryMs: 1e12 };

describe('progress of running jobs', () => {
  test('is read within the budget of a tick', async () => {
    const stand = scriptedEngine({ settings: small });
    await running(stand, 50);
    const tick = await stand.tick();
    expect(stand.service.count('metrics') + stand.service.count('messages')).toBe(10);
    expect(tick.apiCalls).toBe(11);
  });

  test('comes round to every job before any is read twice', async () => {
    const stand = scriptedEngine({ settings: small });
    const executions = await running(stand, 40);
    for (let minute = 0; minute < 4; minute += 1) {
      await stand.tick();
      stand.clock.time += 66_000;
    }
    const reads = new Map<string, number>();
    for (const { method, about } of stand.service.calls)
      if (method === 'metrics') reads.set(about, (reads.get(about) ?? 0) + 1);
    expect(reads.size).toBe(executions.length);
    expect(Math.max(...reads.values())).toBe(1);
  });

  test('lets nobody starve while there are more jobs than the budget holds', async () => {
    const stand = scriptedEngine({ settings: { ...small, messagesEveryMs: 300_000 } });
    const executions = await running(stand, 60);
    for (let minute = 0; minute < 60; minute += 1) {
      await stand.tick();
      stand.clock.time += 66_000;
    }
    const lastReads = await Promise.all(
      executions.map(async ({ executionId }) => (await stand.read(executionId)).lastMetricsAt ?? 0),
    );
    const oldestMinutes = (stand.clock.time - Math.min(...lastReads)) / 66_000;
    // A round takes 60 / (10 x 0.8) minutes; the messages on the way cost a little more.
    expect(oldestMinutes).toBeLessThanOrEqual(12);
  });

  test('never keeps an end waiting: ends are read outside the budget', async () => {
    const stand = scriptedEngine({ settings: { ...small, progressReadsPerTick: 0.5 } });
    await running(stand, 20);
    for (const job of stand.service.active.splice(0, 5))
      stand.service.jobs.set(String(job.id), { ...job, state: 'JOB_STATE_DONE', stateAt: someTime });
    await stand.tick();
    expect(stand.published).toHaveLength(5);
  });

  test.each(['JOB_STATE_QUEUED', 'JOB_STATE_PENDING'])('asks nothing of a job that is %s', async (state) => {
    const stand = scriptedEngine();
    await running(stand, 1);
    stand.service.active = [{ id: 'job-run-0', state: state as 'JOB_STATE_QUEUED' }];
    await stand.tick();
    expect(stand.service.count('metrics')).toBe(0);
  });

  test.each([
    ['cannot be read', new EngineError('UNAVAILABLE', 'down')],
    ['makes the engine stumble', new TypeError('x is not a function')],
  ])('that %s changes nothing and is left alone until its next turn', async (_, error) => {
    const stand = scriptedEngine();
    const [execution] = await running(stand, 1);
    stand.service.interfere = (method) => (method === 'metrics' ? Promise.reject(error) : undefined);
    await stand.tick();
    expect(await stand.read(execution?.executionId ?? '')).toMatchObject({
      status: 'RUNNING',
      pollErrors: 0,
      lastMetricsAt: someTime,
    });
  });

  test('shows rows, cost so far, workers and warnings while the job runs', async () => {
    const stand = scriptedEngine();
    const [execution] = await running(stand, 1);
    stand.service.autoscaling.set('job-run-0', [
      { at: someTime - 50, currentWorkers: 6, targetWorkers: 6 },
      { at: someTime - 10, currentWorkers: 2, targetWorkers: 2 },
    ]);
    stand.service.messages.set('job-run-0', [
      { id: '1', at: someTime - 5, importance: 'WARNING', text: 'a worker is slow' },
      { id: '2', at: someTime - 5, importance: 'BASIC', text: 'starting' },
    ]);
    stand.clock.time += defaultSettings.messagesEveryMs;
    await stand.tick();
    expect(await stand.read(execution?.executionId ?? '')).toMatchObject({
      metrics: { rowsRead: 5, currentWorkers: 2, peakWorkers: 6 },
      cost: { level: 'provisional' },
      series: [{ at: stand.clock.time, rows: 5, workers: 2 }],
      messages: [{ text: 'a worker is slow' }],
    });
  });

  test('reads messages once in a quarter of an hour, metrics every two minutes', async () => {
    const stand = scriptedEngine();
    await running(stand, 1);
    for (let minute = 0; minute < 60; minute += 1) {
      await stand.tick();
      stand.clock.time += 60_000;
    }
    expect(stand.service.count('messages')).toBeGreaterThanOrEqual(3);
    expect(stand.service.count('messages')).toBeLessThanOrEqual(5);
    expect(stand.service.count('metrics')).toBeGreaterThanOrEqual(20);
    expect(stand.service.count('metrics')).toBeLessThanOrEqual(31);
  });
});

describe('the series for pictures', () => {
  const steps = (points: readonly { at: number }[]) =>
    points.slice(1).map((point, index) => point.at - (points[index]?.at ?? 0));

  test.each([3, 200, 201, 1000, 5000])(
    'of %i readings has at most 200 points, begins at the first and ends at the last',
    (count) => {
      let series: { at: number }[] = [];
      for (let index = 0; index < count; index += 1) series = withPoint(series, { at: index * 120 });
      expect(series.length).toBeLessThanOrEqual(200);
      expect(series.length).toBeGreaterThanOrEqual(Math.min(count, 100));
      expect(series[0]).toEqual({ at: 0 });
      expect(series.at(-1)).toEqual({ at: (count - 1) * 120 });
    },
  );

  test('is spread evenly: no step but the last is more than two and a half times another', () => {
    let series: { at: number }[] = [];
    for (let index = 0; index < 3000; index += 1) series = withPoint(series, { at: index * 120 });
    const inner = steps(series).slice(0, -1);
    expect(Math.max(...inner) / Math.min(...inner)).toBeLessThanOrEqual(2.5);
  });
});
