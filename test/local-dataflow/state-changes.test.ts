// Who listens hears of every change of a job's state, in order and once: what Dataflow tells Eventarc.

import { afterEach, expect, test } from 'vitest';
import { startService, type TestService } from './service.ts';

let service: TestService;
const told: string[] = [];
const listen = {
  onStateChange: ({ name, state }: { readonly name: string; readonly state: string }) =>
    void told.push(`${name} ${state}`),
};
afterEach(async () => {
  told.length = 0;
  await service.stop();
});

test('a job that succeeds', async () => {
  let now = Date.UTC(2026, 0, 5, 12);
  service = await startService({ ...listen, now: () => now });
  await service.script('walk', { queuedMs: '100', pendingMs: '100', runningMs: '1000' });
  expect(told).toEqual([]);
  now += 1200;
  service.dataflow.jobs();
  service.dataflow.jobs();
  expect(told).toEqual(['walk JOB_STATE_PENDING', 'walk JOB_STATE_RUNNING', 'walk JOB_STATE_DONE']);
});

test('a job that is cancelled', async () => {
  service = await startService({ ...listen, startupMs: 0 });
  const { id } = await service.script('unwanted', {
    queuedMs: '0',
    pendingMs: '0',
    runningMs: '60000',
    cancellingMs: '0',
  });
  await service.reach(id, 'JOB_STATE_RUNNING');
  await service.clients.jobs.updateJob({
    projectId: 'demo',
    location: 'europe-west1',
    jobId: id,
    job: { requestedState: 'JOB_STATE_CANCELLED' },
  });
  await service.reach(id, 'JOB_STATE_CANCELLED');
  expect(told.slice(2)).toEqual(['unwanted JOB_STATE_CANCELLING', 'unwanted JOB_STATE_CANCELLED']);
});
