// The dead-letter subscription: what could not be delivered, taken out, published again, acknowledged or put back.

import { v1 } from '@google-cloud/pubsub';
import { PassThroughClient } from 'google-auth-library';
import { grpc } from 'google-gax';
import { isEngineError } from '../base/errors.ts';
import { translated } from './grpc-errors.ts';

export type DeadLetter = {
  /** Names this delivery; good until the acknowledgement deadline. */
  readonly ackId: string;
  /** Of the dead letter; the message it was made from had another. */
  readonly messageId: string;
  readonly data: Buffer;
  /** Without those Pub/Sub added when it gave the message up. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey?: string;
  /** When the message was first published (epoch ms), as Pub/Sub noted it. */
  readonly publishedAt?: number;
  /** How often it was delivered before it was given up. */
  readonly deliveries?: number;
};

export type DeadLetters = {
  /** Up to `max` letters; an empty list says that none came in time. */
  pull(max: number): Promise<readonly DeadLetter[]>;
  /** Publishes the letter as the message it was. Throws EngineError INVALID_ARGUMENT when the topic's schema refuses it. */
  republish(letter: DeadLetter): Promise<void>;
  acknowledge(letters: readonly DeadLetter[]): Promise<void>;
  /** Gives letters back at once, as if they had not been pulled. */
  release(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * Dead letters of `subscription`, republished to `topic`, both by their full names. `emulatorHost` ("127.0.0.1:8085") talks plaintext
 * without credentials. `pullTimeoutMs`: how long an empty subscription is waited for; Pub/Sub itself would wait over a minute.
 */
export function pubsubDeadLetters(options: {
  readonly subscription: string;
  readonly topic: string;
  readonly emulatorHost?: string;
  readonly pullTimeoutMs?: number;
}): DeadLetters {
  const { subscription, topic, pullTimeoutMs = 10_000 } = options;
  const settings = clientSettings(options.emulatorHost);
  const subscriber = new v1.SubscriberClient(settings);
  const publisher = new v1.PublisherClient(settings);
  const ackIdsOf = (letters: readonly DeadLetter[]): string[] => letters.map(({ ackId }) => ackId);
  return {
    async pull(max) {
      try {
        const [answer] = await translated(`pull from ${subscription}`, () =>
          subscriber.pull({ subscription, maxMessages: max }, { timeout: pullTimeoutMs, retry: null }),
        );
        return (answer.receivedMessages ?? []).map(letterOf);
      } catch (error) {
        if (isEngineError(error, 'DEADLINE_EXCEEDED')) return [];
        throw error;
      }
    },
    async republish({ data, attributes, orderingKey }) {
      const message = { data, attributes: { ...attributes }, ...(orderingKey === undefined ? {} : { orderingKey }) };
      await translated(`publish to ${topic}`, () => publisher.publish({ topic, messages: [message] }));
    },
    async acknowledge(letters) {
      if (letters.length === 0) return;
      await translated(`acknowledgement at ${subscription}`, () =>
        subscriber.acknowledge({ subscription, ackIds: ackIdsOf(letters) }),
      );
    },
    async release(letters) {
      if (letters.length === 0) return;
      await translated(`release at ${subscription}`, () =>
        subscriber.modifyAckDeadline({ subscription, ackIds: ackIdsOf(letters), ackDeadlineSeconds: 0 }),
      );
    },
    async close() {
      await Promise.all([subscriber.close(), publisher.close()]);
    },
  };
}

type Received = {
  readonly ackId?: string | null;
  readonly message?: {
    readonly messageId?: string | null;
    readonly data?: Uint8Array | string | null;
    readonly attributes?: Readonly<Record<string, string>> | null;
    readonly orderingKey?: string | null;
  } | null;
};

/** Pub/Sub writes what it knows of a dead letter into attributes of this name. */
const noted = 'CloudPubSubDeadLetterSource';

/** A received message as a letter. */
export function letterOf({ ackId, message }: Received): DeadLetter {
  const all = message?.attributes ?? {};
  const publishedAt = Date.parse(all[`${noted}TopicPublishTime`] ?? '');
  const deliveries = Number(all[`${noted}DeliveryCount`] ?? Number.NaN);
  return {
    ackId: ackId ?? '',
    messageId: message?.messageId ?? 'unknown',
    data: Buffer.from((message?.data as Uint8Array | undefined) ?? []),
    attributes: Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith(noted))),
    ...(message?.orderingKey ? { orderingKey: message.orderingKey } : {}),
    ...(Number.isNaN(publishedAt) ? {} : { publishedAt }),
    ...(Number.isNaN(deliveries) ? {} : { deliveries }),
  };
}

function clientSettings(emulatorHost: string | undefined) {
  if (emulatorHost === undefined) return {};
  const colon = emulatorHost.lastIndexOf(':');
  return {
    apiEndpoint: emulatorHost.slice(0, colon),
    port: Number(emulatorHost.slice(colon + 1)),
    sslCreds: grpc.credentials.createInsecure(),
    authClient: new PassThroughClient(),
  };
}
