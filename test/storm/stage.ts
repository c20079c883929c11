// Sets the stage of a storm: emulators, the local Dataflow, the functions, topics and subscriptions; takes all of it down again.

import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Documents, Ledger, Recommendations } from '../../shared/engine/ports.ts';
import { createFirestore } from '../../shared/gcp/firestore-client.ts';
import { firestoreDocuments } from '../../shared/gcp/firestore-documents.ts';
import { firestoreLedger } from '../../shared/gcp/firestore-ledger.ts';
import { firestoreRecommendations } from '../../shared/gcp/firestore-recommendations.ts';
import { builtFunctions } from '../support/built-functions.ts';
import { type DataflowProcess, startDataflowProcess } from '../support/dataflow-process.ts';
import { type PubsubRest, pubsubRest } from '../support/pubsub-rest.ts';
import { startEmulator } from '../support/start-emulators.ts';
import { type Front, startFront } from './front.ts';
import { type Instances, keepInstances } from './instances.ts';
import { type OpenMessages, openMessages } from './open-messages.ts';
import { outcomesTopic, projectId, protocolTimes, region, stormConfig, stormFaults } from './storm-settings.ts';

export type Stage = {
  readonly pubsub: PubsubRest;
  readonly dataflow: DataflowProcess;
  readonly instances: Instances;
  readonly front: Front;
  readonly messages: OpenMessages;
  /** Topics the recommendations are published on, each with one push subscription to the front. */
  readonly topics: readonly string[];
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly recommendations: Recommendations;
  /** File with the log of all functions. */
  readonly logFile: string;
  /** Ends every process; `keep` leaves the folder with logs and Dataflow's state. */
  strike(options: { readonly keep: boolean }): Promise<void>;
};

/** The emulator pushes two messages of a subscription at a time (measured, whatever the cores): many in flight need many of them. */
const pushesPerSubscription = 2;

/** Longest pause before a refused message is delivered again. */
const maximumBackoffMs = 5_000;

/** Builds everything up; what was started is ended again when a part of it fails. */
export async function setStage(options: {
  readonly inFlight: number;
  readonly seed: number;
  readonly instances: { readonly onRecommendation: number; readonly pollJobs: number; readonly execute: number };
  readonly endings: (() => Promise<unknown> | unknown)[];
}): Promise<Stage> {
  const { endings } = options;
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-storm-'));
  const source = await builtFunctions(folder);
  const started = await Promise.allSettled([
    startEmulator(['emulators', 'firestore', 'start'], /Dev App Server is now running/),
    startEmulator(['beta', 'emulators', 'pubsub', 'start'], /Server started, listening on/),
    startDataflowProcess({ folder: join(folder, 'dataflow'), faults: stormFaults(options.seed) }),
  ]);
  for (const one of started) if (one.status === 'fulfilled') endings.push(() => one.value.stop());
  const [firestoreEmulator, pubsubEmulator, dataflow] = started.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  }) as [{ address: string }, { address: string }, DataflowProcess];

  process.env.FIRESTORE_EMULATOR_HOST = firestoreEmulator.address;
  const firestore = createFirestore({ projectId, emulator: true });
  endings.push(() => firestore.terminate());
  const config = join(folder, 'storm.yaml');
  writeFileSync(config, stormConfig());
  const logFile = join(folder, 'functions.log');
  const instances = await keepInstances({
    source,
    counts: options.instances,
    output: openSync(logFile, 'a'),
    env: {
      ...Object.fromEntries(Object.entries(protocolTimes).map(([name, value]) => [name, String(value)])),
      GOOGLE_CLOUD_PROJECT: projectId,
      REGION: region,
      LOAD_CONFIG: config,
      OUTCOMES_TOPIC: outcomesTopic,
      FIRESTORE_EMULATOR_HOST: firestoreEmulator.address,
      PUBSUB_EMULATOR_HOST: pubsubEmulator.address,
      DATAFLOW_EMULATOR_HOST: dataflow.address,
      // A third of a cold start is compiling (measured); an image would carry the cache.
      NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    },
  });
  endings.push(() => instances.stop());
  const messages = openMessages({ afterMs: 2 * maximumBackoffMs });
  const front = await startFront({
    perInstance: Math.ceil(options.inFlight / options.instances.onRecommendation),
    living: () => instances.living().filter(({ target }) => target === 'onRecommendation'),
    messages,
  });
  endings.push(() => front.close());
  const pubsub = pubsubRest(pubsubEmulator.address, projectId);
  const topics = await createTopology(pubsub, front.url, Math.ceil(options.inFlight / pushesPerSubscription));
  return {
    pubsub,
    dataflow,
    instances,
    front,
    messages,
    topics,
    ledger: firestoreLedger(firestore),
    documents: firestoreDocuments(firestore),
    recommendations: firestoreRecommendations(firestore),
    logFile,
    async strike({ keep }) {
      for (const end of endings.splice(0).reverse()) await end();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Topics with push subscriptions that back off and dead-letter, and subscriptions to pull outcomes and dead letters from. */
async function createTopology(pubsub: PubsubRest, pushEndpoint: string, shards: number): Promise<string[]> {
  for (const topic of ['dead-letters', outcomesTopic]) {
    await pubsub.createTopic(topic);
    await pubsub.createSubscription(topic, topic, { ackDeadlineSeconds: 60 });
  }
  const topics = Array.from({ length: shards }, (_, index) => `recommendations-${index + 1}`);
  for (const topic of topics) {
    await pubsub.createTopic(topic);
    await pubsub.createSubscription(topic, topic, {
      ackDeadlineSeconds: 20,
      pushConfig: { pushEndpoint },
      retryPolicy: { minimumBackoff: '1s', maximumBackoff: `${maximumBackoffMs / 1000}s` },
      deadLetterPolicy: { deadLetterTopic: pubsub.topicName('dead-letters'), maxDeliveryAttempts: 40 },
    });
  }
  return topics;
}
