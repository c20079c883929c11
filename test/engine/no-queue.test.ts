// A caller who will not queue gets a place or a refusal, and a refusal leaves nothing behind that others could trip over.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { capacitySchema, emptyCapacity } from '../../shared/engine/capacity.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { leaseMs } from '../../shared/engine/settings.ts';
import { calmFate, calmWorld, inWorld, pass, tickToEnd } from '../simulation/calm-world.ts';
import type { Fate } from '../simulation/faulty-wire.ts';
import { configOf, recommendationOf } from '../simulation/load-configs.ts';
import { place, type World } from '../simulation/world.ts';

const request = (runId: string, queue: boolean): StartRequest => ({ runId, queue, trigger: 'http' });

function worldOfOnePlace(fateOf?: (call: { name: string }) => Fate): World {
  const world = calmWorld({ config: configOf({ maxConcurrentJobs: 1 }), ...(fateOf === undefined ? {} : { fateOf }) });
  for (const runId of ['run-1', 'run-2', 'run-3']) world.recommendations.port.write(recommendationOf(runId, 'orders'));
  return world;
}

const capacityOf = (world: World) =>
  capacitySchema.parse(world.documents.read('capacity', place.projectId)?.value ?? emptyCapacity);

test('with a place free it runs as any other', async () => {
  const world = worldOfOnePlace();
  expect(await inWorld(world, (engine) => engine.start(request('run-1', false)))).toMatchObject({
    kind: 'accepted',
    created: true,
  });
  await tickToEnd(world);
  expect(world.ledger.peek(executionIdOf('run-1'))?.status).toBe('SUCCEEDED');
  expect(capacityOf(world).running).toEqual({});
});

test('its place is held as long as the job may run, not as short as the wait for its claim', async () => {
  const world = worldOfOnePlace();
  await inWorld(world, (engine) => engine.start(request('run-1', false)));
  const [entry] = Object.values(capacityOf(world).running);
  expect(entry?.expiresAt).toBeGreaterThan(world.scheduler.now() + 6 * 3_600_000);
});

test('with none free it is refused, has no record, and keeps nobody from the next place', async () => {
  const world = worldOfOnePlace();
  await inWorld(world, (engine) => engine.start(request('run-1', true)));
  expect((await inWorld(world, (engine) => engine.start(request('run-2', false)))).kind).toBe('busy');
  expect(world.ledger.peek(executionIdOf('run-2'))).toBeUndefined();
  expect(capacityOf(world).waiting).toEqual({});
  await tickToEnd(world);
  expect(await inWorld(world, (engine) => engine.start(request('run-3', true)))).toMatchObject({ kind: 'accepted' });
  expect(world.ledger.peek(executionIdOf('run-3'))?.status).toBe('SUBMITTED');
});

test('refused under a key that runs already, it is told of that run', async () => {
  const world = worldOfOnePlace();
  await inWorld(world, (engine) => engine.start(request('run-1', true)));
  await inWorld(world, (engine) => engine.start(request('run-2', true)));
  expect(await inWorld(world, (engine) => engine.start(request('run-2', false)))).toMatchObject({
    kind: 'accepted',
    created: false,
    execution: { status: 'QUEUED' },
  });
});

test('dying between place and claim, it blocks the place for a lease at the longest', async () => {
  let dies = true;
  const world = worldOfOnePlace(({ name }) =>
    name === 'ledger.create' && dies ? { fault: 'crash before' } : calmFate,
  );
  await expect(inWorld(world, (engine) => engine.start(request('run-1', false)))).rejects.toThrow('no answer');
  dies = false;
  expect((await inWorld(world, (engine) => engine.start(request('run-2', false)))).kind).toBe('busy');
  await pass(world, leaseMs(world.served[0]?.engine.deps.settings ?? expect.fail()) + 1);
  expect((await inWorld(world, (engine) => engine.start(request('run-2', false)))).kind).toBe('accepted');
});
