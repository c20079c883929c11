// A three-stage load is one parent execution with two legs: started once, ended with its legs, told to the world once.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import { legRunId } from '../../shared/plan/plan-chain.ts';
import { calmFate, calmLife, calmWorld, inWorld, pass, tickToEnd } from '../simulation/calm-world.ts';
import type { World } from '../simulation/world.ts';
import { chainConfig as config, chainRequest as request } from '../support/chain-load.ts';

const parentId = executionIdOf('chained');
const statusOf = (world: World, id: string) => world.ledger.peek(id)?.status;

test('both legs run one after the other, and the parent tells their end once', async () => {
  const world = calmWorld({ config });
  const started = await inWorld(world, (engine) => engine.start(request));
  expect(started).toMatchObject({
    kind: 'accepted',
    execution: { executionId: parentId, legs: [legIdOf(parentId, 1)] },
  });
  expect(statusOf(world, legIdOf(parentId, 1))).toBe('SUBMITTED');
  expect(statusOf(world, legIdOf(parentId, 2))).toBeUndefined();
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('SUCCEEDED');
  // Why it waited is history.
  expect(world.ledger.peek(parentId)?.statusReason).toBeUndefined();
  expect(world.ledger.peek(parentId)).toMatchObject({ legs: [legIdOf(parentId, 1), legIdOf(parentId, 2)] });
  expect(world.ledger.peek(legIdOf(parentId, 2))).toMatchObject({
    status: 'SUCCEEDED',
    parentId,
    runId: legRunId(parentId, 2),
  });
  const ended = world.outcomes.events.filter((event) => event.type === 'streamnova.execution.ended.v1');
  expect(new Set(ended.map((event) => event.orderingKey))).toEqual(new Set([parentId]));
});

test('started twice, it is the same parent and the same two jobs', async () => {
  let launches = 0;
  const world = calmWorld({
    config,
    fateOf: (call) => {
      if (call.name === 'jobs.launch') launches += 1;
      return calmFate;
    },
  });
  await inWorld(world, (engine) => engine.start(request));
  expect(await inWorld(world, (engine) => engine.start(request))).toMatchObject({ kind: 'accepted', created: false });
  await tickToEnd(world);
  expect(launches).toBe(2);
});

test('a failed first leg ends the parent; the second never starts', async () => {
  const world = calmWorld({ config, manners: { life: () => ({ ...calmLife, end: 'JOB_STATE_FAILED' }) } });
  await inWorld(world, (engine) => engine.start(request));
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('FAILED');
  expect(world.ledger.peek(parentId)?.statusReason).toContain('leg 1 of 2');
  expect(statusOf(world, legIdOf(parentId, 2))).toBeUndefined();
});

test('a cancel of the parent ends the leg that runs', async () => {
  const world = calmWorld({ config });
  await inWorld(world, (engine) => engine.start(request));
  await pass(world, 20_000);
  expect((await inWorld(world, (engine) => engine.cancel(parentId, 'wrong day'))).kind).toBe('cancelling');
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('CANCELLED');
  expect(statusOf(world, legIdOf(parentId, 1))).toBe('CANCELLED');
  expect(statusOf(world, legIdOf(parentId, 2))).toBeUndefined();
});

const settledEvent = 'streamnova.execution.settled.v1';
const totalOf = (world: World, id: string) => world.ledger.peek(id)?.cost?.microUsd.total ?? Number.NaN;

