// The Outcomes port on the local broker: the same message as on Pub/Sub.

import { EngineError } from '../../shared/base/errors.ts';
import { cloudEventAttributes } from '../../shared/engine/cloud-event-attributes.ts';
import type { Outcomes } from '../../shared/engine/ports.ts';
import type { Broker } from './broker.ts';

/** Publishes to `topic` of the broker. Throws EngineError NOT_FOUND when the broker has no such topic. */
export function brokerOutcomes(broker: Broker, topic: string): Outcomes {
  return {
    async publish(event) {
      const ids = broker.publish(topic, [
        {
          data: Buffer.from(JSON.stringify(event.data)).toString('base64'),
          attributes: cloudEventAttributes(event),
          orderingKey: event.orderingKey,
        },
      ]);
      if (ids === undefined) throw new EngineError('NOT_FOUND', `publish to ${topic}: there is no such topic`);
    },
  };
}
