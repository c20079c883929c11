// What an end leaves in the record: reasons in words, clean figures for a next attempt, cancels told as what they are.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import type { Job, JobMessage } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, rewired, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const error = (text: string): JobMessage => ({ id: text, at: someTime, importance: 'ERROR', text });
const stockout = error('ZONE_RESOURCE_POOL_EXHAUSTED: the zone has no machines');

async function ends(
  state: NonNullable<Job['state']>,
  options: { execution?: Partial<Execution>; messages?: JobMessage[]; policy?: string } = {},
): Promise<ScriptedEngine & { id: string }> {
  const stand = scriptedEngine(options.policy === undefined ? {} : { policy: options.policy });
  const execution = aSubmitted(options.execution);
  await stand.put(execution);
  stand.service.jobs.set('job-run-1', { id: 'job-run-1', state, stateAt: someTime });
  stand.service.metrics.set('job-run-1', finalMetrics({ read: 10, written: 10 }));
  stand.service.messages.set('job-run-1', options.messages ?? []);
  await stand.tick();
  return { ...stand, id: execution.executionId };
}

describe('an attempt that failed for want of machines', () => {
  test('is followed by another, which starts with clean figures and the money of the first', async () => {
    const stand = await ends('JOB_STATE_FAILED', {
      messages: [stockout],
      execution: { series: [{ at: 1, rows: 1, bytes: 1, workers: 1 }], lastMetricsAt: someTime - 1 },
    });
    const found = await stand.read(stand.id);
    expect(found.status).toBe('QUEUED');
    expect(found.attempts).toHaveLength(2);
    expect(found.attempts[0]?.failure?.class).toBe('capacity');
    expect(found.costOfEarlierAttempts).toEqual(found.cost?.microUsd);
    expect(found.decisions?.[0]?.evidence[0]).toContain('ZONE_RESOURCE_POOL_EXHAUSTED');
    for (const gone of ['metrics', 'series', 'lastMetricsAt', 'failure', 'durations'] as const)
      expect(found[gone]).toBeUndefined();
  });

  test('leaves neither failure nor reason on a success that follows', async () => {
    const stand = await ends('JOB_STATE_FAILED', { messages: [stockout] });
    const queued = await stand.read(stand.id);
    const [first, second] = queued.attempts;
    if (first === undefined || second === undefined) throw new Error('no second attempt');
    const submitted: Execution = {
      ...queued,
      status: 'SUBMITTED',
      attempts: [first, { ...second, region: 'us-central1', jobId: 'job-2', launchIntents: [someTime] }],
      nextCheckAt: someTime,
    };
    const read = await stand.deps.ledger.read(stand.id);
    await stand.deps.ledger.replace(submitted, read?.version ?? '');
    stand.service.jobs.set('job-2', { id: 'job-2', state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.metrics.set('job-2', finalMetrics({ read: 10, written: 10 }));
    await stand.tick();
    const found = await stand.read(stand.id);
    expect(found.status).toBe('SUCCEEDED');
    expect(found.failure).toBeUndefined();
    expect(found.statusReason).toBeUndefined();
    expect(found.cost?.microUsd.total).toBe(2 * (queued.cost?.microUsd.total ?? 0));
  });

  test('waits for its end while the configuration cannot be read, and ends without another attempt after a quarter of an hour', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted();
    await stand.put(execution);
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_FAILED', stateAt: someTime });
    stand.service.messages.set('job-run-1', [stockout]);
    const blind = rewired(stand, {
      config: async () => {
        throw new EngineError('CONFIG', 'loads.yaml:3:1: unknown key');
      },
    });
    await blind.advance(Number.POSITIVE_INFINITY);
    expect((await stand.read(execution.executionId)).status).toBe('SUBMITTED');
    stand.clock.time += 16 * 60_000;
    await blind.advance(Number.POSITIVE_INFINITY);
    const found = await stand.read(execution.executionId);
    expect(found).toMatchObject({ status: 'FAILED', failure: { class: 'capacity' } });
    expect(found.decisions?.[0]?.reason).toContain('loads.yaml:3:1');
  });
});

describe('a failed job whose worker logged a whole file', () => {
  test('ends as quickly as any other, classified by what stands first', async () => {
    const text = `java.lang.OutOfMemoryError: Java heap space ${'x'.repeat(1_000_000)}`;
    const stand = await ends('JOB_STATE_FAILED', { messages: [error(text)], execution: { maxAttempts: 1 } });
    const found = await stand.read(stand.id);
    expect(found).toMatchObject({ status: 'FAILED', failure: { code: 'OUT_OF_MEMORY' } });
    expect(JSON.stringify(found).length).toBeLessThan(20_000);
  });
});

describe('a cancelled job', () => {
  test('that was cancelled here says by whose wish', async () => {
    const cancel = { requestedAt: someTime, reason: 'wrong table', sentAt: someTime };
    const stand = await ends('JOB_STATE_CANCELLED', { execution: { status: 'CANCELLING', cancel } });
    expect(await stand.read(stand.id)).toMatchObject({
      status: 'CANCELLED',
      statusReason: 'cancelled on request: wrong table',
    });
  });

  test.each([
    ['JOB_STATE_CANCELLED', 'cancelled outside'],
    ['JOB_STATE_DRAINED', 'drained outside'],
  ] as const)('%s without a wish of ours says so, with what was said about it', async (state, words) => {
    const text = 'Cancel request is committed for workflow job: 2026 token=abc';
    const stand = await ends(state, { messages: [{ id: '1', at: 1, importance: 'DETAILED', text }] });
    const found = await stand.read(stand.id);
    expect(found).toMatchObject({ status: 'CANCELLED', failure: { class: 'policy', code: 'CANCELLED_OUTSIDE' } });
    expect(found.statusReason).toContain(words);
    expect(found.failure?.evidence).toEqual(['Cancel request is committed for workflow job: 2026 token=***']);
  });

  test('by its walltime guard names the guard', async () => {
    const stand = await ends('JOB_STATE_CANCELLED', {
      messages: [error('The job exceeded max_workflow_runtime_walltime_seconds (60).')],
    });
    expect(await stand.read(stand.id)).toMatchObject({ status: 'CANCELLED', failure: { code: 'WALLTIME' } });
  });

  test('that had finished before the cancel reached it is a success', async () => {
    const cancel = { requestedAt: someTime, sentAt: someTime };
    const stand = await ends('JOB_STATE_DONE', { execution: { status: 'CANCELLING', cancel } });
    expect((await stand.read(stand.id)).status).toBe('SUCCEEDED');
  });
});
