// Replaying dead letters on Google's Pub/Sub emulator: from the dead-letter subscription back to the topic, byte for byte.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { replayDeadLetters } from '../../local/replay-dead-letters.ts';
import { pubsubDeadLetters } from '../../shared/gcp/dead-letters.ts';
import { type PubsubRest, pubsubRest } from '../support/pubsub-rest.ts';

const address = inject('pubsubEmulator');

describe.runIf(address !== undefined)('on the emulator', () => {
  const project = `test-${randomUUID().slice(0, 8)}`;
  let pubsub: PubsubRest;
  let letters: ReturnType<typeof pubsubDeadLetters>;
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);

  beforeAll(async () => {
    pubsub = pubsubRest(address ?? '', project);
    await pubsub.createTopic('recommendations');
    await pubsub.createTopic('dead');
    await pubsub.createSubscription('recommendations', 'recommendations');
    await pubsub.createSubscription('dead', 'dead', { ackDeadlineSeconds: 60 });
    await pubsub.publish('dead', [{ data: { runId: 'run-1' } }, { data: { runId: 'run-2' } }]);
    letters = pubsubDeadLetters({
      subscription: `projects/${project}/subscriptions/dead`,
      topic: pubsub.topicName('recommendations'),
      emulatorHost: address ?? '',
      pullTimeoutMs: 4_000,
    });
  });
  afterAll(() => letters?.close());

  test('a look changes nothing', async () => {
    expect(await replayDeadLetters(letters, { yes: false, limit: 10, tell })).toEqual({
      seen: 2,
      published: 0,
      refused: 0,
    });
    expect(told.map((line) => line.split(': ')[1]).sort()).toEqual(['run run-1', 'run run-2']);
    expect(await pubsub.pull('recommendations', 10)).toEqual([]);
  });

  test('a replay publishes each once more and empties the subscription', async () => {
    expect(await replayDeadLetters(letters, { yes: true, limit: 10, tell })).toEqual({
      seen: 2,
      published: 2,
      refused: 0,
    });
    const arrived = await pubsub.pull('recommendations', 10);
    const runs = arrived.map(({ message }) => Buffer.from(message.data ?? '', 'base64').toString('utf8'));
    expect(runs.sort()).toEqual(['{"runId":"run-1"}', '{"runId":"run-2"}']);
    expect(await replayDeadLetters(letters, { yes: false, limit: 10, tell })).toEqual({
      seen: 0,
      published: 0,
      refused: 0,
    });
  });
});
