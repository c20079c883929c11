// After the end: release, learn, book, publish. Each step once, none kept from being done by another, every repeat harmless.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { capacitySchema, emptyCapacity } from '../../shared/engine/capacity.ts';
import { outcomeEventType } from '../../shared/schema/outcome.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, rewired, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const forEver = Number.POSITIVE_INFINITY;

/** `count` executions whose jobs have just ended well, each with a place in the capacity document. */
async function ending(stand: ScriptedEngine, count = 1) {
  const executions = Array.from({ length: count }, (_, index) =>
    aSubmitted({ runId: `run-${index}`, maxConcurrentJobs: 100, dailyBudgetMicroUsd: 1e9 }),
  );
  const running = Object.fromEntries(
    executions.map(({ executionId }) => [
      executionId,
      { attempt: 1, source: 'db', connections: 1, since: someTime, expiresAt: someTime + 1e9 },
    ]),
  );
  await stand.deps.documents.write('capacity', 'demo', { ...emptyCapacity, running }, undefined);
  for (const execution of executions) {
    const id = `job-${execution.runId}`;
    await stand.put(execution);
    stand.service.jobs.set(id, { id, state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.metrics.set(id, finalMetrics({ read: 10, written: 10 }));
  }
  return executions;
}

const placesHeld = async (stand: ScriptedEngine): Promise<number> => {
  const stored = await stand.deps.documents.read('capacity', 'demo');
  return Object.keys(capacitySchema.parse(stored?.value).running).length;
};

describe('the steps after the end', () => {
  test('are taken in the tick that read the end: place free, outcome out, marks set', async () => {
    const stand = scriptedEngine();
    const [execution] = await ending(stand);
    await stand.tick();
    const { conclusion, nextCheckAt, status } = await stand.read(execution?.executionId ?? '');
    expect(status).toBe('SUCCEEDED');
    expect(conclusion).toEqual({
      releasedAt: someTime,
      learntAt: someTime,
      bookedAt: someTime,
      publishedAt: someTime,
    });
    expect(nextCheckAt).toBe(someTime + stand.deps.settings.settleAfterMs);
    expect(await placesHeld(stand)).toBe(0);
    expect(stand.published.map(({ type }) => type)).toEqual([outcomeEventType]);
  });

  test('of many ends in one tick do not race each other for the capacity document', async () => {
    const stand = scriptedEngine();
    const executions = await ending(stand, 60);
    let conflicts = 0;
    const { documents } = stand.deps;
    const counting = rewired(stand, {
      documents: {
        read: documents.read,
        async write(...args) {
          const written = await documents.write(...args);
          if (written.kind === 'conflict') conflicts += 1;
          return written;
        },
      },
    });
    await counting.advance(forEver);
    expect(conflicts).toBe(0);
    expect(await placesHeld(stand)).toBe(0);
    expect(new Set(stand.published.map(({ orderingKey }) => orderingKey)).size).toBe(executions.length);
  });

  test.each([
    ['an error', new EngineError('UNAVAILABLE', 'the documents are down')],
    ['a defect', new TypeError('x is not a function')],
  ])(
    'go on when one fails with %s: the outcome is published all the same, the rest is done later',
    async (_, error) => {
      const stand = scriptedEngine();
      const [execution] = await ending(stand);
      const { documents } = stand.deps;
      const failing = rewired(stand, {
        documents: {
          read: documents.read,
          write: async (kind, ...args) => {
            if (kind === 'capacity') throw error;
            return documents.write(kind, ...args);
          },
        },
      });
      await failing.advance(forEver);
      expect(stand.published).toHaveLength(1);
      const halfDone = await stand.read(execution?.executionId ?? '');
      expect(halfDone.conclusion).toEqual({ learntAt: someTime, bookedAt: someTime, publishedAt: someTime });
      expect(halfDone.nextCheckAt).toBe(someTime + 30_000);
      stand.clock.time = someTime + 30_000;
      await stand.tick();
      expect(stand.published).toHaveLength(1);
      expect(await placesHeld(stand)).toBe(0);
      expect((await stand.read(execution?.executionId ?? '')).conclusion?.releasedAt).toBe(stand.clock.time);
    },
  );

  test('publish again what may not have been published, equal in id and in every byte', async () => {
    const stand = scriptedEngine();
    const [execution] = await ending(stand);
    const { ledger } = stand.deps;
    // The crash between publishing and its mark.
    const forgetful = rewired(stand, {
      ledger: {
        ...ledger,
        async replace(next, version) {
          if (next.conclusion?.publishedAt !== undefined) throw new EngineError('UNAVAILABLE', 'gone');
          return ledger.replace(next, version);
        },
      },
    });
    await forgetful.advance(forEver);
    stand.clock.time += 600_000;
    await stand.tick();
    expect(stand.published).toHaveLength(2);
    const [first, second] = stand.published;
    expect(second).toEqual(first);
    expect(first?.orderingKey).toBe(execution?.executionId);
  });

  test('keep trying to publish, less and less often, while the topic is down', async () => {
    const stand = scriptedEngine();
    const [execution] = await ending(stand);
    let tries = 0;
    const failing = rewired(stand, {
      outcomes: {
        async publish() {
          tries += 1;
          throw new EngineError('UNAVAILABLE', 'the topic is down');
        },
      },
    });
    for (let minute = 0; minute < 60; minute += 1) {
      await failing.advance(forEver);
      stand.clock.time += 60_000;
    }
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(20);
    stand.clock.time += 300_000;
    await stand.tick();
    expect(stand.published).toHaveLength(1);
    expect((await stand.read(execution?.executionId ?? '')).status).toBe('SUCCEEDED');
  });

  test('of an execution without a job leave nothing to look at', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted({ status: 'REJECTED', attempts: [], statusReason: 'no such load' });
    await stand.put(execution);
    await stand.tick();
    expect((await stand.read(execution.executionId)).nextCheckAt).toBeNull();
    expect(stand.published).toHaveLength(1);
  });
});
