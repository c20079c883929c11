// Pulls what the world was told from the executions topic, and keeps what is needed to judge it.

import type { PubsubRest } from '../support/pubsub-rest.ts';

export type ToldOutcome = {
  readonly executionId: string;
  readonly status: string;
  /** How often it was told: at least once is the promise. */
  times: number;
};

export type OutcomeReader = {
  /** Distinct outcomes by event id. */
  readonly told: ReadonlyMap<string, ToldOutcome>;
  /** Pulls everything that is there now. */
  pull(): Promise<void>;
};

/** Reads the subscription; call `pull` as often as needed. */
export function outcomeReader(pubsub: PubsubRest, subscription: string): OutcomeReader {
  const told = new Map<string, ToldOutcome>();
  return {
    told,
    async pull() {
      for (;;) {
        const messages = await pubsub.pull(subscription, 500);
        if (messages.length === 0) return;
        for (const { message } of messages) {
          const eventId = message.attributes?.['ce-id'] ?? '';
          const known = told.get(eventId);
          if (known !== undefined) known.times += 1;
          else {
            const { executionId, status } = JSON.parse(Buffer.from(message.data ?? '', 'base64').toString());
            told.set(eventId, { executionId, status, times: 1 });
          }
        }
        await pubsub.acknowledge(
          subscription,
          messages.map(({ ackId }) => ackId),
        );
      }
    },
  };
}
