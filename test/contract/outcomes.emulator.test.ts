// The Outcomes contract on Google's Pub/Sub emulator.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, inject } from 'vitest';
import { pubsubOutcomes } from '../../shared/gcp/pubsub-outcomes.ts';
import { pubsubRest } from '../support/pubsub-rest.ts';
import { outcomesContract, type ReceivedEvent } from './outcomes.contract.ts';

const address = inject('pubsubEmulator');

describe.runIf(address !== undefined)('on the emulator', () => {
  outcomesContract('Pub/Sub', async () => {
    // The client reads the variable when it is made; it is the documented way to reach the emulator.
    process.env.PUBSUB_EMULATOR_HOST = address;
    const projectId = `test-${randomUUID().slice(0, 8)}`;
    const pubsub = pubsubRest(address ?? '', projectId);
    await pubsub.createTopic('executions');
    await pubsub.createSubscription('reader', 'executions', { enableMessageOrdering: true });
    const outcomes = pubsubOutcomes({ projectId, topic: 'executions' });
    const withoutTopic = pubsubOutcomes({ projectId, topic: 'nowhere' });
    return {
      outcomes,
      withoutTopic,
      // Of one ordering key the next is handed out once the one before is acknowledged.
      async receive(count) {
        const received: ReceivedEvent[] = [];
        while (received.length < count) {
          const messages = await pubsub.pull('reader', count - received.length);
          for (const { message } of messages) {
            const data = JSON.parse(Buffer.from(message.data ?? '', 'base64').toString('utf8'));
            received.push({ data, attributes: message.attributes ?? {}, orderingKey: message.orderingKey ?? '' });
          }
          await pubsub.acknowledge(
            'reader',
            messages.map(({ ackId }) => ackId),
          );
          if (messages.length === 0) await sleep(20);
        }
        return received;
      },
      async close() {
        await Promise.all([outcomes.close(), withoutTopic.close()]);
      },
    };
  });
});