test('the parent’s cost is provisional with its legs’, settles with theirs, and is told once', async () => {
  const policy = { ...config.policy, lifecycleEvents: ['execution.settled' as const] };
  const world = calmWorld({ config: { ...config, policy } });
  await inWorld(world, (engine) => engine.start(request));
  for (let minute = 0; statusOf(world, parentId) !== 'SUCCEEDED' && minute < 10; minute += 1) await tickToEnd(world, 1);
  const [first, second] = [legIdOf(parentId, 1), legIdOf(parentId, 2)];
  const ended = world.ledger.peek(parentId);
  expect(ended?.cost).toMatchObject({ level: 'provisional' });
  expect(ended?.cost?.microUsd.total).toBe(totalOf(world, first) + totalOf(world, second));

  await tickToEnd(world);
  const settled = world.ledger.peek(parentId);
  expect(settled?.cost).toMatchObject({ level: 'settled' });
  for (const part of ['vcpu', 'memory', 'disk', 'shuffle', 'total'] as const) {
    const ofLegs = [first, second].map((leg) => world.ledger.peek(leg)?.cost?.microUsd[part] ?? Number.NaN);
    expect(settled?.cost?.microUsd[part]).toBe(ofLegs.reduce((sum, cost) => sum + cost));
  }
  expect(totalOf(world, parentId)).toBeGreaterThan(ended?.cost?.microUsd.total ?? Number.NaN);
  expect(settled).toMatchObject({ status: 'SUCCEEDED', endedAt: ended?.endedAt, nextCheckAt: null });
  const told = world.outcomes.events.filter(({ type }) => type === settledEvent);
  expect(told.map(({ data }) => data)).toMatchObject([
    { executionId: parentId, cost: { microUsd: settled?.cost?.microUsd } },
  ]);
});

test('a load cancelled in its first leg costs what that leg did', async () => {
  const world = calmWorld({ config });
  await inWorld(world, (engine) => engine.start(request));
  await pass(world, 20_000);
  await inWorld(world, (engine) => engine.cancel(parentId));
  await tickToEnd(world);
  expect(world.ledger.peek(parentId)?.cost).toMatchObject({ level: 'settled' });
  expect(totalOf(world, parentId)).toBe(totalOf(world, legIdOf(parentId, 1)));
});

test('the parent of legs that never settle stops asking, and claims nothing', async () => {
  const world = calmWorld({ config });
  await inWorld(world, (engine) => engine.start(request));
  for (let minute = 0; statusOf(world, parentId) !== 'SUCCEEDED' && minute < 20; minute += 1) await tickToEnd(world, 1);
  const later = world.scheduler.now() + 3 * 3_600_000;
  for (const leg of [1, 2] as const) {
    const execution = world.ledger.peek(legIdOf(parentId, leg));
    world.ledger.writeRaw(legIdOf(parentId, leg), { ...execution, nextCheckAt: later });
  }
  await tickToEnd(world, 150);
  expect(world.ledger.peek(parentId)).toMatchObject({ nextCheckAt: null, cost: { level: 'provisional' } });
});

test('a caller who will not queue is refused while there is no place for the first leg, and leaves no record', async () => {
  const world = calmWorld({ config: { ...config, policy: { ...config.policy, maxConcurrentJobs: 1 } } });
  await inWorld(world, (engine) => engine.start({ ...request, runId: 'earlier' }));
  const refused = await inWorld(world, (engine) => engine.start({ ...request, queue: false }));
  expect(refused).toMatchObject({ kind: 'busy' });
  expect(statusOf(world, parentId)).toBeUndefined();
  expect(statusOf(world, legIdOf(parentId, 1))).toBeUndefined();
  await tickToEnd(world);
  expect(await inWorld(world, (engine) => engine.start({ ...request, queue: false }))).toMatchObject({
    kind: 'accepted',
  });
  expect(statusOf(world, legIdOf(parentId, 1))).toBe('SUBMITTED');
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('SUCCEEDED');
});

test('a dry run shows both legs and records nothing', async () => {
  const world = calmWorld({ config });
  const planned = await inWorld(world, (engine) => engine.start({ ...request, dryRun: true }));
  expect(planned).toMatchObject({
    kind: 'planned',
    plan: { templateName: 'Yaml_Template' },
    secondLeg: { templateName: 'Yaml_Template' },
  });
  expect(world.ledger.all()).toEqual([]);
});
