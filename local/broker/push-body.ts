// The bodies in which Pub/Sub hands a message out: pushed (wrapped) and pulled.

import type { Delivery, StoredMessage } from './message-store.ts';
import { type Subscription, subscriptionPath } from './topology.ts';

/** PubsubMessage as JSON. `data` and `attributes` are absent when empty; the snake-case twins are Pub/Sub's own. */
export function messageBody({ messageId, publishedAt, data, attributes, orderingKey }: StoredMessage) {
  const publishTime = new Date(publishedAt).toISOString();
  return {
    ...(data === '' ? {} : { data }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    messageId,
    message_id: messageId,
    publishTime,
    publish_time: publishTime,
    ...(orderingKey === '' ? {} : { orderingKey }),
  };
}

/** The body of a wrapped push; `deliveryAttempt` only where a dead-letter policy is set. */
export function pushBody(projectId: string, subscription: Subscription, { message, attempt }: Delivery) {
  return {
    message: messageBody(message),
    subscription: subscriptionPath(projectId, subscription.name),
    ...(subscription.deadLetter === undefined ? {} : { deliveryAttempt: attempt }),
  };
}

/** The attributes a message carries to its dead-letter topic, by Pub/Sub's names. */
export function deadLetterAttributes(projectId: string, subscription: Subscription, { message, attempt }: Delivery) {
  return {
    ...message.attributes,
    CloudPubSubDeadLetterSourceDeliveryCount: String(attempt),
    CloudPubSubDeadLetterSourceSubscription: subscription.name,
    CloudPubSubDeadLetterSourceSubscriptionProject: projectId,
    CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishedAt).toISOString(),
  };
}
