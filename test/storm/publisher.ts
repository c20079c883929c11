// Writes the recommendations and publishes each of them many times, close together and long after, as a troubled Pub/Sub would deliver them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Recommendations } from '../../shared/engine/ports.ts';
import type { PubsubRest } from '../support/pubsub-rest.ts';
import { stormRecommendation } from './storm-settings.ts';

/** One in so many recommendations is written only after its first event was published: Pub/Sub may outrun Firestore. */
const lateEvery = 40;
const lateMs = 1_500;
/** Messages of one publish call. */
const batch = 4;

/**
 * Publishes every recommendation `deliveries` times over the topics. `outstanding` tells how many published messages are not
 * acknowledged yet; publishing pauses while that is `window` or more. Answers how many messages were published.
 */
export async function publishAll(options: {
  readonly pubsub: PubsubRest;
  readonly recommendations: Recommendations;
  readonly topics: readonly string[];
  readonly count: number;
  readonly deliveries: number;
  readonly window: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  outstanding(): number;
  onPublished(messages: number): void;
  /** Called with every run once its document is there. */
  onWritten(runId: string): void;
}): Promise<void> {
  const { pubsub, recommendations, topics, signal } = options;
  const late: Promise<void>[] = [];
  const written = new Set<number>();
  const write = async (index: number): Promise<void> => {
    const recommendation = stormRecommendation(index);
    await recommendations.write(recommendation);
    options.onWritten(recommendation.runId);
  };
  const order = publishOrder(options.count, options.deliveries, options.random);
  for (let from = 0, turn = 0; from < order.length && !signal.aborted; from += batch, turn += 1) {
    const chunk = order.slice(from, from + batch);
    for (const index of new Set(chunk)) {
      if (written.has(index)) continue;
      written.add(index);
      if (index % lateEvery === lateEvery - 1) late.push(sleep(lateMs).then(() => write(index)));
      else await write(index);
    }
    while (options.outstanding() >= options.window && !signal.aborted) await sleep(10);
    const topic = topics[turn % topics.length] ?? '';
    await pubsub.publish(
      topic,
      chunk.map((index) => ({ data: { runId: stormRecommendation(index).runId } })),
    );
    options.onPublished(chunk.length);
  }
  await Promise.all(late);
}

/** Indexes in publishing order: most copies of a recommendation follow each other closely, one in four comes any time later. */
function publishOrder(count: number, deliveries: number, random: () => number): number[] {
  const copies = Array.from({ length: count * deliveries }, (_, copy) => {
    const index = copy % count;
    const delay = random() < 0.25 ? random() * (count - index) : random() * 4;
    return { index, at: copy < count ? index : index + delay };
  });
  return copies.sort((left, right) => left.at - right.at).map(({ index }) => index);
}
