// Decoding never throws, whatever the bytes and headers; and what it cannot decode it says in words.

import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { decodeEnvelope } from '../../shared/schema/envelope.ts';
import { deliveryBody, nastyText } from './arbitraries.ts';

const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'ce-id',
    'ce-time',
    'ce-type',
    'x-goog-pubsub-message-id',
    'x-goog-pubsub-publish-time',
  ),
  fc.oneof(
    nastyText,
    fc.constantFrom('application/json', 'application/cloudevents+json; charset=utf-8', '2026-01-02T03:04:05Z'),
    fc.array(nastyText, { maxLength: 2 }),
  ),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  deliveryBody.map((text) => Buffer.from(text)),
);

test.prop([headers, bytes], { numRuns: 20_000 })(
  'any bytes under any headers are decoded or refused',
  (given, body) => {
    const envelope = decodeEnvelope({ headers: given, body });
    if (envelope.ok) return;
    expect(envelope.problem.length).toBeGreaterThan(10);
    expect(envelope.problem.length).toBeLessThan(300);
    expect(typeof envelope.delivery.messageId).toBe('string');
  },
);

test.prop([fc.json()])('what was published comes out as it went in', (text) => {
  const body = Buffer.from(JSON.stringify({ message: { data: Buffer.from(text).toString('base64'), messageId: '7' } }));
  expect(decodeEnvelope({ headers: {}, body })).toEqual({
    ok: true,
    delivery: expect.objectContaining({ messageId: '7' }),
    payload: JSON.parse(text),
  });
});
