// A metrics answer that lacks what an earlier one had is no news of the job: figures are never taken back, ends never judged by it.

import { describe, expect, test } from 'vitest';
import { lostFigures, summariseMetrics } from '../../shared/engine/summarise-metrics.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import type { JobMetric } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const minutes = async (stand: ScriptedEngine, count: number): Promise<void> => {
  for (let minute = 0; minute < count; minute += 1) {
    stand.clock.time += 60_000;
    await stand.tick();
  }
};
const id = aSubmitted().executionId;

/** A job that runs and has been measured: 500 rows of 1,000. */
async function halfway(fields: Partial<Execution> = {}): Promise<ScriptedEngine> {
  const stand = scriptedEngine();
  await stand.put(aSubmitted({ expectedRows: { count: 1000, exact: true }, rowCountTolerance: 0, ...fields }));
  stand.service.active = [{ id: 'job-run-1', state: 'JOB_STATE_RUNNING' }];
  stand.service.metrics.set('job-run-1', finalMetrics({ read: 500, written: 500 }));
  await minutes(stand, 3);
  expect((await stand.read(id)).metrics?.rowsWritten).toBe(500);
  return stand;
}
const endJob = (stand: ScriptedEngine): void => {
  stand.service.active = [];
  stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: stand.clock.time });
};

describe('an empty list of metrics', () => {
  test('takes nothing back while the job runs, and does not keep it from being measured again', async () => {
    const stand = await halfway();
    stand.service.metrics.set('job-run-1', []);
    await minutes(stand, 5);
    expect(await stand.read(id)).toMatchObject({ metrics: { rowsWritten: 500, vcpuSec: 3600 }, cost: {} });
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 800, written: 800 }));
    await minutes(stand, 5);
    expect((await stand.read(id)).metrics?.rowsWritten).toBe(800);
  });

  test('at the end is asked again for: a load is not called complete by it', async () => {
    const stand = await halfway();
    stand.service.metrics.set('job-run-1', []);
    endJob(stand);
    await minutes(stand, 5);
    expect((await stand.read(id)).status).toBe('RUNNING');
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 999, written: 999 }));
    await minutes(stand, 10);
    expect(await stand.read(id)).toMatchObject({ status: 'FAILED', failure: { code: 'INCOMPLETE' } });
  });

  test('for a quarter of an hour is given up on: the end is judged by what was known', async () => {
    const stand = await halfway();
    stand.service.metrics.set('job-run-1', []);
    endJob(stand);
    await minutes(stand, 25);
    expect(await stand.read(id)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'INCOMPLETE' },
      metrics: { rowsWritten: 500 },
      cost: { level: 'provisional' },
    });
  });

  test('after the end does not settle the cost on nothing', async () => {
    const stand = await halfway();
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 1000, written: 1000 }));
    endJob(stand);
    await minutes(stand, 1);
    const ended = await stand.read(id);
    expect(ended.status).toBe('SUCCEEDED');
    stand.service.metrics.set('job-run-1', []);
    await minutes(stand, 20);
    expect(await stand.read(id)).toMatchObject({ cost: { level: 'provisional' }, metrics: { rowsWritten: 1000 } });
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 1000, written: 1000 }));
    await minutes(stand, 20);
    expect(await stand.read(id)).toMatchObject({
      cost: { level: 'settled', microUsd: ended.cost?.microUsd },
      nextCheckAt: null,
    });
  });

  test('for ever after the end leaves the figures of the end', async () => {
    const stand = await halfway();
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 1000, written: 1000 }));
    endJob(stand);
    await minutes(stand, 1);
    const { cost } = await stand.read(id);
    stand.service.metrics.set('job-run-1', []);
    await minutes(stand, 90);
    expect(await stand.read(id)).toMatchObject({ cost, metrics: { rowsWritten: 1000 }, nextCheckAt: null });
  });
});

test.each<[string, readonly string[], string[]]>([
  ['nothing', [], []],
  ['the vCPU time', ['TotalVcpuTime'], ['vcpuSec']],
  ['the rows written', ['rowsWritten'], ['rowsWritten']],
  ['what comes and goes', ['TotalPdUsage'], []],
])('of a reading without %s exactly that is lost', (_, without, lost) => {
  const summaryOf = (metrics: readonly JobMetric[]) => summariseMetrics({ metrics, autoscaling: [], readAt: someTime });
  const all = finalMetrics({ read: 10, written: 10 });
  const next = summaryOf(all.filter(({ name }) => !without.includes(name)));
  expect(lostFigures(summaryOf(all), next)).toEqual(lost);
  expect(lostFigures(undefined, next)).toEqual([]);
});
