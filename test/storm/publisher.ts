// Writes the recommendations and publishes each of them many times, close together and long after, as a troubled Pub/Sub would deliver them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Recommendations } from '../../shared/engine/ports.ts';
import type { PubsubRest } from '../support/pubsub-rest.ts';
import type { OpenMessages } from './open-messages.ts';
import { stormRecommendation } from './storm-settings.ts';

/** One in so many recommendations is written only after its first event was published: Pub/Sub may outrun Firestore. */
const lateEvery = 40;
const lateMs = 1_500;
/** Messages of one publish call. */
const batch = 4;

/**
 * Publishes every recommendation up to `deliveries` times over the topics, and answers once all messages are acknowledged or the signal
 * fires. Publishing pauses while the emulator is
 * busy with `window` of them.
 */
export async function publishAll(options: {
  readonly pubsub: PubsubRest;
  readonly recommendations: Recommendations;
  readonly messages: OpenMessages;
  readonly topics: readonly string[];
  readonly count: number;
  readonly deliveries: number;
  readonly window: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly counts: { published: number; forgotten: number };
  /** Called with every run once its document is there. */
  onWritten(runId: string): void;
}): Promise<void> {
  const { pubsub, recommendations, messages, topics, signal, counts } = options;
  const late: Promise<void>[] = [];
  const written = new Set<number>();
  let turn = 0;

  async function write(index: number): Promise<void> {
    const recommendation = stormRecommendation(index);
    await recommendations.write(recommendation);
    options.onWritten(recommendation.runId);
  }

  async function publish(runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
    turn += 1;
    const topic = topics[turn % topics.length] ?? '';
    messages.published(
      topic,
      await pubsub.publish(
        topic,
        runIds.map((runId) => ({ data: { runId } })),
      ),
      runIds,
    );
    counts.published += runIds.length;
  }

  /** Publishes again what the emulator forgot, until `done`. */
  async function wait(done: () => boolean): Promise<void> {
    while (!done() && !signal.aborted) {
      await sleep(20);
      const forgotten = messages.forgotten();
      counts.forgotten += forgotten.length;
      await publish(forgotten);
    }
  }

  const order = publishOrder(options.count, options.deliveries, options.random);
  for (let from = 0; from < order.length && !signal.aborted; from += batch) {
    const chunk = order.slice(from, from + batch);
    for (const index of new Set(chunk)) {
      if (written.has(index)) continue;
      written.add(index);
      if (index % lateEvery === lateEvery - 1) late.push(sleep(lateMs).then(() => write(index)));
      else await write(index);
    }
    await wait(() => messages.busy() < options.window);
    await publish(chunk.map((index) => stormRecommendation(index).runId));
  }
  await Promise.all(late);
  await wait(() => messages.count() === 0);
}

/**
 * Indexes in publishing order, 1 to `deliveries` of each, a third of that on average: kills and refusals add deliveries of their own.
 * Most copies follow each other closely, one in four comes any time later.
 */
function publishOrder(count: number, deliveries: number, random: () => number): number[] {
  const copies = Array.from({ length: count }, (_, index) => {
    const further = Math.floor(random() ** 2 * deliveries);
    const times = Array.from({ length: further }, () => (random() < 0.25 ? random() * (count - index) : random() * 4));
    return [0, ...times].map((delay) => ({ index, at: index + delay }));
  });
  return copies
    .flat()
    .sort((left, right) => left.at - right.at)
    .map(({ index }) => index);
}
