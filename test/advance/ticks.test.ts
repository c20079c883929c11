// What a tick does with many executions: oldest first, one list for all, cut and resumed, two at once, and one that always fails.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, rewired, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

/** Executions `run-1` … with jobs that run, due one millisecond after the other. */
async function running(stand: ScriptedEngine, count: number): Promise<Execution[]> {
  const executions = Array.from({ length: count }, (_, index) =>
    aSubmitted({ runId: `run-${index}`, nextCheckAt: someTime - count + index, lastMetricsAt: someTime }),
  );
  for (const execution of executions) await stand.put(execution);
  stand.service.active = executions.map(({ runId }) => ({ id: `job-${runId}`, state: 'JOB_STATE_RUNNING' }));
  return executions;
}

const statuses = async (stand: ScriptedEngine, executions: readonly Execution[]) =>
  Promise.all(executions.map(async ({ executionId }) => (await stand.read(executionId)).status));

describe('a tick', () => {
  test('asks for all jobs of a region with one list call per page, and for none by itself', async () => {
    const stand = scriptedEngine();
    stand.service.pageSize = 100;
    const executions = await running(stand, 250);
    const tick = await stand.tick();
    expect(tick).toMatchObject({ looked: 250, changed: 250, failed: 0, finished: true, apiCalls: 3 });
    expect(stand.service.calls.map(({ method, about }) => `${method} ${about}`)).toEqual([
      'list ',
      'list 100',
      'list 200',
    ]);
    expect(new Set(await statuses(stand, executions))).toEqual(new Set(['RUNNING']));
  });

  test('asks by itself only for jobs that left the list', async () => {
    const stand = scriptedEngine();
    await running(stand, 50);
    const [gone] = stand.service.active.splice(7, 1);
    stand.service.jobs.set(String(gone?.id), { ...gone, state: 'JOB_STATE_DONE', stateAt: someTime });
    await stand.tick();
    const asked = stand.service.calls.filter(({ method }) => method !== 'list');
    expect(asked).toEqual([
      { method: 'get', about: 'job-run-7' },
      { method: 'metrics', about: 'job-run-7' },
      { method: 'messages', about: 'job-run-7' },
    ]);
  });

  test('lists each project and region once', async () => {
    const stand = scriptedEngine();
    for (const region of ['us-central1', 'europe-west1']) {
      for (const index of [1, 2, 3]) await stand.put(aSubmitted({ runId: `${region}-${index}` }, { region }));
    }
    const regions: string[] = [];
    const { jobs } = stand.deps;
    const listing = rewired(stand, {
      jobs: {
        list(query) {
          regions.push(query.region);
          return jobs.list(query);
        },
      },
    });
    await listing.advance(Number.POSITIVE_INFINITY);
    expect(regions.sort()).toEqual(['europe-west1', 'us-central1']);
  });

  test('begins with what has been due longest', async () => {
    const stand = scriptedEngine({ settings: { advanceConcurrency: 1 } });
    const executions = await running(stand, 5);
    stand.service.active = [];
    await stand.tick();
    const asked = stand.service.calls.filter(({ method }) => method === 'get').map(({ about }) => about);
    expect(asked).toEqual(executions.map(({ runId }) => `job-${runId}`));
  });

  test('that is cut by its deadline says so, and the next one goes on where it stopped', async () => {
    const stand = scriptedEngine({ settings: { advanceConcurrency: 1, advancePageSize: 3 } });
    const executions = await running(stand, 10);
    stand.service.active = [];
    stand.service.interfere = (method) => {
      if (method === 'get') stand.clock.time += 100;
      return undefined;
    };
    const first = await stand.engine.advance(stand.clock.time + 350);
    expect(first).toMatchObject({ looked: 4, finished: false });
    const second = await stand.engine.advance(Number.POSITIVE_INFINITY);
    expect(second).toMatchObject({ looked: 6, finished: true });
    const asked = stand.service.calls.filter(({ method }) => method === 'get').map(({ about }) => about);
    expect(asked).toEqual(executions.map(({ runId }) => `job-${runId}`));
  });

  test('whose time is used up by reading the ledger begins nothing, and says that it was cut', async () => {
    const stand = scriptedEngine();
    await running(stand, 3);
    const { ledger } = stand.deps;
    const slow = rewired(stand, {
      ledger: {
        ...ledger,
        due(query) {
          stand.clock.time += 1000;
          return ledger.due(query);
        },
      },
    });
    expect(await slow.advance(stand.clock.time + 500)).toMatchObject({ looked: 0, apiCalls: 0, finished: false });
  });

  test('with no time at all does nothing', async () => {
    const stand = scriptedEngine();
    await running(stand, 3);
    expect(await stand.engine.advance(stand.clock.time)).toMatchObject({ looked: 0, finished: false, apiCalls: 0 });
  });

  test('whose time ends with its last look has finished', async () => {
    const stand = scriptedEngine({ settings: { advanceConcurrency: 1 } });
    await running(stand, 3);
    stand.service.active = [];
    stand.service.interfere = (method) => {
      if (method === 'get') stand.clock.time += 100;
      return undefined;
    };
    expect(await stand.engine.advance(stand.clock.time + 300)).toMatchObject({ looked: 3, finished: true });
  });

  test('whose next page cannot be read fails, but not before every look that was begun has ended', async () => {
    const stand = scriptedEngine({ settings: { advancePageSize: 4 } });
    const executions = await running(stand, 10);
    const { ledger } = stand.deps;
    let pages = 0;
    const failing = rewired(stand, {
      ledger: {
        ...ledger,
        async due(query) {
          pages += 1;
          if (pages > 1) throw new EngineError('UNAVAILABLE', 'the ledger is down');
          return ledger.due(query);
        },
      },
    });
    await expect(failing.advance(Number.POSITIVE_INFINITY)).rejects.toThrow('the ledger is down');
    expect(pages).toBe(2);
    const after = await statuses(stand, executions);
    expect(after.filter((status) => status === 'RUNNING')).toHaveLength(4);
  });

  test('beside another one does no harm: one end each, one outcome each', async () => {
    const stand = scriptedEngine({ settings: { advanceConcurrency: 4 } });
    const executions = await running(stand, 30);
    for (const { runId } of executions) {
      stand.service.jobs.set(`job-${runId}`, { id: `job-${runId}`, state: 'JOB_STATE_DONE', stateAt: someTime });
      stand.service.metrics.set(`job-${runId}`, finalMetrics({ read: 1, written: 1 }));
    }
    stand.service.active = [];
    await Promise.all([stand.tick(), stand.tick(), stand.tick()]);
    expect(new Set(await statuses(stand, executions))).toEqual(new Set(['SUCCEEDED']));
    const outcomes = new Set(stand.published.map(({ eventId }) => eventId));
    expect(outcomes.size).toBe(30);
    const bodies = new Map(stand.published.map((event) => [event.eventId, JSON.stringify(event)]));
    for (const event of stand.published) expect(bodies.get(event.eventId)).toBe(JSON.stringify(event));
  });
});

