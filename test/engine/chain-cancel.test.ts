// A cancelled three-stage load runs nothing more, also when the cancel comes while a tick is about to start a leg.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { capacitySchema } from '../../shared/engine/capacity.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import { createEngine } from '../../shared/engine/engine.ts';
import { chainConfig as config, chainRequest as request } from '../support/chain-load.ts';
import { someTime } from '../support/execution.ts';
import { type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const parentId = executionIdOf('chained');
const [first, second] = [legIdOf(parentId, 1), legIdOf(parentId, 2)];

/** A chain whose first leg's job is done: the next tick starts the second. Answers the names of the jobs launched since. */
async function betweenLegs(): Promise<ScriptedEngine & { launched: string[] }> {
  const stand = scriptedEngine({ override: { config: async () => config } });
  const launched: string[] = [];
  stand.service.interfere = (method, about) => {
    if (method !== 'launch') return undefined;
    launched.push(about);
    return { id: `job-${launched.length}`, name: about, createdAt: stand.clock.time };
  };
  await stand.engine.start(request);
  expect(launched).toHaveLength(1);
  stand.service.jobs.set('job-1', { id: 'job-1', state: 'JOB_STATE_DONE', stateAt: someTime });
  stand.clock.time += 20_000;
  await stand.tick();
  expect((await stand.read(first)).status).toBe('SUCCEEDED');
  stand.clock.time += 20_000;
  launched.length = 0;
  return { ...stand, launched };
}

const ticks = async (stand: ScriptedEngine, count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick += 1) {
    stand.clock.time += 60_000;
    await stand.tick();
  }
};

test('a cancel that comes before the second leg is in the record keeps its job from being launched', async () => {
  const stand = await betweenLegs();
  const { ledger } = stand.deps;
  const overtaken = createEngine({
    ...stand.deps,
    ledger: {
      ...ledger,
      async create(execution) {
        if (execution.executionId === second) {
          await stand.engine.cancel(parentId, 'wrong day');
          await stand.tick();
          expect((await stand.read(parentId)).status).toBe('CANCELLED');
        }
        return ledger.create(execution);
      },
    },
  });
  await overtaken.advance(Number.POSITIVE_INFINITY);
  await ticks(stand, 20);
  expect(stand.launched).toEqual([]);
  expect(await stand.read(second)).toMatchObject({ status: 'CANCELLED', cancel: { reason: 'wrong day' } });
  expect(await stand.read(parentId)).toMatchObject({ status: 'CANCELLED', nextCheckAt: null });
});

test('a tick that died after the second leg was in the record leaves nothing that launches it after the cancel', async () => {
  const stand = await betweenLegs();
  const { ledger } = stand.deps;
  let isDead = false;
  const dying = createEngine({
    ...stand.deps,
    ledger: {
      ...ledger,
      async create(execution) {
        if (execution.executionId !== second) return ledger.create(execution);
        await stand.engine.cancel(parentId, 'wrong day');
        await stand.tick();
        await ledger.create(execution);
        isDead = true;
        throw new TypeError('the instance is gone');
      },
      async read(executionId) {
        if (isDead) throw new TypeError('the instance is gone');
        return ledger.read(executionId);
      },
    },
  });
  await dying.advance(Number.POSITIVE_INFINITY);
  expect((await stand.read(second)).status).toBe('LAUNCHING');
  await ticks(stand, 20);
  expect(stand.launched).toEqual([]);
  expect((await stand.read(second)).status).toBe('CANCELLED');
});

/** The second leg as it waits for a place under limits, its parent cancelled. */
async function waitingLeg(): Promise<Awaited<ReturnType<typeof betweenLegs>>> {
  const stand = await betweenLegs();
  await stand.tick();
  expect(stand.launched).toHaveLength(1);
  const read = await stand.deps.ledger.read(second);
  const parent = await stand.deps.ledger.read(parentId);
  if (read === undefined || parent === undefined) throw new Error('gone');
  const [attempt] = read.value.attempts;
  if (attempt === undefined) throw new Error('no attempt');
  const { jobId: _job, submittedAt: _at, ...unlaunched } = attempt;
  const limits = { maxConcurrentJobs: 1, connectionBudget: 100 };
  const waiting = { ...read.value, ...limits, status: 'QUEUED' as const, attempts: [unlaunched] };
  await stand.deps.ledger.replace(waiting, read.version);
  const ended = { ...parent.value, status: 'CANCELLED' as const, cancel: { requestedAt: someTime }, endedAt: someTime };
  await stand.deps.ledger.replace(ended, parent.version);
  stand.launched.length = 0;
  return stand;
}

test('a leg that waits for a place gives up waiting once its parent is cancelled', async () => {
  const stand = await waitingLeg();
  await ticks(stand, 3);
  expect(stand.launched).toEqual([]);
  expect((await stand.read(second)).status).toBe('CANCELLED');
});

test('a leg that is not launched any more takes no place from others, not even until it has ended', async () => {
  const stand = await waitingLeg();
  const { documents } = stand.deps;
  const holders: string[] = [];
  const watched = createEngine({
    ...stand.deps,
    documents: {
      read: documents.read,
      write: (kind, id, value, ...rest) => {
        if (kind === 'capacity') holders.push(...Object.keys(capacitySchema.parse(value).running));
        return documents.write(kind, id, value, ...rest);
      },
    },
  });
  for (let tick = 0; tick < 3; tick += 1) {
    stand.clock.time += 60_000;
    await watched.advance(Number.POSITIVE_INFINITY);
  }
  expect((await stand.read(second)).status).toBe('CANCELLED');
  expect(holders).toEqual([]);
});
