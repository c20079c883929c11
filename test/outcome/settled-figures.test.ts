// Where a cost is counted - the cohort, the day's spend - the settled figures stand in the end, whatever raced or crashed on the way.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { documentIdOf } from '../../shared/base/ids.ts';
import { bookCost } from '../../shared/engine/book-cost.ts';
import { learn } from '../../shared/engine/learn.ts';
import { book, spentToday } from '../../shared/engine/spend.ts';
import { cohortIdOf, parseCohort } from '../../shared/recommend/cohort.ts';
import { recommend } from '../../shared/recommend/recommend.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { question } from '../recommend/support.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, rewired, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const advice = recommend(question());
if (!advice.ok) throw new Error('no recommendation');
const estimate = advice.recommendation.recommended;
const cohort = {
  load: 'orders',
  templateName: 'PostgreSQL_to_BigQuery',
  machineFamily: estimate.candidate.machineType.split('-')[0] ?? '',
};

const usage = (vcpuSec: number) =>
  finalMetrics({ read: 1, written: 1 }).map((metric) =>
    metric.name === 'TotalVcpuTime' ? { ...metric, value: vcpuSec } : metric,
  );

/** A clean run of the recommended candidate, just ended; its first metrics are not the last word. `tick` reads its end. */
async function ended(tick = (stand: ScriptedEngine) => stand.tick()): Promise<ScriptedEngine & { id: string }> {
  const stand = scriptedEngine();
  const { candidate } = estimate;
  const execution = aSubmitted(
    { dailyBudgetMicroUsd: 1e9, estimate, templateName: cohort.templateName, acceptedAt: someTime - 900_000 },
    { candidate, jobCreatedAt: someTime - 800_000, jobStartedAt: someTime - 700_000 },
  );
  await stand.put(execution);
  stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
  stand.service.metrics.set('job-run-1', usage(3600));
  const text = 'All workers have finished the startup processes and began to receive work requests.';
  stand.service.messages.set('job-run-1', [{ id: '1', at: someTime - 600_000, importance: 'BASIC', text }]);
  await tick(stand);
  return { ...stand, id: execution.executionId };
}

const minutes = async (stand: ScriptedEngine, count: number, tick = stand.tick): Promise<void> => {
  for (let minute = 0; minute < count; minute += 1) {
    stand.clock.time += 60_000;
    await tick();
  }
};

/** What record, cohort and spend say the execution cost. */
async function saidOf(stand: ScriptedEngine & { id: string }) {
  const { documents } = stand.deps;
  const learnt = parseCohort((await documents.read('cohorts', cohortIdOf(cohort)))?.value);
  const { cost } = await stand.read(stand.id);
  return {
    level: cost?.level,
    record: cost?.microUsd.total,
    cohort: learnt?.records.map(({ actual }) => actual.costMicroUsd),
    spend: await spentToday(stand.deps, 'orders', ''),
  };
}
const everywhere = (level: string, microUsd: number | undefined) => ({
  level,
  record: microUsd,
  cohort: [microUsd],
  spend: microUsd,
});

describe('a run that has just ended', () => {
  test.each([
    ['cohorts', 'learntAt'],
    ['spend', 'bookedAt'],
  ] as const)('is in the %s only when %s says so: what failed is done again, and soon', async (kind, mark) => {
    const stand = await ended((before) => {
      const { documents } = before.deps;
      const failing = rewired(before, {
        documents: {
          read: documents.read,
          write: async (...args) => {
            if (args[0] === kind) throw new EngineError('UNAVAILABLE', 'down');
            return documents.write(...args);
          },
        },
      });
      return failing.advance(Number.POSITIVE_INFINITY);
    });
    expect((await stand.read(stand.id)).conclusion).toMatchObject({ publishedAt: someTime });
    expect((await stand.read(stand.id)).conclusion).not.toHaveProperty(mark);
    const said = await saidOf(stand);
    expect(kind === 'cohorts' ? said.cohort : said.spend).toEqual(kind === 'cohorts' ? undefined : 0);
    await minutes(stand, 1);
    expect((await stand.read(stand.id)).conclusion).toHaveProperty(mark, someTime + 60_000);
    expect(await saidOf(stand)).toEqual(everywhere('provisional', said.record));
  });
});

