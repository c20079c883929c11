// Every shape a Pub/Sub message can arrive in over HTTP, decoded to one: push (wrapped), unwrapped push, CloudEvents binary and structured.

import * as z from 'zod';

export type Delivery = {
  readonly messageId: string;
  /** Epoch ms; undefined when the envelope does not say. */
  readonly publishedAt?: number;
  /** Present only on subscriptions with a dead-letter policy. */
  readonly deliveryAttempt?: number;
  /** The message's data as it came: equal each time it is delivered, unlike the envelope, which counts attempts. */
  readonly data?: string;
};

export type Envelope =
  | { readonly ok: true; readonly delivery: Delivery; readonly payload: unknown }
  /** Will never decode, however often it is delivered. */
  | { readonly ok: false; readonly delivery: Delivery; readonly problem: string };

export type HttpMessage = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
};

const text = z.string().min(1).max(2048);
const messageSchema = z.looseObject({
  data: z.string().optional(),
  messageId: text.optional(),
  message_id: text.optional(),
  publishTime: z.string().optional(),
  publish_time: z.string().optional(),
});
const wrappedSchema = z.looseObject({ message: messageSchema, deliveryAttempt: z.int().optional() });
const structuredSchema = z.looseObject({
  specversion: z.string(),
  id: text,
  time: z.string().optional(),
  data: z.unknown().optional(),
  data_base64: z.string().optional(),
});

/** Decodes a delivery. Never throws. Base64 is Pub/Sub's standard alphabet; the text inside must be JSON. */
export function decodeEnvelope(http: HttpMessage): Envelope {
  const header = (name: string): string | undefined => {
    const value = http.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };
  const fallbackId = header('ce-id') ?? header('x-goog-pubsub-message-id') ?? 'unknown';
  const bad = (problem: string, delivery: Delivery = { messageId: fallbackId }): Envelope => ({
    ok: false,
    delivery,
    problem,
  });

  if (header('x-goog-pubsub-message-id') !== undefined) {
    const delivery = deliveryOf(fallbackId, header('x-goog-pubsub-publish-time'), undefined);
    const payload = parseJson(http.body);
    return payload.ok
      ? { ok: true, delivery, payload: payload.value }
      : bad(`the message body is not JSON: ${payload.problem}`, delivery);
  }
  const body = parseJson(http.body);
  if (!body.ok) return bad(`the request body is not JSON: ${body.problem}`);
  if (/^application\/cloudevents\+json/i.test(header('content-type') ?? '')) return decodeStructured(body.value, bad);
  return decodeWrapped(body.value, header('ce-id'), header('ce-time'), bad);
}

type Bad = (problem: string, delivery?: Delivery) => Envelope;

function decodeStructured(value: unknown, bad: Bad): Envelope {
  const event = structuredSchema.safeParse(value);
  if (!event.success) return bad('the CloudEvent lacks specversion or id');
  const { id, time, data, data_base64: encoded } = event.data;
  if (encoded === undefined) return decodeWrapped(data, id, time, bad);
  const inner = decodeBase64Json(encoded);
  return inner.ok
    ? decodeWrapped(inner.value, id, time, bad)
    : bad(`data_base64 ${inner.problem}`, deliveryOf(id, time, undefined));
}

function decodeWrapped(value: unknown, eventId: string | undefined, eventTime: string | undefined, bad: Bad): Envelope {
  const wrapped = wrappedSchema.safeParse(value);
  if (!wrapped.success)
    return bad(
      'the body is no Pub/Sub push: it has no "message" object',
      deliveryOf(eventId ?? 'unknown', eventTime, undefined),
    );
  const { message, deliveryAttempt } = wrapped.data;
  const delivery: Delivery = {
    ...deliveryOf(
      message.messageId ?? message.message_id ?? eventId ?? 'unknown',
      message.publishTime ?? message.publish_time ?? eventTime,
      deliveryAttempt,
    ),
    ...(message.data === undefined ? {} : { data: message.data }),
  };
  if (message.data === undefined || message.data === '') {
    return bad('the message has no data; publish the event as JSON in the data field', delivery);
  }
  const payload = decodeBase64Json(message.data);
  return payload.ok ? { ok: true, delivery, payload: payload.value } : bad(`message.data ${payload.problem}`, delivery);
}

function deliveryOf(messageId: string, publishTime: string | undefined, deliveryAttempt: number | undefined): Delivery {
  const publishedAt = Date.parse(publishTime ?? '');
  return {
    messageId,
    ...(Number.isNaN(publishedAt) ? {} : { publishedAt }),
    ...(deliveryAttempt === undefined ? {} : { deliveryAttempt }),
  };
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Buffer would skip over bad characters silently, so the alphabet is checked first. */
function decodeBase64Json(encoded: string): Parsed {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.replace(/=+$/, '').length % 4 === 1) {
    return { ok: false, problem: 'is not base64' };
  }
  const parsed = parseJson(Buffer.from(encoded, 'base64'));
  return parsed.ok ? parsed : { ok: false, problem: `is not JSON: ${parsed.problem}` };
}

function parseJson(bytes: Uint8Array): Parsed {
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { ok: false, problem: error instanceof SyntaxError ? error.message.slice(0, 120) : 'not UTF-8 text' };
  }
}
