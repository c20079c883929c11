// The built functions as processes against Google's emulators and a local Dataflow: one project per suite, protocol times of seconds.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { freePort } from '../../local/free-port.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { builtFunctions } from './built-functions.ts';
import { aRecommendation } from './execution.ts';
import {
  type FirestoreEngine,
  firestoreEngine,
  type TemporaryDataflow,
  temporaryDataflow,
} from './firestore-engine.ts';
import { type FunctionProcess, type FunctionTarget, startFunctionProcess } from './function-process.ts';
import { scriptedConfig } from './local-engine.ts';
import { type PubsubRest, type PulledMessage, pubsubRest } from './pubsub-rest.ts';

/** True where both emulators run. */
export const hasEmulators = inject('firestoreEmulator') !== undefined && inject('pubsubEmulator') !== undefined;

/** The lease is 500 + 1500 + 500 + 2 × 20 ms; a job missing from lists is looked for again after 240 ms. */
const protocolTimes = {
  LAUNCH_DEADLINE_MS: '1500',
  LAUNCH_LATENESS_MS: '500',
  CLOCK_SKEW_MS: '20',
  LAUNCH_SLACK_MS: '500',
  LIST_LAG_MS: '200',
  POLL_YOUNG_MS: '100',
  POLL_STEADY_MS: '100',
  QUEUE_RETRY_MS: '100',
  SETTLE_AFTER_MS: '100',
};

export type FunctionsOnEmulators = {
  readonly dataflow: TemporaryDataflow;
  readonly pubsub: PubsubRest;
  /** Starts an instance; it is ended with the suite if it still lives. `env` is laid over the suite's. */
  start(target: FunctionTarget, env?: Readonly<Record<string, string>>): Promise<FunctionProcess>;
  recommend(runId: string): Promise<void>;
  jobsOf(runId: string): readonly JobRecord[];
  execution(runId: string): Promise<Execution | undefined>;
  /** Writes the execution back as it is, from a client of its own. */
  touch(executionId: string): Promise<'applied' | 'conflict'>;
  list(): Promise<{ readonly executions: readonly Execution[] }>;
  /** The next message of the dead-letter topic, whenever it comes. */
  deadLetter(): Promise<PulledMessage['message']>;
  /** Calls pollJobs until `count` outcomes of the run were pulled from the executions topic, and answers them. */
  outcomesOf(runId: string, poller: FunctionProcess, count?: number): Promise<readonly PulledMessage['message'][]>;
  stop(): Promise<void>;
};

/** Builds the functions and sets up topics `recommendations`, `executions` and `dead-letters` with a reader of the latter two. */
export async function functionsOnEmulators(): Promise<FunctionsOnEmulators> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-functions-'));
  const source = await builtFunctions(folder);
  const projectId = `test-${randomUUID().slice(0, 8)}`;
  const firestoreAddress = inject('firestoreEmulator') ?? '';
  const pubsubAddress = inject('pubsubEmulator') ?? '';
  const dataflow = await temporaryDataflow();
  const records: FirestoreEngine = firestoreEngine({
    address: firestoreAddress,
    dataflow: dataflow.address,
    projectId,
  });
  const pubsub = pubsubRest(pubsubAddress, projectId);
  for (const topic of ['recommendations', 'executions', 'dead-letters']) await pubsub.createTopic(topic);
  for (const topic of ['executions', 'dead-letters']) await pubsub.createSubscription(topic, topic);
  const config = join(folder, 'loads.yaml');
  writeFileSync(config, scriptedConfig('profileAtExecute: false'));
  const processes: FunctionProcess[] = [];
  const told = new Map<string, PulledMessage['message'][]>();

  async function pull(): Promise<void> {
    const messages = await pubsub.pull('executions', 100);
    for (const { message } of messages) {
      const { runId } = JSON.parse(Buffer.from(message.data ?? '', 'base64').toString()) as { runId: string };
      told.set(runId, [...(told.get(runId) ?? []), message]);
    }
    await pubsub.acknowledge(
      'executions',
      messages.map(({ ackId }) => ackId),
    );
  }

  return {
    dataflow,
    pubsub,
    async start(target, env = {}) {
      const instance = await startFunctionProcess({
        source,
        target,
        port: await freePort(0, '--port'),
        output: 'ignore',
        env: {
          ...protocolTimes,
          GOOGLE_CLOUD_PROJECT: projectId,
          REGION: 'us-central1',
          LOAD_CONFIG: config,
          FIRESTORE_EMULATOR_HOST: firestoreAddress,
          PUBSUB_EMULATOR_HOST: pubsubAddress,
          DATAFLOW_EMULATOR_HOST: dataflow.address,
          ...env,
        },
      });
      processes.push(instance);
      return instance;
    },
    async recommend(runId) {
      await records.deps.recommendations.write(aRecommendation({ runId }));
    },
    jobsOf: (runId) => dataflow.jobsOf(projectId, executionIdOf(runId)),
    execution: async (runId) => (await records.engine.read(executionIdOf(runId)))?.value,
    async touch(executionId) {
      const read = await records.engine.read(executionId);
      if (read === undefined) throw new Error(`no execution ${executionId}`);
      return (await records.deps.ledger.replace(read.value, read.version)).kind;
    },
    async list() {
      const page = await records.engine.list({ pageSize: 100 });
      return { executions: page.executions.map(({ value }) => value) };
    },
    async deadLetter() {
      for (;;) {
        const [letter] = await pubsub.pull('dead-letters', 1);
        if (letter !== undefined) {
          await pubsub.acknowledge('dead-letters', [letter.ackId]);
          return letter.message;
        }
        await sleep(50);
      }
    },
    async outcomesOf(runId, poller, count = 1) {
      for (;;) {
        await pull();
        const found = told.get(runId) ?? [];
        if (found.length >= count) return found;
        const answer = await fetch(poller.url, { method: 'POST' });
        if (!answer.ok) throw new Error(`pollJobs answered ${answer.status}: ${await answer.text()}`);
        await answer.arrayBuffer();
        await sleep(50);
      }
    },
    async stop() {
      await Promise.all(processes.map((instance) => instance.end('SIGKILL')));
      await records.close();
      await dataflow.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until `condition` holds; the suite's own time limit ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