describe('an execution whose step always fails', () => {
  const broken = anExecution({
    runId: 'broken',
    status: 'LAUNCHING',
    leaseUntil: someTime - 1,
    nextCheckAt: someTime - 1000,
    owner: 'somebody',
    attempts: [anAttempt({ region: 'us-central1' })],
  });

  test.each([
    ['a defect', new TypeError('x is not a function'), 'defect'],
    ['an error of the service', new EngineError('PERMISSION_DENIED', 'no'), 'pollFailed'],
  ])(
    'with %s is looked at less and less often, in the state it is in, and keeps no other waiting',
    async (_, error, moment) => {
      const stand = scriptedEngine();
      await stand.put(broken);
      const [healthy] = await running(stand, 1);
      stand.service.interfere = (method, about) => {
        if (method === 'list' && about === '' && stand.service.count('list') === 1) throw error;
        return undefined;
      };
      // It has been due longest, so its look-up by name is the first list: concurrency one keeps it so.
      const engine = rewired(stand, { settings: { advanceConcurrency: 1 } });
      const tick = await engine.advance(Number.POSITIVE_INFINITY);
      expect(tick).toMatchObject({ looked: 2, failed: 1 });
      expect(await stand.read(broken.executionId)).toEqual({
        ...broken,
        pollErrors: 1,
        unreadableSince: someTime,
        nextCheckAt: someTime + 30_000,
      });
      expect((await stand.read(healthy?.executionId ?? '')).status).toBe('RUNNING');
      expect(stand.logged.map((line) => line.moment)).toContain(moment);
    },
  );

  test('is not due again for ever: ticks a second apart look at it nine times an hour, not 3,600 times', async () => {
    const stand = scriptedEngine();
    await stand.put(broken);
    let looks = 0;
    const failing = rewired(stand, {
      jobs: {
        async list() {
          looks += 1;
          throw new TypeError('x is not a function');
        },
      },
    });
    for (let second = 0; second < 3600; second += 1) {
      stand.clock.time += 1000;
      await failing.advance(Number.POSITIVE_INFINITY);
    }
    expect(looks).toBeLessThanOrEqual(16);
    expect((await stand.read(broken.executionId)).status).toBe('LAUNCHING');
  });

  test('lets what the step wrote before it failed stand', async () => {
    const stand = scriptedEngine({ policy: 'configOnlyRuns: true, lifecycleEvents: [execution.started]' });
    const execution = aSubmitted();
    await stand.put(execution);
    stand.service.active = [{ id: 'job-run-1', state: 'JOB_STATE_RUNNING' }];
    const failing = rewired(stand, {
      outcomes: {
        async publish() {
          throw new TypeError('x is not a function');
        },
      },
    });
    expect(await failing.advance(Number.POSITIVE_INFINITY)).toMatchObject({ failed: 1 });
    expect(await stand.read(executionIdOf('run-1'))).toMatchObject({ status: 'RUNNING', pollErrors: 0 });
  });
});
