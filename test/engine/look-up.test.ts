// Which job is ours: an equal name, created after the intent, of this attempt; and when not finding it proves that there is none.

import { describe, expect, test } from 'vitest';
import { lookUpJob } from '../../shared/engine/look-up.ts';
import type { JobPage, Jobs } from '../../shared/engine/ports.ts';
import { defaultSettings as settings } from '../../shared/engine/settings.ts';
import type { Job } from '../../shared/schema/job.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';

const attempt = anAttempt();
const execution = anExecution({ status: 'LAUNCHING', attempts: [attempt] });
const job = (id: string, fields: Partial<Job> = {}): Job => ({
  id,
  name: attempt.jobName,
  state: 'JOB_STATE_RUNNING',
  createdAt: someTime + 1_000,
  ...fields,
});

/** Answers these pages in turn; `labels` are what a get of any job shows. */
function jobsOf(pages: readonly Omit<JobPage, 'nextPageToken'>[], labels: Record<string, string> = {}): Jobs {
  const unused = async (): Promise<never> => expect.fail('looking up neither launches nor cancels nor measures');
  return {
    launch: unused,
    metrics: unused,
    messages: unused,
    cancel: unused,
    get: async ({ jobId }) => ({ ...job(jobId), labels }),
    async list({ filter, name, pageToken, projectId, region }) {
      expect({ filter, name, projectId, region }).toEqual({
        filter: 'ALL',
        name: attempt.jobName,
        projectId: attempt.projectId,
        region: attempt.region,
      });
      const index = Number(pageToken ?? 0);
      expect(index).toBeLessThan(1000);
      const page = pages[index] ?? expect.fail('no such page');
      return { ...page, ...(index + 1 < pages.length ? { nextPageToken: String(index + 1) } : {}) };
    },
  };
}

const look = (pages: Parameters<typeof jobsOf>[0], labels?: Record<string, string>, of = execution) =>
  lookUpJob({ jobs: jobsOf(pages, labels), settings }, of, of.attempts.at(-1) ?? attempt);
const complete = (...jobs: Job[]) => ({ jobs, complete: true });

describe('looking a job up', () => {
  test('finds the job of an equal name created after the intent, whatever became of it', async () => {
    for (const state of ['JOB_STATE_QUEUED', 'JOB_STATE_DONE', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED'] as const) {
      expect(await look([complete(job('mine', { state }))])).toMatchObject({ kind: 'found', job: { id: 'mine' } });
    }
  });

  test('reads every page', async () => {
    const others = complete(job('other', { name: `${attempt.jobName}x` }));
    expect(await look([others, complete(), complete(job('mine'))])).toMatchObject({ kind: 'found' });
    expect(await look([others, complete()])).toEqual({ kind: 'absent' });
  });

  test('ends although the list does not, and takes such a list for no proof', async () => {
    const pages = (first: Job[]) =>
      Array.from({ length: 5000 }, (_, index) => (index === 0 ? complete(...first) : complete()));
    expect(await look(pages([]))).toEqual({ kind: 'inconclusive' });
    expect(await look(pages([job('mine')]))).toMatchObject({ kind: 'found', job: { id: 'mine' } });
  });

  test('takes no job whose name only begins like ours, and none without an id', async () => {
    const { id: _id, ...nameless } = job('x');
    expect(await look([complete(job('other', { name: `${attempt.jobName}-2` }), nameless)])).toEqual({
      kind: 'absent',
    });
  });

  test('takes no job that ended before the intent, however equal its name', async () => {
    const old = job('old', { createdAt: someTime - 2 * settings.clockSkewMs - 1, state: 'JOB_STATE_DONE' });
    expect(await look([complete(old)])).toEqual({ kind: 'absent' });
    const skewed = job('skewed', { createdAt: someTime - 2 * settings.clockSkewMs });
    expect(await look([complete(skewed)])).toMatchObject({ kind: 'found', job: { id: 'skewed' } });
  });

  test('prefers an active job, then the oldest', async () => {
    const ended = job('ended', { state: 'JOB_STATE_DONE' });
    const laterEnded = job('later', { state: 'JOB_STATE_DONE', createdAt: someTime + 9_000 });
    expect(await look([complete(laterEnded, ended)])).toMatchObject({ job: { id: 'ended' } });
    expect(await look([complete(ended, job('active', { createdAt: someTime + 8_000 }))])).toMatchObject({
      job: { id: 'active' },
    });
  });

  test('takes no job of an earlier attempt: attempts share the name', async () => {
    const first = anAttempt({ jobId: 'first', endedAt: someTime });
    const second = anAttempt({ number: 2, intentAt: someTime + 5_000 });
    const of = anExecution({ status: 'LAUNCHING', attempts: [first, second] });
    expect(await look([complete(job('first', { state: 'JOB_STATE_FAILED' }))], {}, of)).toEqual({ kind: 'absent' });
    expect(await look([complete(job('first'), job('second'))], {}, of)).toMatchObject({ job: { id: 'second' } });
  });

  test('a partial page anywhere proves nothing, but shows what it holds', async () => {
    const partial = { jobs: [], complete: false };
    expect(await look([partial, complete()])).toEqual({ kind: 'inconclusive' });
    expect(await look([partial, complete(job('mine'))])).toMatchObject({ kind: 'found' });
  });

  test('an active job from before the intent is ours by its label alone', async () => {
    const old = job('old', { createdAt: someTime - 86_400_000 });
    expect(await look([complete(old)])).toMatchObject({ kind: 'foreign', job: { id: 'old' } });
    const labels = { 'streamnova-execution': execution.executionId };
    expect(await look([complete(old)], labels)).toMatchObject({ kind: 'found', job: { id: 'old' } });
  });

  test('a job without a creation time is taken: every field may be missing', async () => {
    const { createdAt: _createdAt, ...undated } = job('mine');
    expect(await look([complete(undated)])).toMatchObject({ kind: 'found' });
  });
});
