// How messages travel in the local cloud: through its own push broker, or through Google's Pub/Sub emulator.

import { createServer } from 'node:http';
import type { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../shared/base/clock.ts';
import type { Outcomes } from '../../shared/engine/ports.ts';
import { pubsubOutcomes } from '../../shared/gcp/pubsub-outcomes.ts';
import { createBroker } from '../broker/broker.ts';
import { createBrokerApp } from '../broker/broker-app.ts';
import { brokerOutcomes } from '../broker/broker-outcomes.ts';
import { createEmulatorTopology } from '../broker/emulator-topology.ts';
import type { Emulators } from './emulators.ts';
import { listen } from './listen.ts';
import { executionsTopic, localTopology, onRecommendationSubscription } from './topology.ts';

export type Messaging = {
  /** For people. */
  readonly name: string;
  /** Where Pub/Sub's REST calls are answered. */
  readonly url: string;
  readonly outcomes: Outcomes;
  /** From now on recommendation events go to this URL; those that came before too. */
  pushTo(endpoint: string): Promise<void>;
  /** Pushes no more; what comes is kept for the next `pushTo`. */
  pause(): Promise<void>;
  close(): Promise<void>;
};

/** A broker over a database opened by `openStore`, on `port` (0: any free one). */
export async function ownBroker(db: DatabaseSync, projectId: string, port: number): Promise<Messaging> {
  const broker = createBroker({ db, topology: localTopology(projectId), clock: systemClock });
  const served = await listen(createServer(createBrokerApp(broker)), port, '--pubsub-port');
  return {
    name: 'built in',
    url: served.url,
    outcomes: brokerOutcomes(broker, executionsTopic),
    pushTo: async (endpoint) => void broker.pushTo(onRecommendationSubscription, endpoint),
    pause: () => broker.stop(),
    async close() {
      await served.close();
      await broker.stop();
    },
  };
}

/** Topics and subscriptions on the emulator at `host`, made where they are missing. The client itself reads PUBSUB_EMULATOR_HOST. */
export async function pubsubEmulator(
  host: string,
  { projectId }: Emulators,
  onTrouble: (problem: string) => void,
): Promise<Messaging> {
  const topology = createEmulatorTopology(host, localTopology(projectId));
  await topology.make();
  const outcomes = pubsubOutcomes({ projectId, topic: executionsTopic });
  return {
    name: `Pub/Sub emulator at ${host}`,
    url: `http://${host}`,
    outcomes,
    pushTo: (endpoint) => topology.pushTo(onRecommendationSubscription, endpoint),
    async pause() {
      try {
        await topology.pushTo(onRecommendationSubscription, undefined);
      } catch (error) {
        // It may have been stopped first; then there is nothing left to pause.
        onTrouble(`the Pub/Sub emulator at ${host} could not be told to push no more: ${String(error)}`);
      }
    },
    close: () => outcomes.close(),
  };
}
