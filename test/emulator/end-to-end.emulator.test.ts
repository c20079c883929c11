// From a message on the recommendations topic to the outcome on the executions topic: the built functions, Google's emulators, a real push subscription.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionProcess } from '../support/function-process.ts';
import { type FunctionsOnEmulators, functionsOnEmulators, hasEmulators } from '../support/functions-on-emulators.ts';
import { type PushEndpoint, type PushedMessage, startPushEndpoint } from '../support/push-endpoint.ts';

describe.runIf(hasEmulators)('the built functions on the emulators', () => {
  let cloud: FunctionsOnEmulators;
  let receiver: FunctionProcess;
  let poller: FunctionProcess;
  let endpoint: PushEndpoint;
  let round = 0;
  beforeAll(async () => {
    cloud = await functionsOnEmulators();
    [receiver, poller] = await Promise.all([cloud.start('onRecommendation'), cloud.start('pollJobs')]);
  });
  afterAll(() => cloud.stop());
  beforeEach(async () => {
    round += 1;
    endpoint = await startPushEndpoint();
    await cloud.pubsub.createTopic(`recommendations-${round}`);
    await cloud.pubsub.createSubscription(`push-${round}`, `recommendations-${round}`, {
      pushConfig: { pushEndpoint: endpoint.url },
      retryPolicy: { minimumBackoff: '0.1s', maximumBackoff: '1s' },
      deadLetterPolicy: { deadLetterTopic: cloud.pubsub.topicName('dead-letters'), maxDeliveryAttempts: 5 },
    });
  });
  afterEach(() => endpoint.close());

  const publish = (data: unknown) => cloud.pubsub.publish(`recommendations-${round}`, [{ data }]);

  /** Hands a push on to the function exactly as it arrived, and its answer back. */
  async function handOn(push: PushedMessage): Promise<number> {
    const answer = await fetch(receiver.url, {
      method: 'POST',
      headers: { 'content-type': String(push.headers['content-type']) },
      body: JSON.stringify(push.body),
    });
    await answer.arrayBuffer();
    push.answer(answer.status);
    return answer.status;
  }

  test('a message that outran its recommendation is delivered again, runs once, and its outcome is told', async () => {
    await publish({ runId: 'run-1' });
    const early = await endpoint.next();
    // The emulator pushes the wrapped body, without CloudEvents headers and - unlike the service - without deliveryAttempt.
    expect(early.headers['content-type']).toBe('application/json');
    expect(Object.keys(early.headers).filter((name) => name.startsWith('ce-'))).toEqual([]);
    expect(early.body.deliveryAttempt).toBeUndefined();
    expect(await handOn(early)).toBe(503);

    await cloud.recommend('run-1');
    const again = await endpoint.next();
    expect(again.body.message.messageId).toBe(early.body.message.messageId);
    expect(await handOn(again)).toBe(204);

    const [outcome] = await cloud.outcomesOf('run-1', poller);
    expect(outcome?.attributes).toMatchObject({ 'ce-specversion': '1.0', 'content-type': 'application/json' });
    const [job] = cloud.jobsOf('run-1');
    expect(JSON.parse(Buffer.from(outcome?.data ?? '', 'base64').toString())).toMatchObject({
      runId: 'run-1',
      status: 'SUCCEEDED',
      load: 'orders',
    });
    expect((await cloud.execution('run-1'))?.attempts).toMatchObject([{ jobId: job?.id }]);
    expect(cloud.jobsOf('run-1')).toHaveLength(1);
  });

  test('copies of a message, at once and after the end, are acknowledged and start nothing', async () => {
    await cloud.recommend('run-2');
    await publish({ runId: 'run-2' });
    const first = await endpoint.next();
    const copies = await Promise.all(
      Array.from({ length: 8 }, () => fetch(receiver.url, { method: 'POST', body: JSON.stringify(first.body) })),
    );
    // While another copy launches, a copy is refused so that it is asked again; every one of them knows the execution by then.
    for (const { status } of copies) expect([204, 503]).toContain(status);
    expect(await handOn(first)).toBe(204);
    const [outcome] = await cloud.outcomesOf('run-2', poller);
    await publish({ runId: 'run-2' });
    expect(await handOn(await endpoint.next())).toBe(204);
    expect(cloud.jobsOf('run-2')).toHaveLength(1);
    expect(outcome).toBeDefined();
  });

  test('a message that will never be right is acknowledged at once, recorded with its reasons, and told as REJECTED', async () => {
    await publish({ runId: 'run-3', mode: 'CHEAPEST', surprise: true });
    const push = await endpoint.next();
    expect(await handOn(push)).toBe(204);
    const { messageId } = push.body.message;
    const { executions } = await cloud.list();
    const recorded = executions.find(({ runId }) => runId.startsWith(`unreadable-${messageId}-`));
    expect(recorded).toMatchObject({ status: 'REJECTED' });
    expect(recorded?.violations?.map(({ path }) => path)).toContain('/mode');
    const [outcome] = await cloud.outcomesOf(recorded?.runId ?? '', poller);
    expect(JSON.parse(Buffer.from(outcome?.data ?? '', 'base64').toString())).toMatchObject({ status: 'REJECTED' });
  });

  test('a message that is refused for good ends in the dead-letter topic, where it can be read', async () => {
    await publish({ runId: 'run-that-never-comes' });
    for (let delivery = 1; delivery <= 5; delivery += 1) expect(await handOn(await endpoint.next())).toBe(503);
    const letter = await cloud.deadLetter();
    expect(JSON.parse(Buffer.from(letter.data ?? '', 'base64').toString())).toEqual({ runId: 'run-that-never-comes' });
    expect(letter.attributes).toMatchObject({ CloudPubSubDeadLetterSourceDeliveryCount: '5' });
  });
});
