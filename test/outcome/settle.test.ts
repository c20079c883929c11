// Cost: provisional at the end, settled by two equal readings at least five minutes apart, and never called settled otherwise.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { documentIdOf } from '../../shared/base/ids.ts';
import { costOfAttempts } from '../../shared/engine/cost.ts';
import { costOf } from '../../shared/recommend/cost.ts';
import { pricesFor } from '../../shared/recommend/price-book.ts';
import type { JobMetric } from '../../shared/schema/job.ts';
import { settledEventType } from '../../shared/schema/outcome.ts';
import { anAttempt, someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const usage = (vcpuSec: number): JobMetric[] =>
  finalMetrics({ read: 1, written: 1 }).map((metric) =>
    metric.name === 'TotalVcpuTime' ? { ...metric, value: vcpuSec } : metric,
  );

async function ended(options: Parameters<typeof scriptedEngine>[0] = {}): Promise<ScriptedEngine & { id: string }> {
  const stand = scriptedEngine(options);
  const execution = aSubmitted({ dailyBudgetMicroUsd: 1e9 });
  await stand.put(execution);
  stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
  stand.service.metrics.set('job-run-1', usage(3600));
  await stand.tick();
  return { ...stand, id: execution.executionId };
}

const minutes = async (stand: ScriptedEngine, count: number): Promise<void> => {
  for (let minute = 0; minute < count; minute += 1) {
    stand.clock.time += 60_000;
    await stand.tick();
  }
};

const booked = async (stand: ScriptedEngine): Promise<unknown> => {
  const day = new Date(someTime).toISOString().slice(0, 10);
  return (await stand.deps.documents.read('spend', documentIdOf('spend', `orders\u0000${day}`)))?.value;
};

describe('the cost of an ended execution', () => {
  test('is the metered use at the price book, by component', async () => {
    const stand = await ended();
    const priced = pricesFor('us-central1', 'batch');
    if (!priced.ok) throw new Error(priced.problem);
    const expected = costOf(
      { vcpuSec: 3600, memoryMibSec: 3_686_400, pdGbSec: 90_000, ssdGbSec: 0, billableShuffleGb: 0.5 },
      priced.prices,
    );
    expect((await stand.read(stand.id)).cost).toMatchObject({ microUsd: expected, level: 'provisional' });
  });

  test('settles with the first equal reading after five minutes, and asks no more', async () => {
    const stand = await ended();
    await minutes(stand, 4);
    expect((await stand.read(stand.id)).cost?.level).toBe('provisional');
    await minutes(stand, 2);
    const settled = await stand.read(stand.id);
    expect(settled).toMatchObject({ cost: { level: 'settled' }, nextCheckAt: null });
    expect(settled.conclusion?.settledAt).toBe(someTime + 300_000);
    const reads = stand.service.count('metrics');
    await minutes(stand, 30);
    expect(stand.service.count('metrics')).toBe(reads);
    expect(reads).toBe(2);
  });

  test('is not settled by an equal reading that comes too soon', async () => {
    const stand = await ended();
    const read = await stand.deps.ledger.read(stand.id);
    if (read === undefined) throw new Error('gone');
    await stand.deps.ledger.replace({ ...read.value, nextCheckAt: someTime + 60_000 }, read.version);
    await minutes(stand, 1);
    expect(stand.service.count('metrics')).toBe(2);
    expect((await stand.read(stand.id)).cost?.level).toBe('provisional');
    await minutes(stand, 5);
    expect((await stand.read(stand.id)).cost?.level).toBe('settled');
  });

  test('waits again when a reading differs, takes the newer figures, and corrects what was booked', async () => {
    const stand = await ended();
    const provisional = (await stand.read(stand.id)).cost?.microUsd.total;
    expect(await booked(stand)).toMatchObject({ [stand.id]: { microUsd: provisional } });
    stand.service.metrics.set('job-run-1', usage(7200));
    await minutes(stand, 5);
    const between = await stand.read(stand.id);
    expect(between.cost?.level).toBe('provisional');
    expect(between.cost?.microUsd.vcpu).toBe(2 * 56_000);
    await minutes(stand, 5);
    const settled = await stand.read(stand.id);
    expect(settled.cost).toMatchObject({ level: 'settled', microUsd: between.cost?.microUsd });
    expect(await booked(stand)).toMatchObject({ [stand.id]: { microUsd: settled.cost?.microUsd.total } });
  });

  test('that never comes to rest stays provisional after an hour, with the last figures', async () => {
    const stand = await ended();
    for (let hour = 1; hour <= 20; hour += 1) {
      stand.service.metrics.set('job-run-1', usage(3600 + hour));
      await minutes(stand, 5);
    }
    const found = await stand.read(stand.id);
    expect(found).toMatchObject({ cost: { level: 'provisional' }, nextCheckAt: null });
    expect(found.metrics?.vcpuSec).toBeGreaterThan(3608);
  });

  test('that cannot be read again keeps its provisional figures, and is not asked for for ever', async () => {
    const stand = await ended();
    stand.service.interfere = (method) => {
      if (method === 'metrics') throw new EngineError('NOT_FOUND', 'the job is forgotten');
      return undefined;
    };
    await minutes(stand, 90);
    expect(await stand.read(stand.id)).toMatchObject({ cost: { level: 'provisional' }, nextCheckAt: null });
    expect(stand.service.count('metrics')).toBeLessThan(20);
  });

  test('is not settled by a reading from before the end', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted();
    await stand.put(execution);
    stand.service.metrics.set('job-run-1', usage(3600));
    stand.service.active = [{ id: 'job-run-1', state: 'JOB_STATE_RUNNING' }];
    await stand.tick();
    stand.service.active = [];
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.interfere = (method) => {
      if (method === 'metrics' && stand.clock.time < someTime + 21 * 60_000) throw new EngineError('UNAVAILABLE', '');
      return undefined;
    };
    await minutes(stand, 20);
    expect((await stand.read(execution.executionId)).status).toBe('SUCCEEDED');
    await minutes(stand, 5);
    expect((await stand.read(execution.executionId)).cost?.level).toBe('provisional');
    await minutes(stand, 7);
    expect((await stand.read(execution.executionId)).cost?.level).toBe('settled');
  });

  test('of a job without metrics is unavailable and says why; metrics that come later give it one', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted();
    await stand.put(execution);
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    await stand.tick();
    const before = await stand.read(execution.executionId);
    expect(before.cost).toBeUndefined();
    expect(before.costUnavailable).toContain('no vCPU or memory metric');
    stand.service.metrics.set('job-run-1', usage(3600));
    await minutes(stand, 11);
    const after = await stand.read(execution.executionId);
    expect(after.cost?.level).toBe('settled');
    expect(after.costUnavailable).toBeUndefined();
  });

  test('is told in an event of its own when it settled, if the policy wants it, once', async () => {
    const stand = await ended({ policy: 'configOnlyRuns: true, lifecycleEvents: [execution.settled]' });
    await minutes(stand, 20);
    const told = stand.published.filter(({ type }) => type === settledEventType);
    expect(told).toHaveLength(1);
    expect(told[0]?.data).toMatchObject({ executionId: stand.id, cost: { level: 'settled' } });
    expect(told[0]?.eventId).not.toBe(stand.published[0]?.eventId);
  });
});