describe('the settled cost', () => {
  test('takes the provisional one’s place in the cohort and in the day’s spend', async () => {
    const stand = await ended();
    const provisional = (await stand.read(stand.id)).cost?.microUsd.total;
    expect(await saidOf(stand)).toEqual(everywhere('provisional', provisional));
    stand.service.metrics.set('job-run-1', usage(7200));
    await minutes(stand, 11);
    const settled = (await stand.read(stand.id)).cost?.microUsd.total;
    expect(settled).toBeGreaterThan(provisional ?? Number.NaN);
    expect(await saidOf(stand)).toEqual(everywhere('settled', settled));
  });

  test.each(['cohorts', 'spend'] as const)(
    'stands in both, also when %s could not be written for a while',
    async (kind) => {
      const stand = await ended();
      stand.service.metrics.set('job-run-1', usage(7200));
      const { documents } = stand.deps;
      const failing = rewired(stand, {
        documents: {
          read: documents.read,
          write: async (...args) => {
            if (args[0] === kind) throw new EngineError('UNAVAILABLE', 'down');
            return documents.write(...args);
          },
        },
      });
      await minutes(stand, 20, () => failing.advance(Number.POSITIVE_INFINITY));
      expect((await stand.read(stand.id)).conclusion?.settledAt).toBeUndefined();
      await minutes(stand, 20);
      const { record } = await saidOf(stand);
      expect(await saidOf(stand)).toEqual(everywhere('settled', record));
    },
  );

  test('stands in both when a crash let them know of figures the record never held', async () => {
    const stand = await ended();
    const { ledger } = stand.deps;
    const forgetful = rewired(stand, {
      ledger: {
        ...ledger,
        async replace(next, version) {
          if (next.metrics?.vcpuSec === 7200) throw new EngineError('UNAVAILABLE', 'gone');
          return ledger.replace(next, version);
        },
      },
    });
    stand.service.metrics.set('job-run-1', usage(7200));
    await minutes(stand, 5, () => forgetful.advance(Number.POSITIVE_INFINITY));
    const between = await saidOf(stand);
    expect(between.cohort).not.toEqual([between.record]);
    // And the service took them back.
    stand.service.metrics.set('job-run-1', usage(3600));
    await minutes(stand, 20);
    expect(await saidOf(stand)).toEqual(everywhere('settled', between.record));
  });

  test('is not undone by a tick that read the record before it settled and goes on long after', async () => {
    const stand = await ended();
    const before: Execution = await stand.read(stand.id);
    stand.service.metrics.set('job-run-1', usage(7200));
    await minutes(stand, 11);
    const said = await saidOf(stand);
    await learn(stand.deps, before);
    await bookCost(stand.deps, before);
    await book(stand.deps, before, estimate.estimatedCostMicroUsd, 1e9);
    expect(await saidOf(stand)).toEqual(said);
    expect(said.level).toBe('settled');
  });
});

describe('a day’s spend', () => {
  test('as it was stored before readings had a time counts on, and gives way to what is metered', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted({ dailyBudgetMicroUsd: 1e9, endedAt: someTime });
    const id = documentIdOf('spend', `orders\u0000${new Date(someTime).toISOString().slice(0, 10)}`);
    await stand.deps.documents.write('spend', id, { [execution.executionId]: 700, other: 30 }, undefined);
    expect(await spentToday(stand.deps, 'orders', '')).toBe(730);
    const microUsd = { vcpu: 500, memory: 0, disk: 0, shuffle: 0, total: 500 };
    await bookCost(stand.deps, {
      ...execution,
      cost: { microUsd, level: 'provisional', priceBook: 'book', readAt: someTime },
    });
    expect(await spentToday(stand.deps, 'orders', '')).toBe(530);
  });
});
