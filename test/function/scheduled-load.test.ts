// A scheduled load over real HTTP: Cloud Scheduler fires at least once, the load runs once.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scheduledKey } from '../../functions/scheduled-key.ts';
import { executionIn } from '../support/api-answers.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let api: string;

beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig());
  api = await local.serve('execute');
});
afterAll(() => local.stop());

const fire = (time: string, headers: Record<string, string> = {}) =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Google-Cloud-Scheduler',
      'x-cloudscheduler': 'true',
      'x-cloudscheduler-jobname': 'streamnova-load-orders',
      'x-cloudscheduler-scheduletime': time,
      ...headers,
    },
    body: JSON.stringify({ load: 'orders' }),
  });

describe('a run of a Scheduler job', () => {
  test('that fires twice starts one execution, however its time is written', async () => {
    const first = await fire('2026-11-23T03:00:00Z');
    const again = await fire('2026-11-23T04:00:00+01:00');
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await executionIn(again)).executionId).toBe((await executionIn(first)).executionId);
  });

  test('at the next time starts another', async () => {
    const today = await executionIn(await fire('2026-11-24T03:00:00Z'));
    const tomorrow = await executionIn(await fire('2026-11-25T03:00:00Z'));
    expect(tomorrow.executionId).not.toBe(today.executionId);
  });

  test('goes by a key of its own where it is given one', async () => {
    const one = await executionIn(await fire('2026-11-26T03:00:00Z', { 'idempotency-key': 'mine' }));
    const two = await executionIn(await fire('2026-11-27T03:00:00Z', { 'idempotency-key': 'mine' }));
    expect(two.executionId).toBe(one.executionId);
  });
});

describe('the key', () => {
  const headers = {
    'x-cloudscheduler': 'true',
    'x-cloudscheduler-jobname': 'job',
    'x-cloudscheduler-scheduletime': '2026-11-23T03:00:00Z',
  };

  test('is job and time in UTC', () => {
    expect(scheduledKey(headers)).toBe('scheduler:job:2026-11-23T03:00:00.000Z');
  });

  test.each([
    ['the mark', { ...headers, 'x-cloudscheduler': undefined }],
    ['the job', { ...headers, 'x-cloudscheduler-jobname': undefined }],
    ['the time', { ...headers, 'x-cloudscheduler-scheduletime': undefined }],
    ['a readable time', { ...headers, 'x-cloudscheduler-scheduletime': 'soon' }],
  ])('is none without %s', (_what, given) => {
    expect(scheduledKey(given)).toBeUndefined();
  });
});
