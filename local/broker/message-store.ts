// Keeps messages and what is still owed to each subscription in SQLite, so that a restart delivers what was not acknowledged.

import type { DatabaseSync } from 'node:sqlite';

export type NewMessage = {
  /** Standard base64; empty: none. */
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Messages of one key are delivered one after the other, in the order of publishing; empty: no order. */
  readonly orderingKey: string;
};
export type StoredMessage = NewMessage & { readonly messageId: string; readonly publishedAt: number };

/** `attempt`: which delivery to this subscription this is, from 1. */
export type Delivery = { readonly message: StoredMessage; readonly attempt: number };

type Row = {
  readonly id: number;
  readonly attempts: number;
  readonly data: string;
  readonly attributes: string;
  readonly ordering_key: string;
  readonly published_at: number;
};

/** Only the oldest unacknowledged message of an ordering key may go out. */
const mayGo = `(d.ordering_key = '' OR NOT EXISTS (
  SELECT 1 FROM deliveries e
  WHERE e.subscription = d.subscription AND e.ordering_key = d.ordering_key AND e.message_id < d.message_id))`;

export type MessageStore = ReturnType<typeof createMessageStore>;

/** The messages in a database opened by `openStore`. One broker at a time. Times are epoch ms. */
export function createMessageStore(db: DatabaseSync) {
  const insertMessage = db.prepare('INSERT INTO messages VALUES (NULL, ?, ?, ?, ?, ?)');
  const insertDelivery = db.prepare('INSERT INTO deliveries VALUES (?, ?, ?, 0, ?)');
  const selectDue = db.prepare(
    `SELECT m.id, d.attempts, m.data, m.attributes, m.ordering_key, m.published_at
     FROM deliveries d JOIN messages m ON m.id = d.message_id
     WHERE d.subscription = ? AND d.due_at <= ? AND ${mayGo} ORDER BY m.id LIMIT ?`,
  );
  const claimOne = db.prepare(
    'UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE subscription = ? AND message_id = ?',
  );
  const postponeOne = db.prepare('UPDATE deliveries SET due_at = ? WHERE subscription = ? AND message_id = ?');
  const removeDelivery = db.prepare('DELETE FROM deliveries WHERE subscription = ? AND message_id = ?');
  const removeMessage = db.prepare(
    'DELETE FROM messages WHERE id = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.id)',
  );
  const selectNext = db.prepare(`SELECT min(d.due_at) AS next FROM deliveries d WHERE d.subscription = ? AND ${mayGo}`);
  const releaseAll = db.prepare('UPDATE deliveries SET due_at = ? WHERE subscription = ? AND due_at > ?');

  const inTransaction = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    /** Stores the messages for `subscriptions` and answers their ids. Without a subscription a message is dropped, as Pub/Sub does. */
    publish(topic: string, subscriptions: readonly string[], messages: readonly NewMessage[], now: number): string[] {
      return inTransaction(() =>
        messages.map(({ data, attributes, orderingKey }) => {
          const { lastInsertRowid: id } = insertMessage.run(topic, orderingKey, now, JSON.stringify(attributes), data);
          for (const subscription of subscriptions) insertDelivery.run(subscription, id, orderingKey, now);
          if (subscriptions.length === 0) removeMessage.run(id);
          return String(id);
        }),
      );
    },
    /** Takes up to `limit` messages that are due; nobody else is given them before `until`. */
    claim(subscription: string, { now, until, limit }: { now: number; until: number; limit: number }): Delivery[] {
      return inTransaction(() =>
        (selectDue.all(subscription, now, limit) as Row[]).map((row) => {
          claimOne.run(until, subscription, row.id);
          return { message: messageOf(row), attempt: row.attempts + 1 };
        }),
      );
    },
    /** Strikes the message off what is owed to the subscription. */
    acknowledge(subscription: string, messageId: string): void {
      inTransaction(() => {
        removeDelivery.run(subscription, messageId);
        removeMessage.run(messageId);
      });
    },
    /** Not acknowledged: due again at `dueAt`. */
    postpone(subscription: string, messageId: string, dueAt: number): void {
      postponeOne.run(dueAt, subscription, messageId);
    },
    /** When the next message of the subscription is due; undefined: none is owed. */
    nextDueAt(subscription: string): number | undefined {
      const next = selectNext.get(subscription)?.next;
      return typeof next === 'number' ? next : undefined;
    },
    /** After a restart: whatever was in flight or waiting is due now. */
    release(subscription: string, now: number): void {
      releaseAll.run(now, subscription, now);
    },
    /** Forgets messages published before `before`: Pub/Sub's retention. */
    expire(before: number): void {
      inTransaction(() => {
        db.prepare('DELETE FROM deliveries WHERE message_id IN (SELECT id FROM messages WHERE published_at < ?)').run(
          before,
        );
        db.prepare('DELETE FROM messages WHERE published_at < ?').run(before);
      });
    },
  };
}

function messageOf(row: Row): StoredMessage {
  return {
    messageId: String(row.id),
    data: row.data,
    attributes: JSON.parse(row.attributes) as Record<string, string>,
    orderingKey: row.ordering_key,
    publishedAt: row.published_at,
  };
}
