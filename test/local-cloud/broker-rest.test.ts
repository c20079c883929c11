// The broker over HTTP: Pub/Sub's publish, pull and acknowledge calls and Google's error shape.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Broker, createBroker } from '../../local/broker/broker.ts';
import { createBrokerApp } from '../../local/broker/broker-app.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { type TemporaryStore, temporaryStore } from '../support/sqlite-store.ts';

let store: TemporaryStore;
let broker: Broker;
let server: Server;
let base: string;
beforeEach(async () => {
  store = temporaryStore();
  const pulled = { ackDeadlineMs: 60_000, minimumBackoffMs: 1, maximumBackoffMs: 1 };
  broker = createBroker({
    db: store.connect(),
    clock: systemClock,
    topology: {
      projectId: 'demo',
      topics: ['executions'],
      subscriptions: [
        { name: 'reader', topic: 'executions', ...pulled },
        { name: 'hasty', topic: 'executions', ...pulled, ackDeadlineMs: 0 },
      ],
    },
  });
  server = createServer(createBrokerApp(broker)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/projects`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await broker.stop();
  await store.close();
});

async function post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${base}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const publish = (messages: unknown[]) => post('demo/topics/executions:publish', { messages });

test('publish answers one id per message; pull hands them out; acknowledge ends them', async () => {
  const published = await publish([
    { data: 'e30=' },
    { attributes: { only: 'attributes' } },
    { data: 'eA', orderingKey: 'k' },
  ]);
  expect(published.status).toBe(200);
  const messageIds = published.body.messageIds as string[];
  expect(messageIds).toHaveLength(3);
  const pulled = await post('demo/subscriptions/reader:pull', { maxMessages: 10 });
  const received = pulled.body.receivedMessages as { ackId: string; message: Record<string, unknown> }[];
  expect(received.map(({ message }) => message)).toMatchObject([
    { messageId: messageIds[0], data: 'e30=' },
    { messageId: messageIds[1], attributes: { only: 'attributes' } },
    { messageId: messageIds[2], data: 'eA==', orderingKey: 'k' },
  ]);
  expect(await post('demo/subscriptions/reader:pull', { maxMessages: 10 })).toEqual({ status: 200, body: {} });
  const ackIds = received.map(({ ackId }) => ackId);
  expect(await post('demo/subscriptions/reader:acknowledge', { ackIds })).toEqual({ status: 200, body: {} });
});

test('what is pulled and not acknowledged in time is handed out again', async () => {
  await publish([{ data: 'e30=' }]);
  for (const _time of [1, 2]) {
    const { body } = await post('demo/subscriptions/hasty:pull', { maxMessages: 10 });
    expect(body.receivedMessages).toHaveLength(1);
  }
});

test.each([
  ['no messages', { messages: [] }, /messages/],
  ['neither data nor attributes', { messages: [{}] }, /messages\.0: must have data or at least one attribute/],
  ['broken base64', { messages: [{ data: 'a' }] }, /messages\.0\.data: must be base64/],
  ['an unknown field', { messages: [{ data: 'e30=', body: 'x' }] }, /body/],
  ['an attribute that is no text', { messages: [{ attributes: { count: 1 } }] }, /messages\.0\.attributes\.count/],
  ['no JSON', '{"messages":', /JSON/],
])("publish with %s answers 400 in Google's shape", async (_name, body, message) => {
  const answer = await post('demo/topics/executions:publish', body);
  expect(answer).toEqual({
    status: 400,
    body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringMatching(message) } },
  });
});

test.each([
  ['demo/topics/nowhere:publish', { messages: [{ data: 'e30=' }] }, 'projects/demo/topics/executions'],
  ['other/topics/executions:publish', { messages: [{ data: 'e30=' }] }, 'projects/demo/topics/executions'],
  ['demo/subscriptions/nobody:pull', { maxMessages: 1 }, 'projects/demo/subscriptions/reader'],
  ['demo/subscriptions/nobody:acknowledge', { ackIds: ['1'] }, 'projects/demo/subscriptions/reader'],
])('%s answers 404 and names what there is', async (path, body, hint) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(404);
  expect(answer.body.error).toMatchObject({ code: 404, status: 'NOT_FOUND', message: expect.stringContaining(hint) });
});

test('a path that is none of these calls answers 404 and names the calls', async () => {
  const answer = await post('demo/topics/executions', {});
  expect(answer.status).toBe(404);
  expect(answer.body.error).toMatchObject({ status: 'NOT_FOUND', message: expect.stringContaining(':publish') });
});