describe('the cost of several attempts', () => {
  const metrics = { readAt: someTime, tentative: false, vcpuSec: 3600, memoryMibSec: 3_686_400 };
  const earlier = { vcpu: 1, memory: 2, disk: 3, shuffle: 4, total: 10 };
  const attempt = anAttempt({ region: 'us-central1', jobId: 'job-2' });

  test('is the sum of all', () => {
    const { cost } = costOfAttempts(aSubmitted({ costOfEarlierAttempts: earlier }), attempt, metrics, someTime);
    const alone = costOfAttempts(aSubmitted(), attempt, metrics, someTime);
    expect(cost?.microUsd.total).toBe((alone.cost?.microUsd.total ?? 0) + 10);
  });

  test('keeps that of the earlier ones when the last one measured nothing, and says so', () => {
    const answer = costOfAttempts(aSubmitted({ costOfEarlierAttempts: earlier }), attempt, undefined, someTime);
    expect(answer.cost?.microUsd).toEqual(earlier);
    expect(answer.costUnavailable).toContain('earlier attempts alone');
  });

  test('of an unknown region is refused, never guessed', () => {
    const answer = costOfAttempts(aSubmitted(), anAttempt({ region: 'moon-north1' }), metrics, someTime);
    expect(answer.cost).toBeUndefined();
    expect(answer.costUnavailable).toContain('moon-north1');
  });
});
