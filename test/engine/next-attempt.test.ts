// Attempts over a whole life: each failure leads to the next rung, is recorded with its evidence, and ends at every bound there is.

import { describe, expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { calmLife, calmWorld, inWorld, pass, tickToEnd } from '../simulation/calm-world.ts';
import { configOf, recommendationOf } from '../simulation/load-configs.ts';
import type { World } from '../simulation/world.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';
import { scriptedEngine } from '../support/scripted-engine.ts';

const stockout =
  "Startup of the worker pool failed. ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: zone 'us-central1-b' is full";
const fullDisk = 'java.io.IOException: No space left on device';
const quotaOrPolicy =
  'Startup of the worker pool in us-central1 failed to bring up any of the desired 2 workers. The project quota may have been exceeded or access control policies may be preventing the operation';
const outOfMemory = 'java.lang.OutOfMemoryError: Java heap space';

/** A world in which the n-th job of a load fails with the n-th text, and every later one succeeds. */
function failingWorld(texts: readonly string[], policy: Partial<LoadConfig['policy']> = {}, load = 'orders'): World {
  let jobs = 0;
  const config = configOf({});
  const world = calmWorld({
    config: { ...config, policy: { ...config.policy, ...policy } },
    manners: {
      life: () => {
        const errorText = texts[jobs];
        jobs += 1;
        return errorText === undefined ? calmLife : { ...calmLife, end: 'JOB_STATE_FAILED', errorText };
      },
    },
  });
  world.recommendations.port.write(recommendationOf('run-1', load));
  return world;
}

async function live(world: World): Promise<Execution> {
  await inWorld(world, (engine) => engine.start({ runId: 'run-1', queue: true, trigger: 'event' }));
  await tickToEnd(world);
  expect(world.watch.violations).toEqual([]);
  return world.ledger.peek(executionIdOf('run-1')) ?? expect.fail('no execution');
}

describe('a failed attempt', () => {
  test('is followed by one on another family, and both are told with the evidence of the decision', async () => {
    const execution = await live(failingWorld([stockout]));
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.attempts.map(({ candidate }) => candidate.machineType.split('-')[0])).toEqual(['n2', 'n2d']);
    expect(execution.attempts[0]).toMatchObject({
      failure: { class: 'capacity', code: 'ZONE_STOCKOUT', evidence: [stockout] },
    });
    expect(execution.decisions).toMatchObject([
      { attempt: 1, evidence: [stockout], action: expect.stringContaining('n2d') },
    ]);
    expect(execution.failure).toBeUndefined();
  });

  test('in a pinned zone is followed by one in any zone', async () => {
    const { attempts } = await live(failingWorld([stockout], {}, 'items'));
    expect(attempts.map(({ request }) => request.launchParameter.environment.workerZone)).toEqual([
      'us-central1-b',
      undefined,
    ]);
    expect(attempts[1]?.candidate.machineType).toBe(attempts[0]?.candidate.machineType);
  });

  test.each([
    ['stockout', () => stockout],
    ['lack of memory', () => outOfMemory],
  ])('in a pinned zone is followed by none in that zone again, also after a %s', async (_name, text) => {
    const { attempts } = await live(failingWorld([stockout, text()], {}, 'items'));
    expect(attempts.map(({ request }) => request.launchParameter.environment.workerZone)).toEqual([
      'us-central1-b',
      undefined,
      undefined,
    ]);
  });

  test('for a full disk is followed, the second time, by one with a bigger disk, and that is kept', async () => {
    const { attempts } = await live(failingWorld([fullDisk, fullDisk, stockout], { maxAttempts: 4 }));
    expect(attempts.map(({ request }) => request.launchParameter.environment.diskSizeGb)).toEqual([
      undefined,
      undefined,
      100,
      100,
    ]);
    expect(attempts[2]?.candidate.machineType).toBe(attempts[0]?.candidate.machineType);
  });

  test('for a quota or a policy is followed by the same one, five minutes later', async () => {
    const execution = await live(failingWorld([quotaOrPolicy]));
    expect(execution.status).toBe('SUCCEEDED');
    const [first, second] = execution.attempts;
    expect(second?.candidate).toEqual(first?.candidate);
    expect((second?.submittedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThanOrEqual(300_000);
  });

  test('keeps what it cost, and the next one adds to it', async () => {
    const execution = await live(failingWorld([stockout]));
    expect(execution.costOfEarlierAttempts?.total).toBeGreaterThan(0);
    expect(execution.cost?.microUsd.total).toBeGreaterThan(execution.costOfEarlierAttempts?.total ?? 0);
  });

  test('after another kind of failure climbs its own ladder', async () => {
    const { attempts } = await live(failingWorld([outOfMemory, stockout]));
    expect(attempts.map(({ failure }) => failure?.class)).toEqual(['size', 'capacity', undefined]);
    expect(attempts[1]?.candidate.machineType).toBe('n2-standard-4');
  });
});

describe('attempts end', () => {
  test('with policy.maxAttempts, naming what would have been next', async () => {
    const execution = await live(failingWorld([stockout, stockout, stockout, stockout], { maxAttempts: 2 }));
    expect(execution).toMatchObject({ status: 'FAILED', failure: { class: 'capacity' } });
    expect(execution.attempts).toHaveLength(2);
    expect(execution.decisions?.at(-1)).toMatchObject({
      action: 'end',
      reason: expect.stringMatching(/2 of 2 attempts are used \(policy.maxAttempts\); ".+" would have been next/),
    });
  });

  test('with policy.deadlineSec', async () => {
    const execution = await live(failingWorld([stockout, stockout], { deadlineSec: 120 }));
    expect(execution.attempts).toHaveLength(1);
    expect(execution.decisions?.at(-1)?.reason).toContain('policy.deadlineSec');
  });

  test.each([
    [1, 'REJECTED'],
    [2, 'FAILED'],
  ])('with policy.deadlineSec also where attempt %i waited for a place until then: %s', async (number, status) => {
    const stand = scriptedEngine();
    const failure = { class: 'capacity' as const, code: 'ZONE_STOCKOUT', summary: 'no machines', evidence: [] };
    const attempts = [anAttempt({ jobId: 'job-1', failure }), anAttempt({ number: 2, launchIntents: [] })];
    const waiting = anExecution({ attempts: number === 1 ? [anAttempt()] : attempts, deadlineAt: someTime + 600_000 });
    await stand.put({ ...waiting, nextCheckAt: someTime + 600_000 });
    stand.clock.time = someTime + 600_000;
    await stand.tick();
    expect(stand.service.count('launch')).toBe(0);
    expect(await stand.read(waiting.executionId)).toMatchObject({
      status,
      statusReason: expect.stringContaining('policy.deadlineSec'),
      violations: [{ code: 'DEADLINE' }],
      ...(number === 1 ? {} : { failure }),
    });
  });

  test('with a guardrail the next candidate would break', async () => {
    const execution = await live(failingWorld([outOfMemory, outOfMemory], { machineTypes: ['n2-standard-4'] }));
    expect(execution.status).toBe('FAILED');
    expect(execution.attempts).toHaveLength(2);
    expect(execution.decisions?.at(-1)?.reason).toContain('machineTypes');
  });

  test('at once with a failure of the user’s', async () => {
    const execution = await live(failingWorld(['The job failed because a work item has failed 4 times.']));
    expect(execution).toMatchObject({ status: 'FAILED', attempts: [{ failure: { class: 'user' } }] });
  });

  test('with a cancel: while the next one waits, nothing more is launched', async () => {
    const world = failingWorld([stockout]);
    await inWorld(world, (engine) => engine.start({ runId: 'run-1', queue: true, trigger: 'event' }));
    await pass(world, 120_000);
    await inWorld(world, (engine) => engine.advance(engine.deps.clock.now() + 50_000));
    expect(world.ledger.peek(executionIdOf('run-1'))?.status).toBe('QUEUED');
    await inWorld(world, (engine) => engine.cancel(executionIdOf('run-1')));
    await tickToEnd(world);
    expect(world.ledger.peek(executionIdOf('run-1'))?.status).toBe('CANCELLED');
    expect(world.dataflow.jobs).toHaveLength(1);
    expect(world.watch.violations).toEqual([]);
  });
});
