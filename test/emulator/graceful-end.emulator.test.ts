// An instance that is told to end, or killed, in mid-request: whatever it was at, the rest of the system finishes it, once.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultInput } from '../../local/dataflow/fault-schema.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import {
  type FunctionsOnEmulators,
  functionsOnEmulators,
  hasEmulators,
  until,
} from '../support/functions-on-emulators.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';

const launch = { method: 'LaunchFlexTemplate' } as const;

describe.runIf(hasEmulators)('a function process that ends in mid-request', () => {
  let cloud: FunctionsOnEmulators;
  let poller: FunctionProcess;
  beforeAll(async () => {
    cloud = await functionsOnEmulators();
    poller = await cloud.start('pollJobs');
  });
  afterAll(() => cloud.stop());
  beforeEach(() => cloud.dataflow.setFaults([]));

  /** Delivers the event of a run; undefined: the connection broke. */
  async function deliver(instance: FunctionProcess, runId: string): Promise<number | undefined> {
    const data = Buffer.from(JSON.stringify({ runId })).toString('base64');
    const body = JSON.stringify({ message: { data, messageId: `message of ${runId}` }, subscription: 'a test' });
    try {
      return (await fetch(instance.url, { method: 'POST', body })).status;
    } catch {
      return undefined;
    }
  }

  /** What must be true in the end: one job, known to the ledger, and one outcome however often it was told. */
  async function expectOnce(runId: string): Promise<void> {
    const told = await cloud.outcomesOf(runId, poller);
    const jobs = cloud.jobsOf(runId);
    expect(jobs).toHaveLength(1);
    expect(await cloud.execution(runId)).toMatchObject({ status: 'SUCCEEDED', attempts: [{ jobId: jobs[0]?.id }] });
    expect(new Set(told.map(({ attributes }) => attributes?.['ce-id'])).size).toBe(1);
  }

  const moments: [string, FaultInput, (runId: string) => () => boolean | Promise<boolean>][] = [
    [
      'after Dataflow accepted the launch and before its answer came',
      { kind: 'delayAnswer', ...launch, delayMs: 1_400, times: 1 },
      (runId) => () => cloud.jobsOf(runId).length === 1,
    ],
    [
      'while the launch request is on its way and will be accepted late',
      { kind: 'delayRequest', ...launch, delayMs: 1_400, times: 1 },
      (runId) => async () => (await cloud.execution(runId)) !== undefined,
    ],
  ];

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test.each(moments)(`${signal} %s`, async (moment, fault, reached) => {
      const runId = `${signal} ${moment}`;
      await cloud.recommend(runId);
      cloud.dataflow.setFaults([fault]);
      const receiver = await cloud.start('onRecommendation');
      const answer = deliver(receiver, runId);
      await until(reached(runId));
      await receiver.end(signal);
      // The framework answers 500 or nothing: not acknowledged either way, so Pub/Sub would deliver again.
      expect([undefined, 500]).toContain(await answer);
      await expectOnce(runId);
      const next = await cloud.start('onRecommendation');
      expect(await deliver(next, runId)).toBe(204);
      await next.end('SIGKILL');
    });
  }

  test('SIGTERM while a tick reads the last figures of an ended job: the next tick ends it, and tells it once', async () => {
    const runId = 'ended in a tick';
    await cloud.recommend(runId);
    const receiver = await cloud.start('onRecommendation');
    expect(await deliver(receiver, runId)).toBe(204);
    await receiver.end('SIGKILL');
    const proxy = await startRpcProxy(cloud.dataflow.address);
    proxy.break((method) => (method === 'GetJobMetrics' ? 'blackHole' : undefined));
    const doomed = await cloud.start('pollJobs', { DATAFLOW_EMULATOR_HOST: proxy.address });
    const ticking = tickOn(doomed);
    await until(() => proxy.calls.includes('GetJobMetrics'));
    await doomed.end('SIGTERM');
    await ticking;
    await proxy.close();
    expect((await cloud.execution(runId))?.status).not.toBe('SUCCEEDED');
    await expectOnce(runId);
  });

  /** Ticks until the instance is gone. */
  async function tickOn(instance: FunctionProcess): Promise<void> {
    const ticked = () =>
      fetch(instance.url, { method: 'POST' }).then(
        ({ ok }) => ok,
        () => false,
      );
    while (await ticked());
  }

  test('a document of an execution in mid-launch is held by nobody: another client writes it at once', async () => {
    const runId = 'never locked';
    await cloud.recommend(runId);
    cloud.dataflow.setFaults([{ kind: 'delayAnswer', ...launch, delayMs: 1_400, times: 1 }]);
    const receiver = await cloud.start('onRecommendation');
    const answer = deliver(receiver, runId);
    await until(() => cloud.jobsOf(runId).length === 1);
    await receiver.end('SIGKILL');
    expect(await answer).toBeUndefined();
    expect(await cloud.touch(executionIdOf(runId))).toBe('applied');
    await expectOnce(runId);
  });
});
