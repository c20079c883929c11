// The cost of several attempts is settled once the use of every one of them has been read twice alike, not of the last alone.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { costOfAttempts } from '../../shared/engine/cost.ts';
import { type Attempt, type Execution, executionSchema } from '../../shared/schema/execution.ts';
import type { JobMetric } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const usage = (vcpuSec: number): JobMetric[] =>
  finalMetrics({ read: 1, written: 1 }).map((metric) =>
    metric.name === 'TotalVcpuTime' ? { ...metric, value: vcpuSec } : metric,
  );
const stockout = 'ZONE_RESOURCE_POOL_EXHAUSTED: the zone has no machines';

type Stand = ScriptedEngine & { readonly id: string };

/** Attempt 1 has failed for want of machines with this use, and attempt 2 waits for its place. */
async function failedOnce(first: JobMetric[]): Promise<Stand> {
  const stand = scriptedEngine();
  const execution = aSubmitted();
  await stand.put(execution);
  stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_FAILED', stateAt: someTime });
  stand.service.messages.set('job-run-1', [{ id: '1', at: someTime, importance: 'ERROR', text: stockout }]);
  stand.service.metrics.set('job-run-1', first);
  await stand.tick();
  expect((await stand.read(execution.executionId)).status).toBe('QUEUED');
  return { ...stand, id: execution.executionId };
}

/** Attempt 2, `job-2`, is over in the minute after that. `before` changes the record first. */
async function succeeded(first: JobMetric[], before = (execution: Execution) => execution): Promise<Stand> {
  const stand = await failedOnce(first);
  const read = await stand.deps.ledger.read(stand.id);
  if (read === undefined) throw new Error('gone');
  const [one, two] = read.value.attempts;
  if (one === undefined || two === undefined) throw new Error('no second attempt');
  const submitted: Execution = {
    ...read.value,
    status: 'SUBMITTED',
    attempts: [one, { ...two, jobId: 'job-2', launchIntents: [someTime] }],
    nextCheckAt: someTime,
  };
  await stand.deps.ledger.replace(before(submitted), read.version);
  stand.clock.time += 60_000;
  stand.service.jobs.set('job-2', { id: 'job-2', state: 'JOB_STATE_DONE', stateAt: stand.clock.time });
  stand.service.metrics.set('job-2', usage(7200));
  await stand.tick();
  expect((await stand.read(stand.id)).status).toBe('SUCCEEDED');
  return stand;
}

const pass = async (stand: Stand, minutes: number, tick = stand.tick): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    stand.clock.time += 60_000;
    await tick();
  }
};

/** From now on the first job's metrics are an error, or empty. */
function forget(stand: Stand, withError: boolean): void {
  stand.service.interfere = (method, about) => {
    if (method !== 'metrics' || about !== 'job-run-1') return undefined;
    if (withError) throw new EngineError('NOT_FOUND', 'the job is forgotten');
    return [];
  };
}

const readsOf = (stand: Stand, job: string): number =>
  stand.service.calls.filter(({ method, about }) => method === 'metrics' && about === job).length;

/** What uses of these vCPU seconds cost together, by component. */
function costOfAll({ costOfEarlierAttempts: _earlier, ...execution }: Execution, vcpuSec: readonly number[]) {
  const parts = ['vcpu', 'memory', 'disk', 'shuffle', 'total'] as const;
  const rest = { memoryMibSec: 3_686_400, pdGbSec: 90_000, billableShuffleGb: 0.5, readAt: someTime, tentative: false };
  const costs = vcpuSec.map((seconds, index) => {
    const attempt = execution.attempts[index] ?? expect.fail('no such attempt');
    const { cost } = costOfAttempts(execution, attempt, { ...rest, vcpuSec: seconds }, someTime);
    return cost?.microUsd ?? expect.fail('no price');
  });
  return Object.fromEntries(parts.map((part) => [part, costs.reduce((sum, cost) => sum + cost[part], 0)]));
}

