// The Outcomes port on Pub/Sub: one message per event, ordering key = execution id, CloudEvents attributes in binary mode.

import { PubSub } from '@google-cloud/pubsub';
import { cloudEventAttributes } from '../engine/cloud-event-attributes.ts';
import type { Outcomes } from '../engine/ports.ts';
import { translated } from './grpc-errors.ts';

/**
 * Publishes and waits for the answer: nothing may be left behind when the request ends, because the instance may freeze then. A
 * failed publish resumes its ordering key, or the client would refuse every later event of that execution. `timeoutMs` ends its retries: the
 * client itself goes on for ten minutes, and a few dozen such waits would hold up the tick and everything in it.
 */
export function pubsubOutcomes(options: {
  readonly projectId: string;
  readonly topic: string;
  readonly timeoutMs?: number;
}): Outcomes & { close(): Promise<void> } {
  const { timeoutMs = 10_000 } = options;
  let client: PubSub | undefined;
  const topic = () => {
    client ??= new PubSub({ projectId: options.projectId });
    return client.topic(options.topic, {
      messageOrdering: true,
      batching: { maxMessages: 1 },
      gaxOpts: { timeout: timeoutMs },
    });
  };
  return {
    async publish(event) {
      const target = topic();
      await translated(`publish to ${options.topic}`, async () => {
        try {
          await target.publishMessage({
            data: Buffer.from(JSON.stringify(event.data)),
            attributes: cloudEventAttributes(event),
            orderingKey: event.orderingKey,
          });
        } catch (error) {
          target.resumePublishing(event.orderingKey);
          throw error;
        }
      });
    },
    async close() {
      await client?.close();
    },
  };
}
