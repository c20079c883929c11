// A push broker with Pub/Sub's manners: topics, push and pull subscriptions, redelivery, dead letters, ordering keys; kept in SQLite.

import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../shared/base/clock.ts';
import { createMessageStore, type Delivery, type NewMessage } from './message-store.ts';
import { deadLetterAttributes, pushBody } from './push-body.ts';
import { createPushLoop, type PushLoop } from './push-loop.ts';
import { backoffMs, type Subscription, type Topology } from './topology.ts';

/** Pub/Sub's default retention of unacknowledged messages. */
const retentionMs = 7 * 86_400_000;

export type Broker = {
  readonly topology: Topology;
  /** Stores and sends; answers the message ids, or undefined when there is no such topic. */
  publish(topic: string, messages: readonly NewMessage[]): string[] | undefined;
  /** From now on the messages of a push subscription go there (Pub/Sub's modifyPushConfig). False: no such subscription. */
  pushTo(subscription: string, endpoint: string): boolean;
  /** Due messages of a pull subscription, held back from others for its ack deadline. Undefined: no such subscription. */
  pull(subscription: string, maxMessages: number): Delivery[] | undefined;
  /** False: no such subscription. */
  acknowledge(subscription: string, messageIds: readonly string[]): boolean;
  /** Delivers nothing more; what is in flight may end within `graceMs`. What is owed is delivered after the next start. */
  stop(graceMs?: number): Promise<void>;
};

/** A broker over a database opened by `openStore`; what an earlier broker left unacknowledged is delivered at once. */
export function createBroker(options: {
  readonly db: DatabaseSync;
  readonly topology: Topology;
  readonly clock: Clock;
}): Broker {
  const { topology, clock } = options;
  const store = createMessageStore(options.db);
  const loops = new Map<string, PushLoop>();
  store.expire(clock.now() - retentionMs);

  const publish: Broker['publish'] = (topic, messages) => {
    if (!topology.topics.includes(topic)) return undefined;
    const names = topology.subscriptions.filter((each) => each.topic === topic).map(({ name }) => name);
    const ids = store.publish(topic, names, messages, clock.now());
    for (const name of names) loops.get(name)?.wake();
    return ids;
  };

  const claim = (subscription: Subscription, limit: number): Delivery[] => {
    const now = clock.now();
    return store.claim(subscription.name, { now, until: now + subscription.ackDeadlineMs, limit });
  };

  const settle = (subscription: Subscription, delivery: Delivery, acknowledged: boolean): void => {
    const { message, attempt } = delivery;
    const { deadLetter } = subscription;
    const givenUp = !acknowledged && deadLetter !== undefined && attempt >= deadLetter.maxDeliveryAttempts;
    if (givenUp) {
      const attributes = deadLetterAttributes(topology.projectId, subscription, delivery);
      publish(deadLetter.topic, [{ ...message, attributes }]);
    }
    if (acknowledged || givenUp) store.acknowledge(subscription.name, message.messageId);
    else store.postpone(subscription.name, message.messageId, clock.now() + backoffMs(subscription, attempt));
  };

  const startPushing = (subscription: Subscription, endpoint: string, maxInFlight: number): void => {
    const target = { endpoint, maxInFlight, ackDeadlineMs: subscription.ackDeadlineMs };
    const loop = createPushLoop(target, {
      claim: (limit) => claim(subscription, limit),
      bodyOf: (delivery) => pushBody(topology.projectId, subscription, delivery),
      settle: (delivery, acknowledged) => settle(subscription, delivery, acknowledged),
      nextDueMs() {
        const dueAt = store.nextDueAt(subscription.name);
        return dueAt === undefined ? undefined : dueAt - clock.now();
      },
    });
    void loops.get(subscription.name)?.stop(subscription.ackDeadlineMs);
    loops.set(subscription.name, loop);
  };

  for (const subscription of topology.subscriptions) {
    store.release(subscription.name, clock.now());
    const { endpoint, maxInFlight = 0 } = subscription.push ?? {};
    if (endpoint !== undefined) startPushing(subscription, endpoint, maxInFlight);
  }

  const pulled = (name: string): Subscription | undefined =>
    topology.subscriptions.find((each) => each.name === name && each.push === undefined);
  return {
    topology,
    publish,
    pushTo(name, endpoint) {
      const subscription = topology.subscriptions.find((each) => each.name === name);
      if (subscription?.push === undefined) return false;
      startPushing(subscription, endpoint, subscription.push.maxInFlight);
      return true;
    },
    pull(name, maxMessages) {
      const subscription = pulled(name);
      return subscription === undefined ? undefined : claim(subscription, maxMessages);
    },
    acknowledge(name, messageIds) {
      if (pulled(name) === undefined) return false;
      for (const id of messageIds) store.acknowledge(name, id);
      return true;
    },
    async stop(graceMs = 5000) {
      await Promise.all([...loops.values()].map((loop) => loop.stop(graceMs)));
    },
  };
}
