// Launches that Dataflow refuses for now, or that leave no job: asked again with growing pauses, for a day or until the deadline.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import { launchGivenUp, launchPauseMs } from '../../shared/engine/launch-patience.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { executionSchema } from '../../shared/schema/execution.ts';
import { calmWorld, inWorld, pass, tickToEnd } from '../simulation/calm-world.ts';
import { configOf, recommendationOf } from '../simulation/load-configs.ts';
import type { World } from '../simulation/world.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';

const minute = 60_000;
const hour = 60 * minute;
const quota = () => new EngineError('RESOURCE_EXHAUSTED', 'Dataflow quota error for jobs-per-project quota.');

/** A world whose Dataflow runs as many jobs as it may for the first `refusedMs`, and one accepted execution in it. */
async function fullWorld(refusedMs: number, deadlineSec?: number): Promise<World & { launches(): number }> {
  const config = configOf({});
  let launches = 0;
  let fullUntil = Number.POSITIVE_INFINITY;
  const world = calmWorld({
    config: { ...config, policy: { ...config.policy, ...(deadlineSec === undefined ? {} : { deadlineSec }) } },
    manners: {
      refusal() {
        launches += 1;
        return world.scheduler.now() < fullUntil ? quota() : undefined;
      },
    },
  });
  fullUntil = world.scheduler.now() + refusedMs;
  world.recommendations.port.write(recommendationOf('run-1', 'orders'));
  await inWorld(world, (engine) => engine.start({ runId: 'run-1', queue: true, trigger: 'event' }));
  return { ...world, launches: () => launches };
}

const found = (world: World) => world.ledger.peek(executionIdOf('run-1')) ?? expect.fail('no execution');

async function tickUntil(world: World, isSo: () => boolean): Promise<void> {
  for (let ticks = 0; !isSo(); ticks += 1) {
    if (ticks > 2_000) expect.fail(`after ${ticks} ticks: ${found(world).status}`);
    await pass(world, minute);
    await inWorld(world, (engine) => engine.advance(engine.deps.clock.now() + 50_000));
  }
}

describe('a project that runs as many jobs as it may', () => {
  test('makes an accepted execution wait in the queue, and it runs once there is room again, half a day later', async () => {
    const world = await fullWorld(12 * hour);
    await tickUntil(world, () => found(world).status === 'QUEUED');
    expect(found(world).statusReason).toMatch(/2 launch requests left no job/);
    await tickToEnd(world, 2_000);
    expect(found(world)).toMatchObject({ status: 'SUCCEEDED', attempts: [{ number: 1 }] });
    const { acceptedAt, attempts } = found(world);
    const waitedMs = (attempts[0]?.submittedAt ?? 0) - acceptedAt;
    expect(waitedMs).toBeGreaterThan(12 * hour);
    expect(waitedMs).toBeLessThan(13 * hour);
    expect(world.launches()).toBeLessThan(30);
    expect(world.dataflow.jobs).toHaveLength(1);
    expect(world.watch.violations).toEqual([]);
  });

  test('for more than a day ends it, with the number of requests, in a record that stays small', async () => {
    const world = await fullWorld(Number.POSITIVE_INFINITY);
    await tickToEnd(world, 2_000);
    const execution = found(world);
    expect(execution).toMatchObject({
      status: 'REJECTED',
      statusReason: expect.stringContaining(`given up after ${world.launches()} launch requests in 24 h`),
      violations: [{ code: 'LAUNCH_GIVEN_UP' }],
    });
    expect((execution.endedAt ?? 0) - execution.acceptedAt).toBeGreaterThanOrEqual(24 * hour);
    expect((execution.endedAt ?? 0) - execution.acceptedAt).toBeLessThan(25 * hour);
    expect(executionSchema.safeParse(execution).error).toBeUndefined();
    expect(world.watch.violations).toEqual([]);
  });

  test('until the deadline ends it then, and says what it had waited for', async () => {
    const world = await fullWorld(Number.POSITIVE_INFINITY, 3 * 3600);
    await tickToEnd(world, 2_000);
    const execution = found(world);
    expect(execution).toMatchObject({
      status: 'REJECTED',
      statusReason: expect.stringMatching(/policy\.deadlineSec.*launch requests left no job/),
      violations: [{ code: 'DEADLINE' }],
    });
    expect((execution.endedAt ?? 0) - execution.acceptedAt).toBeLessThan(3 * hour + 2 * minute);
  });

  test('lets it be cancelled at once while it waits, and nothing is launched after that', async () => {
    const world = await fullWorld(hour);
    await tickUntil(world, () => found(world).status === 'QUEUED');
    const before = world.launches();
    await inWorld(world, (engine) => engine.cancel(executionIdOf('run-1')));
    expect(found(world).status).toBe('CANCELLED');
    await pass(world, 2 * hour);
    await tickToEnd(world);
    expect(world.launches()).toBe(before);
    expect(world.dataflow.jobs).toHaveLength(0);
  });
});

describe('pauses', () => {
  const after = (requests: number) =>
    launchPauseMs(defaultSettings, anAttempt({ launchIntents: Array.from({ length: requests }, () => someTime) }));

  test('are none after the first request, which is mostly one that was lost, then double up to half an hour', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50].map((requests) => after(requests) / minute)).toEqual([
      0, 0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30,
    ]);
  });
});

describe('patience', () => {
  const givenUp = (requests: number, afterMs: number) => {
    const intents = Array.from({ length: requests }, (_, index) => someTime + index);
    const execution = anExecution({ attempts: [anAttempt({ launchIntents: intents })] });
    return launchGivenUp(execution, someTime + afterMs)?.code;
  };

  test.each([
    ['a day of few requests: it had waited for a place', 3, 30 * hour, undefined],
    ['many requests within a day', 50, 24 * hour - 1, undefined],
    ['many requests in a day', 20, 24 * hour, 'LAUNCH_GIVEN_UP'],
  ])('%s', (_name, requests, afterMs, code) => {
    expect(givenUp(requests, afterMs)).toBe(code);
  });
});
