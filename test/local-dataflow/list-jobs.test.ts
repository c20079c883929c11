// ListJobs and AggregatedListJobs: filters, names, pages, ten thousand jobs.

import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from './clients.ts';
import { place, startService, type TestService } from './service.ts';

let service: TestService;
let now: number;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 5);
  service = await startService({ now: () => now });
});
afterEach(() => service.stop());

type ListRequest = NonNullable<Parameters<TestService['clients']['jobs']['listJobs']>[0]>;
const page = async (request: ListRequest = {}) => {
  const [jobs, , answer] = await service.clients.jobs.listJobs({ ...place, ...request }, { autoPaginate: false });
  return {
    names: jobs.map((job) => job.name),
    token: answer?.nextPageToken ?? '',
    failed: answer?.failedLocation ?? [],
  };
};
const long = { runningMs: '1000000' };

describe('a list', () => {
  test('filters by activity; ALL gives the active ones first, each newest first', async () => {
    await service.script('ended-1', { runningMs: '10' });
    await service.script('active-1', long);
    await service.script('ended-2', { runningMs: '500' });
    await service.script('active-2', long);
    now += 2000;
    expect((await page({ filter: 'ACTIVE' })).names).toEqual(['active-2', 'active-1']);
    expect((await page({ filter: 'TERMINATED' })).names).toEqual(['ended-2', 'ended-1']);
    expect((await page({ filter: 'ALL' })).names).toEqual(['active-2', 'active-1', 'ended-2', 'ended-1']);
    expect((await page()).names).toEqual(['active-2', 'ended-2', 'active-1', 'ended-1']);
  });

  test('by name finds every job that ever bore it, in that region', async () => {
    await service.script('same', { runningMs: '10' });
    now += 2000;
    await service.script('same', long);
    await service.script('same-not', long);
    expect((await page({ name: 'same', filter: 'ALL' })).names).toEqual(['same', 'same']);
    expect((await page({ name: 'same', filter: 'ACTIVE' })).names).toEqual(['same']);
    expect((await page({ name: 'sam' })).names).toEqual([]);
  });

  test('of an empty project is empty; aggregated it spans regions', async () => {
    await service.script('here', long);
    service.dataflow.addScriptedJobs({ count: 1, projectId: 'demo', location: 'us-east1', namePrefix: 'there' });
    expect((await page({ projectId: 'other' })).names).toEqual([]);
    expect((await page()).names).toEqual(['here']);
    const [jobs] = await service.clients.jobs.aggregatedListJobs({ projectId: 'demo' }, { autoPaginate: false });
    expect(jobs.map((job) => [job.name, job.location])).toEqual([
      ['there-1', 'us-east1'],
      ['here', 'europe-west1'],
    ]);
  });

  test.each(['UNKNOWN', 'ALL', 'ACTIVE', 'TERMINATED'] as const)(
    '%s in pages holds what it holds in one',
    async (filter) => {
      service.dataflow.addScriptedJobs({ count: 7, ...place, namePrefix: 'active', runningMs: 1_000_000 });
      service.dataflow.addScriptedJobs({ count: 6, ...place, namePrefix: 'ended', createdAt: now - 50_000 });
      const whole = (await page({ filter })).names;
      const paged: unknown[] = [];
      for (let token = '', pages = 0; pages < 10; pages++) {
        const one = await page({ filter, pageSize: 4, pageToken: token });
        expect(one.names.length).toBeLessThanOrEqual(4);
        paged.push(...one.names);
        token = one.token;
        if (token === '') break;
      }
      expect(paged).toEqual(whole);
    },
  );

  test('refuses a token of another list', async () => {
    service.dataflow.addScriptedJobs({ count: 5, ...place });
    const { token } = await page({ filter: 'ACTIVE', pageSize: 2 });
    for (const request of [{ filter: 'ALL' as const, pageToken: token }, { pageToken: 'nonsense' }]) {
      expect((await failureOf(page(request))).code).toBe(status.INVALID_ARGUMENT);
    }
  });
});

test('ten thousand jobs page by the index: no page reads more rows than it shows', async () => {
  service.dataflow.addScriptedJobs({ count: 10_000, ...place, runningMs: 1_000_000 });
  const seen = new Set<unknown>();
  let pages = 0;
  for (let token = ''; pages === 0 || token !== ''; pages++) {
    const one = await page({ filter: 'ACTIVE', pageSize: 1000, pageToken: token });
    for (const name of one.names) seen.add(name);
    token = one.token;
  }
  expect(pages).toBe(10);
  expect(seen.size).toBe(10_000);
});
