// The push broker: acknowledgement, redelivery, order, dead letters, and what a restart still owes.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Broker, createBroker } from '../../local/broker/broker.ts';
import { backoffMs, type Subscription } from '../../local/broker/topology.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { type PushEndpoint, startPushEndpoint } from '../support/push-endpoint.ts';
import { type TemporaryStore, temporaryStore } from '../support/sqlite-store.ts';

let store: TemporaryStore;
let endpoint: PushEndpoint;
let broker: Broker | undefined;
beforeEach(async () => {
  store = temporaryStore();
  endpoint = await startPushEndpoint();
});
afterEach(async () => {
  await broker?.stop(0);
  broker = undefined;
  await endpoint.close();
  await store.close();
});

const subscriptionTo = (url: string, fields: Partial<Subscription> = {}): Subscription => ({
  name: 'pusher',
  topic: 'recommendations',
  push: { endpoint: url, maxInFlight: 10 },
  ackDeadlineMs: 60_000,
  minimumBackoffMs: 1,
  maximumBackoffMs: 4,
  ...fields,
});

function start(...subscriptions: Subscription[]): Broker {
  const topology = { projectId: 'demo', topics: ['recommendations', 'dead'], subscriptions };
  broker = createBroker({ db: store.connect(), topology, clock: systemClock });
  return broker;
}

const text = (data: string, orderingKey = '') => ({
  data: Buffer.from(data).toString('base64'),
  attributes: {},
  orderingKey,
});
const dataOf = (body: { message: { data?: string } }) =>
  Buffer.from(body.message.data ?? '', 'base64').toString('utf8');

test('a push has the body of a wrapped Pub/Sub push', async () => {
  const ids = start(subscriptionTo(endpoint.url)).publish('recommendations', [
    { ...text('{}', 'key'), attributes: { colour: 'blue' } },
  ]);
  const push = await endpoint.next();
  push.answer(204);
  expect(push.headers['content-type']).toBe('application/json');
  const publishTime = push.body.message.publishTime;
  expect(publishTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(push.body).toEqual({
    message: {
      data: 'e30=',
      attributes: { colour: 'blue' },
      messageId: ids?.[0],
      message_id: ids?.[0],
      publishTime,
      publish_time: publishTime,
      orderingKey: 'key',
    },
    subscription: 'projects/demo/subscriptions/pusher',
  });
});

test('every 2xx that Pub/Sub takes for an acknowledgement ends the delivery; any other status has it delivered again', async () => {
  start(subscriptionTo(endpoint.url)).publish('recommendations', [text('again')]);
  for (const status of [500, 503, 400, 404, 409, 301]) (await endpoint.next()).answer(status);
  (await endpoint.next()).answer(201);
  broker?.publish('recommendations', [text('next')]);
  const after = await endpoint.next();
  expect(dataOf(after.body)).toBe('next');
  after.answer(200);
});

test('the wait before a redelivery doubles up to its maximum', () => {
  const subscription = subscriptionTo('http://127.0.0.1/', { minimumBackoffMs: 10, maximumBackoffMs: 65 });
  expect([1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(subscription, attempt))).toEqual([10, 20, 40, 65, 65, 65]);
});

test('a receiver that does not answer within the ack deadline is asked again', async () => {
  start(subscriptionTo(endpoint.url, { ackDeadlineMs: 20 })).publish('recommendations', [text('slow')]);
  const first = await endpoint.next();
  const second = await endpoint.next();
  expect(second.body.message.messageId).toBe(first.body.message.messageId);
  second.answer(204);
});

test('an endpoint that is down is asked again until it is up', async () => {
  const { url } = endpoint;
  await endpoint.close();
  start(subscriptionTo(url)).publish('recommendations', [text('patient')]);
  endpoint = await startPushEndpoint(Number(new URL(url).port));
  const push = await endpoint.next();
  expect(dataOf(push.body)).toBe('patient');
  push.answer(204);
});

test('of one ordering key one message is out at a time, in order, also across a failure; other keys do not wait', async () => {
  start(subscriptionTo(endpoint.url)).publish('recommendations', [text('a1', 'a'), text('a2', 'a'), text('b1', 'b')]);
  const [first, second] = [await endpoint.next(), await endpoint.next()];
  expect([dataOf(first.body), dataOf(second.body)].sort()).toEqual(['a1', 'b1']);
  const [a, b] = dataOf(first.body) === 'a1' ? [first, second] : [second, first];
  b.answer(204);
  a.answer(500);
  const again = await endpoint.next();
  expect(dataOf(again.body)).toBe('a1');
  expect(endpoint.waiting()).toBe(0);
  again.answer(204);
  const last = await endpoint.next();
  expect(dataOf(last.body)).toBe('a2');
  last.answer(204);
});

test('never more are in flight than allowed', async () => {
  start(subscriptionTo(endpoint.url, { push: { endpoint: endpoint.url, maxInFlight: 2 } })).publish(
    'recommendations',
    ['1', '2', '3', '4'].map((data) => text(data)),
  );
  const first = [await endpoint.next(), await endpoint.next()];
  expect(endpoint.waiting()).toBe(0);
  for (const push of first) push.answer(204);
  for (const push of [await endpoint.next(), await endpoint.next()]) push.answer(204);
});

test('after the last attempt the message is in the dead-letter topic, with where it came from', async () => {
  const deadLetter = { topic: 'dead', maxDeliveryAttempts: 3 };
  const morgue = { ...subscriptionTo(''), name: 'morgue', topic: 'dead' };
  const { push: _none, ...pulled } = morgue;
  start(subscriptionTo(endpoint.url, { deadLetter }), pulled).publish('recommendations', [
    { ...text('poison'), attributes: { colour: 'blue' } },
  ]);
  const attempts: (number | undefined)[] = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const push = await endpoint.next();
    attempts.push(push.body.deliveryAttempt);
    push.answer(500);
  }
  expect(attempts).toEqual([1, 2, 3]);
  await expect
    .poll(() => broker?.pull('morgue', 1)?.[0]?.message)
    .toMatchObject({
      data: text('poison').data,
      attributes: {
        colour: 'blue',
        CloudPubSubDeadLetterSourceDeliveryCount: '3',
        CloudPubSubDeadLetterSourceSubscription: 'pusher',
        CloudPubSubDeadLetterSourceSubscriptionProject: 'demo',
      },
    });
});

test('a restart delivers what was not acknowledged, at once, and nothing that was', async () => {
  const slow = subscriptionTo(endpoint.url, { minimumBackoffMs: 3_600_000, maximumBackoffMs: 3_600_000 });
  start(slow).publish('recommendations', [text('done', 'k'), text('refused', 'k'), text('unsent', 'k')]);
  (await endpoint.next()).answer(204);
  const refused = await endpoint.next();
  refused.answer(500);
  await broker?.stop();
  start(slow);
  for (const expected of ['refused', 'unsent']) {
    const push = await endpoint.next();
    expect(dataOf(push.body)).toBe(expected);
    push.answer(204);
  }
});

test('a delivery cut by the stop is delivered again after the restart', async () => {
  start(subscriptionTo(endpoint.url)).publish('recommendations', [text('cut')]);
  const unanswered = await endpoint.next();
  await broker?.stop(0);
  start(subscriptionTo(endpoint.url));
  const push = await endpoint.next();
  expect(push.body.message.messageId).toBe(unanswered.body.message.messageId);
  push.answer(204);
});