describe('the cost of two attempts', () => {
  test('takes what the service committed for the first one after it had failed', async () => {
    const stand = await succeeded(usage(100));
    const provisional = await stand.read(stand.id);
    expect(provisional.cost).toMatchObject({ level: 'provisional', microUsd: costOfAll(provisional, [100, 7200]) });
    stand.service.metrics.set('job-run-1', usage(3600));
    await pass(stand, 5);
    const corrected = await stand.read(stand.id);
    expect(corrected.cost).toMatchObject({ level: 'provisional', microUsd: costOfAll(corrected, [3600, 7200]) });
    await pass(stand, 5);
    const settled = await stand.read(stand.id);
    expect(settled).toMatchObject({
      nextCheckAt: null,
      cost: { level: 'settled', microUsd: corrected.cost?.microUsd },
    });
    expect(settled.costOfEarlierAttempts).toEqual(costOfAll(settled, [3600]));
    expect(readsOf(stand, 'job-run-1')).toBe(3);
  });

  test('is settled by one more reading of each when nothing has changed', async () => {
    const stand = await succeeded(usage(100));
    await pass(stand, 5);
    const settled = await stand.read(stand.id);
    expect(settled.cost).toMatchObject({ level: 'settled', microUsd: costOfAll(settled, [100, 7200]) });
    expect([readsOf(stand, 'job-run-1'), readsOf(stand, 'job-2')]).toEqual([2, 2]);
  });

  test('is not settled by a reading of the first one from before it had failed', async () => {
    const whileItRan = (execution: Execution): Execution => ({
      ...execution,
      attempts: execution.attempts.map((attempt) =>
        attempt.use === undefined ? attempt : { ...attempt, use: { ...attempt.use, readAt: someTime - 1 } },
      ),
    });
    const stand = await succeeded(usage(100), whileItRan);
    await pass(stand, 5);
    expect((await stand.read(stand.id)).cost?.level).toBe('provisional');
    await pass(stand, 5);
    expect((await stand.read(stand.id)).cost?.level).toBe('settled');
  });

  test('counts a first one whose use could be read only after it had failed', async () => {
    const stand = await succeeded([]);
    stand.service.metrics.set('job-run-1', usage(3600));
    await pass(stand, 10);
    const settled = await stand.read(stand.id);
    expect(settled.cost).toMatchObject({ level: 'settled', microUsd: costOfAll(settled, [3600, 7200]) });
  });

  test.each(['cannot be read', 'is answered without its use'])(
    'stays provisional when that of the first one %s now, and is not asked for for ever',
    async (how) => {
      const stand = await succeeded(usage(100));
      forget(stand, how === 'cannot be read');
      await pass(stand, 90);
      const found = await stand.read(stand.id);
      expect(found).toMatchObject({ nextCheckAt: null, cost: { level: 'provisional' } });
      expect(found.cost?.microUsd).toEqual(costOfAll(found, [100, 7200]));
    },
  );
});

describe('a record from before the use of earlier attempts was kept', () => {
  const old = (execution: Execution): Execution => ({
    ...execution,
    attempts: execution.attempts.map(({ use: _use, ...attempt }: Attempt & { use?: unknown }) => attempt),
  });

  test('is read, and settled by two readings of them', async () => {
    const stand = await succeeded(usage(100), (execution) => executionSchema.parse(old(execution)));
    stand.service.metrics.set('job-run-1', usage(3600));
    await pass(stand, 5);
    expect((await stand.read(stand.id)).cost?.level).toBe('provisional');
    await pass(stand, 5);
    const settled = await stand.read(stand.id);
    expect(settled.cost).toMatchObject({ level: 'settled', microUsd: costOfAll(settled, [3600, 7200]) });
  });

  test.each(['cannot be read', 'are answered without their use'])(
    'keeps what they were known to cost where they %s now',
    async (how) => {
      const stand = await succeeded(usage(100), old);
      forget(stand, how === 'cannot be read');
      await pass(stand, 90);
      const found = await stand.read(stand.id);
      expect(found.cost).toMatchObject({ level: 'provisional', microUsd: costOfAll(found, [100, 7200]) });
    },
  );
});

test('an execution cancelled while its second attempt waited settles what the first one cost', async () => {
  const stand = await failedOnce(usage(100));
  stand.service.metrics.set('job-run-1', usage(3600));
  await stand.engine.cancel(stand.id);
  await pass(stand, 12);
  const settled = await stand.read(stand.id);
  expect(settled).toMatchObject({ status: 'CANCELLED', nextCheckAt: null, cost: { level: 'settled' } });
  expect(settled.cost?.microUsd).toEqual(costOfAll(settled, [3600]));
  expect(settled.costUnavailable).toBeUndefined();
});
