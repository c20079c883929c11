// The Outcomes contract on the local broker.

import { createBroker } from '../../local/broker/broker.ts';
import { brokerOutcomes } from '../../local/broker/broker-outcomes.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { temporaryStore } from '../support/sqlite-store.ts';
import { outcomesContract, type ReceivedEvent } from './outcomes.contract.ts';

outcomesContract('the local broker', async () => {
  const store = temporaryStore();
  const reader = {
    name: 'reader',
    topic: 'executions',
    ackDeadlineMs: 60_000,
    minimumBackoffMs: 1,
    maximumBackoffMs: 1,
  };
  const topology = { projectId: 'demo', topics: ['executions'], subscriptions: [reader] };
  const broker = createBroker({ db: store.connect(), topology, clock: systemClock });
  return {
    outcomes: brokerOutcomes(broker, 'executions'),
    withoutTopic: brokerOutcomes(broker, 'nowhere'),
    // Of one ordering key only the oldest is handed out: take it, acknowledge it, ask again.
    async receive(count) {
      const received: ReceivedEvent[] = [];
      while (received.length < count) {
        const [delivery] = broker.pull('reader', 1) ?? [];
        if (delivery === undefined) throw new Error(`only ${received.length} of ${count} messages are there`);
        const { messageId, data, attributes, orderingKey } = delivery.message;
        received.push({ data: JSON.parse(Buffer.from(data, 'base64').toString('utf8')), attributes, orderingKey });
        broker.acknowledge('reader', [messageId]);
      }
      return received;
    },
    async close() {
      await broker.stop();
      await store.close();
    },
  };
});
