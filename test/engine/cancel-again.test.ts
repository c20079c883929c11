// A cancel is told until the job obeys: again while it is too early, again when an accepted one came to nothing, and to the job's successor.

import { describe, expect, test } from 'vitest';
import type { Execution } from '../../shared/schema/execution.ts';
import type { Job } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

type Stand = ScriptedEngine & {
  readonly id: string;
  /** Job ids told to cancel, in order, and when, in seconds from the start. */
  readonly told: { job: string; second: number }[];
};

/** A running job; `answer` is what Dataflow says to the n-th cancel (from 0). */
async function running(
  answer: (count: number) => 'accepted' | 'not-ready' | 'ended' = () => 'accepted',
  execution: Partial<Execution> = {},
): Promise<Stand> {
  const stand = scriptedEngine();
  const told: Stand['told'] = [];
  stand.service.interfere = (method, job) => {
    if (method !== 'cancel') return undefined;
    told.push({ job, second: (stand.clock.time - someTime) / 1000 });
    return answer(told.length - 1);
  };
  const submitted = aSubmitted({ status: 'RUNNING', ...execution });
  await stand.put(submitted);
  say(stand, { id: 'job-run-1', state: 'JOB_STATE_RUNNING' });
  return { ...stand, id: submitted.executionId, told };
}

/** What Dataflow says of jobs from now on: in the list of active jobs, and each by itself. */
function say({ service }: ScriptedEngine, ...jobs: Job[]): void {
  service.active = jobs.filter(({ state }) => state !== 'JOB_STATE_UPDATED');
  for (const job of jobs) service.jobs.set(job.id ?? '', job);
}

async function pass(stand: ScriptedEngine, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    stand.clock.time += 60_000;
    await stand.tick();
  }
}

describe('a cancel that came too early', () => {
  test('is told again at every look until it is accepted, and then no more while the job obeys', async () => {
    const stand = await running((count) => (count < 2 ? 'not-ready' : 'accepted'));
    await stand.engine.cancel(stand.id, 'enough');
    expect((await stand.read(stand.id)).cancel?.sentAt).toBeUndefined();
    await pass(stand, 2);
    expect(stand.told).toEqual([0, 60, 120].map((second) => ({ job: 'job-run-1', second })));
    expect((await stand.read(stand.id)).cancel?.sentAt).toBe(someTime + 120_000);
    say(stand, { id: 'job-run-1', state: 'JOB_STATE_CANCELLING' });
    await pass(stand, 30);
    expect(stand.told).toHaveLength(3);
  });

  test('is told by the tick once the job is known, where it was asked for before', async () => {
    const stand = await running(undefined, { status: 'CANCELLING', cancel: { requestedAt: someTime } });
    await stand.tick();
    expect(stand.told).toEqual([{ job: 'job-run-1', second: 0 }]);
  });
});

describe('a cancel that was accepted', () => {
  test('and came to nothing is told again five minutes later, as often as it takes', async () => {
    const stand = await running();
    await stand.engine.cancel(stand.id);
    await pass(stand, 16);
    expect(stand.told.map(({ second }) => second)).toEqual([0, 300, 600, 900]);
  });

  test('is not told again to a job that is cancelling, however long that takes', async () => {
    const stand = await running();
    await stand.engine.cancel(stand.id);
    say(stand, { id: 'job-run-1', state: 'JOB_STATE_CANCELLING' });
    await pass(stand, 120);
    expect(stand.told).toHaveLength(1);
  });

  test('is told again at once to whoever asks again, and keeps the first wish', async () => {
    const stand = await running();
    await stand.engine.cancel(stand.id, 'wrong table');
    await pass(stand, 1);
    expect((await stand.engine.cancel(stand.id, 'really')).kind).toBe('cancelling');
    expect(stand.told.map(({ second }) => second)).toEqual([0, 60]);
    expect((await stand.read(stand.id)).cancel).toEqual({
      requestedAt: someTime,
      reason: 'wrong table',
      sentAt: someTime + 60_000,
    });
  });

  test('goes to the successor when the job was updated instead', async () => {
    const stand = await running();
    await stand.engine.cancel(stand.id, 'enough');
    const updated = { id: 'job-run-1', state: 'JOB_STATE_UPDATED', replacedByJobId: 'job-2' } as const;
    say(stand, updated, { id: 'job-2', state: 'JOB_STATE_RUNNING' });
    await pass(stand, 2);
    expect(stand.told.map(({ job }) => job)).toEqual(['job-run-1', 'job-2']);
    expect((await stand.read(stand.id)).cancel).toMatchObject({ reason: 'enough', sentAt: stand.clock.time });
  });
});
