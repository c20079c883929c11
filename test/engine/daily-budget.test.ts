// A load's budget of a day holds wherever money is committed: at recommend, at every launch whoever sends it, and for every attempt.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import { book, spentToday } from '../../shared/engine/spend.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { someTime } from '../support/execution.ts';
import { scriptedConfig } from '../support/local-engine.ts';
import { finalMetrics, rewired, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

/** What a run of load `orders` is estimated to cost here, in micro-dollars. */
const estimated = 4442;

/** The load of `scriptedConfig`, its size known, under a budget; Dataflow accepts every launch. */
function underBudget(budget: number): ScriptedEngine & { launches: () => number; id: string } {
  const text = scriptedConfig(`configOnlyRuns: true, profileAtExecute: false, dailyBudgetMicroUsd: ${budget}`);
  const parsed = parseLoadConfig(text, { file: 'test.yaml', env: {} });
  if (!parsed.ok) throw new Error('the configuration is wrong');
  const [orders, ...others] = Object.entries(parsed.config.loads);
  if (orders === undefined) throw new Error('no load');
  const sized = { ...orders[1], rowCountEstimate: 1_000_000, averageRowBytes: 1000 };
  const config: LoadConfig = { ...parsed.config, loads: Object.fromEntries([[orders[0], sized], ...others]) };
  const stand = scriptedEngine({ override: { config: async () => config } });
  stand.service.interfere = (method, about) =>
    method === 'launch' ? { id: `job-${stand.service.count('launch')}`, name: about } : undefined;
  return { ...stand, launches: () => stand.service.count('launch'), id: executionIdOf('run-1') };
}

const start = (stand: ScriptedEngine, engine = stand.engine) =>
  engine.start({ runId: 'run-1', queue: true, trigger: 'event', direct: { load: 'orders' } });
const other = { executionId: 'exe-other', load: 'orders', acceptedAt: someTime };
const ticks = async (stand: ScriptedEngine, minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    stand.clock.time += 60_000;
    await stand.tick();
  }
};

/** The instance dies once the claim is written: before the estimate is booked, before the launch. */
async function dieAfterClaim(stand: ScriptedEngine): Promise<void> {
  const { documents } = stand.deps;
  const dying = rewired(stand, {
    documents: {
      read: documents.read,
      async write() {
        throw new TypeError('the instance is gone');
      },
    },
  });
  await expect(start(stand, dying)).rejects.toThrow('gone');
}

test('a recommendation counts what the day has cost, as the launch will', async () => {
  const stand = underBudget(10_000);
  expect((await stand.engine.recommend({ load: 'orders', mode: 'BALANCED' })).kind).toBe('recommended');
  await book(stand.deps, other, 9_999);
  const refused = await stand.engine.recommend({ load: 'orders', mode: 'BALANCED' });
  expect(refused).toMatchObject({ kind: 'no-candidate' });
  expect(JSON.stringify(refused)).toContain('dailyBudgetMicroUsd');
});

describe('a launch that a tick takes over', () => {
  test('is booked before it is sent', async () => {
    const stand = underBudget(10_000);
    await dieAfterClaim(stand);
    expect(await spentToday(stand.deps, 'orders', '')).toBe(0);
    await ticks(stand, 10);
    expect(stand.launches()).toBe(1);
    expect(await spentToday(stand.deps, 'orders', '')).toBe(estimated);
  });

  test('is refused once others have used up the budget', async () => {
    const stand = underBudget(10_000);
    await dieAfterClaim(stand);
    await book(stand.deps, other, 9_000);
    await ticks(stand, 10);
    expect(stand.launches()).toBe(0);
    expect(await stand.read(stand.id)).toMatchObject({
      status: 'REJECTED',
      violations: [{ code: 'guardrail.dailyBudgetMicroUsd' }],
    });
    expect(await spentToday(stand.deps, 'orders', '')).toBe(9_000);
  });
});

test('what was over budget is not launched because a cancel came first', async () => {
  const stand = underBudget(10_000);
  const { documents } = stand.deps;
  const overtaken = rewired(stand, {
    documents: {
      async read(kind, id) {
        // Others take the budget after the plan was checked, and somebody cancels.
        const isClaimed = (await stand.deps.ledger.read(stand.id)) !== undefined;
        if (kind === 'spend' && isClaimed && (await stand.read(stand.id)).cancel === undefined) {
          await book(stand.deps, other, 9_000);
          await stand.engine.cancel(stand.id, 'not today');
        }
        return documents.read(kind, id);
      },
      write: documents.write,
    },
  });
  await start(stand, overtaken);
  expect(stand.launches()).toBe(0);
  await ticks(stand, 15);
  expect(stand.launches()).toBe(0);
  expect((await stand.read(stand.id)).status).toBe('CANCELLED');
});

describe('a further attempt', () => {
  const failing = async (
    budget: number,
  ): Promise<ScriptedEngine & { launches: () => number; execution: Execution }> => {
    const stand = underBudget(budget);
    await start(stand);
    const text = 'ZONE_RESOURCE_POOL_EXHAUSTED';
    stand.service.jobs.set('job-1', { id: 'job-1', state: 'JOB_STATE_FAILED', stateAt: someTime });
    stand.service.messages.set('job-1', [{ id: '1', at: someTime, importance: 'ERROR', text }]);
    // 60,000 micro-dollars and more.
    stand.service.metrics.set('job-1', finalMetrics({ read: 0, written: 0 }));
    await ticks(stand, 3);
    return { ...stand, execution: await stand.read(stand.id) };
  };

  test('is booked together with what the ones before it cost', async () => {
    const stand = await failing(1_000_000);
    expect(stand.launches()).toBe(2);
    const earlier = stand.execution.costOfEarlierAttempts?.total ?? Number.NaN;
    expect(earlier).toBeGreaterThan(60_000);
    expect(await spentToday(stand.deps, 'orders', '')).toBe(earlier + estimated);
  });

  test('does not follow where what the ones before it cost has used up the budget', async () => {
    const { execution, launches } = await failing(60_000);
    expect(launches()).toBe(1);
    expect(execution.status).toBe('FAILED');
    expect(execution.decisions?.at(-1)?.reason).toContain('dailyBudgetMicroUsd');
  });

  test('waits while nobody knows what the day has cost', async () => {
    const stand = underBudget(1_000_000);
    await dieAfterClaim(stand);
    const { documents } = stand.deps;
    const blind = rewired(stand, {
      documents: {
        read: async (kind, id) => {
          if (kind === 'spend') throw new EngineError('UNAVAILABLE', 'down');
          return documents.read(kind, id);
        },
        write: documents.write,
      },
    });
    for (let minute = 0; minute < 15; minute += 1) {
      stand.clock.time += 60_000;
      await blind.advance(Number.POSITIVE_INFINITY);
    }
    expect(stand.launches()).toBe(0);
    await ticks(stand, 10);
    expect(stand.launches()).toBe(1);
  });
});
