// Every job state Dataflow may answer, for every status an execution with a job may be in: what one look makes of it.

import { describe, expect, test } from 'vitest';
import type { ExecutionStatus } from '../../shared/schema/execution.ts';
import type { JobState } from '../../shared/schema/job.ts';
import { jobStates } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, scriptedEngine } from '../support/scripted-engine.ts';

type After = ExecutionStatus | 'same' | 'follows';

/** Status after a look, by the status before: SUBMITTED, RUNNING, CANCELLING. */
const table: Readonly<Record<JobState | 'none', readonly [After, After, After]>> = {
  none: ['same', 'same', 'same'],
  JOB_STATE_UNKNOWN: ['same', 'same', 'same'],
  JOB_STATE_STOPPED: ['same', 'same', 'same'],
  JOB_STATE_RUNNING: ['RUNNING', 'RUNNING', 'CANCELLING'],
  JOB_STATE_DONE: ['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'],
  JOB_STATE_FAILED: ['FAILED', 'FAILED', 'FAILED'],
  JOB_STATE_CANCELLED: ['CANCELLED', 'CANCELLED', 'CANCELLED'],
  JOB_STATE_UPDATED: ['follows', 'follows', 'follows'],
  JOB_STATE_DRAINING: ['same', 'same', 'same'],
  JOB_STATE_DRAINED: ['CANCELLED', 'CANCELLED', 'CANCELLED'],
  JOB_STATE_PENDING: ['same', 'same', 'same'],
  JOB_STATE_CANCELLING: ['same', 'same', 'same'],
  JOB_STATE_QUEUED: ['same', 'same', 'same'],
  JOB_STATE_RESOURCE_CLEANING_UP: ['RUNNING', 'RUNNING', 'CANCELLING'],
  JOB_STATE_PAUSING: ['same', 'same', 'same'],
  JOB_STATE_PAUSED: ['same', 'same', 'same'],
};

const befores = ['SUBMITTED', 'RUNNING', 'CANCELLING'] as const;
const rows = [...jobStates, 'none' as const].flatMap((state) =>
  befores.flatMap((before, index) =>
    (['in the list', 'by itself'] as const).map((how) => ({
      state,
      before,
      how,
      after: table[state][index] ?? 'same',
    })),
  ),
);

describe('one look at a job', () => {
  test('has a row for each of the 15 states', () => {
    expect(Object.keys(table)).toHaveLength(jobStates.length + 1);
  });

  test.each(rows)('$state read $how makes $before $after', async ({ state, before, how, after }) => {
    const { service, put, read, tick } = scriptedEngine();
    const cancel = before === 'CANCELLING' ? { cancel: { requestedAt: someTime, sentAt: someTime } } : {};
    const execution = aSubmitted({ status: before, maxAttempts: 1, ...cancel });
    await put(execution);
    const job = {
      id: 'job-run-1',
      stateAt: someTime,
      ...(state === 'none' ? {} : { state }),
      ...(after === 'follows' ? { replacedByJobId: 'job-successor' } : {}),
    };
    if (how === 'in the list') service.active = [job];
    else service.jobs.set('job-run-1', job);
    service.metrics.set('job-run-1', finalMetrics({ read: 10, written: 10 }));

    await tick();

    const found = await read(execution.executionId);
    expect(found.status).toBe(after === 'same' || after === 'follows' ? before : after);
    expect(found.pollErrors).toBe(0);
    expect(found.attempts[0]?.jobId).toBe(after === 'follows' ? 'job-successor' : 'job-run-1');
    expect(service.count('get')).toBe(how === 'in the list' ? 0 : 1);
  });
});
