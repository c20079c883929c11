// `onRecommendation` over real HTTP: the same event in every shape it can arrive in, and every way a delivery can be broken.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { aRecommendation } from '../support/execution.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let url: string;

beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig());
  url = await local.serve('onRecommendation');
});
afterAll(() => local.stop());

type Shape = { readonly headers: Record<string, string>; readonly body: string };
const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const push = (data: string | undefined, extra: Record<string, unknown> = {}) =>
  JSON.stringify({
    message: {
      ...(data === undefined ? {} : { data }),
      messageId: '136969346945',
      publishTime: '2026-11-23T10:00:00Z',
      ...extra,
    },
    subscription: 'projects/demo/subscriptions/recommendations-push',
    deliveryAttempt: 1,
  });
const json = { 'content-type': 'application/json' };
const binary = {
  ...json,
  'ce-id': '136969346945',
  'ce-source': '//pubsub.googleapis.com/projects/demo/topics/recommendations',
  'ce-specversion': '1.0',
  'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
  'ce-time': '2026-11-23T10:00:00Z',
};

const shapes: Record<string, (event: unknown) => Shape> = {
  'a Pub/Sub push': (event) => ({ headers: json, body: push(base64(event)) }),
  'a push with attributes and snake case': (event) => ({
    headers: json,
    body: JSON.stringify({
      message: { data: base64(event), attributes: { a: 'b' }, message_id: '1', publish_time: '2026-11-23T10:00:00Z' },
    }),
  }),
  'an unwrapped push with JSON': (event) => ({
    headers: {
      ...json,
      'x-goog-pubsub-message-id': '7',
      'x-goog-pubsub-publish-time': '2026-11-23T10:00:00Z',
      'x-goog-pubsub-subscription-name': 's',
    },
    body: JSON.stringify(event),
  }),
  'an unwrapped push as bytes': (event) => ({
    headers: { 'content-type': 'application/octet-stream', 'x-goog-pubsub-message-id': '8' },
    body: JSON.stringify(event),
  }),
  'a binary CloudEvent of Eventarc': (event) => ({ headers: binary, body: push(base64(event)) }),
  'a structured CloudEvent': (event) => ({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      specversion: '1.0',
      id: '9',
      source: '//pubsub.googleapis.com/projects/demo/topics/recommendations',
      type: 'google.cloud.pubsub.topic.v1.messagePublished',
      time: '2026-11-23T10:00:00Z',
      data: JSON.parse(push(base64(event))),
    }),
  }),
  'a structured CloudEvent with data_base64': (event) => ({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      specversion: '1.0',
      id: '10',
      source: 's',
      type: 't',
      data_base64: base64(push(base64(event))),
    }),
  }),
};

const deliver = (shape: Shape) => fetch(url, { method: 'POST', ...shape });

describe('an event', () => {
  test.each(Object.keys(shapes))('that arrives as %s starts its execution and is acknowledged', async (name) => {
    const runId = `run of ${name}`;
    await local.deps.recommendations.write(aRecommendation({ runId }));
    const answer = await deliver(shapes[name]?.({ runId }) ?? { headers: {}, body: '' });
    expect(answer.status).toBe(204);
    expect((await local.deps.ledger.read(executionIdOf(runId)))?.value).toMatchObject({
      runId,
      trigger: 'event',
      status: 'SUBMITTED',
    });
  });

  test('whose recommendation is not there yet is asked for again, and rejected with a record once it is ten minutes old', async () => {
    const event = { runId: 'never written' };
    const young = {
      headers: json,
      body: push(base64(event), { publishTime: new Date(local.clock.now()).toISOString() }),
    };
    expect((await deliver(young)).status).toBe(503);
    expect(await local.deps.ledger.read(executionIdOf(event.runId))).toBeUndefined();
    const old = {
      headers: json,
      body: push(base64(event), { publishTime: new Date(local.clock.now() - 601_000).toISOString() }),
    };
    expect((await deliver(old)).status).toBe(204);
    expect((await local.deps.ledger.read(executionIdOf(event.runId)))?.value).toMatchObject({
      status: 'REJECTED',
      violations: [{ code: 'UNKNOWN_RUN' }],
    });
  });

  test('that comes twice launches once', async () => {
    await local.deps.recommendations.write(aRecommendation({ runId: 'twice' }));
    const before = local.dataflow.jobs().length;
    const shape = { headers: json, body: push(base64({ runId: 'twice' })) };
    const answers = await Promise.all([deliver(shape), deliver(shape), deliver(shape)]);
    const again = await deliver(shape);
    expect(answers.some((answer) => answer.status === 204)).toBe(true);
    expect(again.status).toBe(204);
    expect(local.dataflow.jobs()).toHaveLength(before + 1);
  });
});

const broken: Record<string, Shape> = {
  'without data': { headers: json, body: push(undefined) },
  'with empty data': { headers: json, body: push('') },
  'without data, with attributes': { headers: json, body: push(undefined, { attributes: { runId: 'x' } }) },
  'with data that is not base64': { headers: json, body: push('%%%') },
  'with data that is URL-safe base64': { headers: json, body: push('eyJ_-w==') },
  'with data that is not JSON': { headers: json, body: push(base64('not json')) },
  'with data that is not UTF-8': { headers: json, body: push(Buffer.from([0xff, 0xfe, 0x22]).toString('base64')) },
  'with an unknown field': { headers: json, body: push(base64({ runId: 'x', loda: 1 })) },
  'without a runId': { headers: json, body: push(base64({ mode: 'BALANCED' })) },
  'with a mode nobody knows': { headers: json, body: push(base64({ runId: 'x', mode: 'FAST' })) },
  'without a message': { headers: json, body: '{"subscription":"s"}' },
  'that is an array': { headers: json, body: '[]' },
  'that is no JSON at all': { headers: { 'content-type': 'application/octet-stream' }, body: 'hello' },
};

describe('a delivery', () => {
  test.each(Object.keys(broken))('%s is recorded with its reasons and acknowledged', async (name) => {
    const shape = broken[name] ?? { headers: {}, body: '' };
    const before = (await local.deps.ledger.list({ status: 'REJECTED', pageSize: 500 })).executions.length;
    expect((await deliver(shape)).status).toBe(204);
    expect((await deliver(shape)).status).toBe(204);
    const rejected = (await local.deps.ledger.list({ status: 'REJECTED', pageSize: 500 })).executions;
    expect(rejected).toHaveLength(before + 1);
    expect(rejected[0]?.value.violations?.[0]?.message).toEqual(expect.any(String));
  });
});
