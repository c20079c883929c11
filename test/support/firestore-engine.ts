// An engine on Google's Firestore emulator and a local Dataflow, with a clock to move: real wires, scripted jobs, no waiting.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Firestore } from '@google-cloud/firestore';
import type { FaultInput } from '../../local/dataflow/fault-schema.ts';
import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { type LocalDataflow, startLocalDataflow } from '../../local/dataflow/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createEngine, type Engine } from '../../shared/engine/engine.ts';
import type { OutgoingEvent } from '../../shared/engine/ports.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';
import { createFirestore } from '../../shared/gcp/firestore-client.ts';
import { firestoreDocuments } from '../../shared/gcp/firestore-documents.ts';
import { firestoreLedger } from '../../shared/gcp/firestore-ledger.ts';
import { firestoreRecommendations } from '../../shared/gcp/firestore-recommendations.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import { scriptedConfig } from './local-engine.ts';

export type FirestoreEngine = {
  readonly engine: Engine;
  readonly deps: EngineDeps;
  readonly firestore: Firestore;
  readonly published: OutgoingEvent[];
  readonly clock: { now(): number; forward(ms: number): void };
  close(): Promise<void>;
};

/** An engine of project `projectId` (default: one of its own) whose Firestore is at `address`. Any number may share both. */
export function firestoreEngine(options: {
  readonly address: string;
  /** host:port of the local Dataflow. */
  readonly dataflow: string;
  readonly projectId?: string;
  /** How long its jobs run, in ms; default 20. */
  readonly runningMs?: number;
  readonly override?: Partial<EngineDeps>;
}): FirestoreEngine {
  // The client reads the variable when it is made; it is the documented way to reach the emulator.
  process.env.FIRESTORE_EMULATOR_HOST = options.address;
  const projectId = options.projectId ?? `test-${randomUUID().slice(0, 8)}`;
  const firestore = createFirestore({ projectId, emulator: true });
  const jobs = createDataflowJobs({ emulatorHost: options.dataflow });
  const config = scriptedConfig('profileAtExecute: false', options.runningMs);
  const parsed = parseLoadConfig(config, { file: 'test.yaml', env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const published: OutgoingEvent[] = [];
  let aheadMs = 0;
  const clock = {
    now: () => Date.now() + aheadMs,
    forward(ms: number) {
      aheadMs += ms;
    },
  };
  const deps: EngineDeps = {
    ledger: firestoreLedger(firestore),
    documents: firestoreDocuments(firestore),
    recommendations: firestoreRecommendations(firestore),
    jobs,
    outcomes: { publish: async (event) => void published.push(event) },
    config: async () => parsed.config,
    clock,
    tokens: { next: randomUUID },
    log: silentLog,
    settings: defaultSettings,
    runtime: { projectId, region: 'us-central1', environment: 'LOCAL', environmentReason: 'a test' },
    ...options.override,
  };
  return {
    engine: createEngine(deps),
    deps,
    firestore,
    published,
    clock,
    async close() {
      await firestore.terminate();
      await jobs.close();
    },
  };
}

export type TemporaryDataflow = LocalDataflow & {
  /** The jobs an execution of that project made. */
  jobsOf(projectId: string, executionId: string): JobRecord[];
};

/** A local Dataflow in this process with a folder of its own. */
export async function temporaryDataflow(faults: readonly FaultInput[] = []): Promise<TemporaryDataflow> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-dataflow-'));
  const dataflow = await startLocalDataflow({ warehousePath: ':memory:', bucketsDir: folder, startupMs: 1, faults });
  return {
    ...dataflow,
    jobsOf: (project, executionId) =>
      dataflow
        .jobs()
        .filter(({ projectId, labels }) => projectId === project && labels['streamnova-execution'] === executionId),
    async stop() {
      await dataflow.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
