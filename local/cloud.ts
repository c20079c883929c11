// The local cloud: every port of the engine on one machine, its functions served over HTTP, its Dataflow over gRPC. No account needed.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../shared/base/clock.ts';
import { createLog } from '../shared/base/log.ts';
import { createEngine, type Engine } from '../shared/engine/engine.ts';
import type { EngineSettings } from '../shared/engine/settings.ts';
import { createDataflowJobs } from '../shared/gcp/dataflow-jobs.ts';
import { createProfiler } from '../shared/sql/profiler.ts';
import type { Emulators } from './cloud/emulators.ts';
import { type LocalConfigOptions, localConfig, sourceSecrets } from './cloud/local-config.ts';
import { localSecrets } from './cloud/local-secrets.ts';
import { localSettings } from './cloud/local-settings.ts';
import { ownBroker, pubsubEmulator } from './cloud/messaging.ts';
import { firestoreRecords, sqliteRecords } from './cloud/records.ts';
import { serveFunctions } from './cloud/serve-functions.ts';
import type { SourceAddress } from './cloud/source-url.ts';
import type { StateFolder } from './cloud/state-folder.ts';
import { createStatusEvents } from './cloud/status-events.ts';
import { startTicker } from './cloud/ticker.ts';
import { localProject, localRegion } from './cloud/topology.ts';
import { type LocalDataflow, startLocalDataflow } from './dataflow/server.ts';
import { freePort } from './free-port.ts';
import { openStore } from './store/open-store.ts';

export type LocalCloudOptions = {
  readonly state: StateFolder;
  readonly source: SourceAddress;
  /** YAML file; default: local/streamnova.yaml. */
  readonly config?: string;
  readonly table?: LocalConfigOptions['table'];
  /** 0 or absent: any free port. */
  readonly ports?: { readonly api?: number; readonly pubsub?: number; readonly dataflow?: number };
  /** Pause between two ticks of pollJobs. */
  readonly tickMs: number;
  readonly settings?: Partial<EngineSettings>;
  /** Google's emulators in the place of parts of it; absent: none. */
  readonly emulators?: Emulators;
  /** The engine's log lines, and what goes wrong in the background. */
  readonly write: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type LocalCloud = {
  /** Base URLs, `http://127.0.0.1:PORT`. */
  readonly api: string;
  readonly pubsub: string;
  readonly pollJobs: string;
  readonly projectId: string;
  /** What keeps the ledger and what carries the events, for people. */
  readonly store: string;
  readonly broker: string;
  readonly engine: Engine;
  readonly dataflow: LocalDataflow;
  /** Ends everything, last started first; nothing is left running. */
  stop(): Promise<void>;
};

/** Starts it. What was started is stopped again when a later part does not start. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  await using started = new AsyncDisposableStack();
  const { state, source, env, ports = {}, emulators = { projectId: localProject } } = options;
  const { projectId } = emulators;
  const secrets = localSecrets({ ...env, ...sourceSecrets(source) });
  const config = localConfig({
    location: options.config ?? join(import.meta.dirname, 'streamnova.yaml'),
    source,
    env,
    clock: systemClock,
    ...(options.table === undefined ? {} : { table: options.table }),
  });
  const datasets = Object.values((await config()).targets).flatMap(({ dataset }) => dataset ?? []);

  let opened: DatabaseSync | undefined;
  /** Opened only for what no emulator takes over. */
  const sqlite = (): DatabaseSync => {
    if (opened === undefined) {
      const db = openStore(state.ledgerFile, systemClock.now());
      started.defer(async () => db.close());
      opened = db;
    }
    return opened;
  };
  const { firestore, pubsub } = emulators;
  const records = firestore === undefined ? sqliteRecords(sqlite()) : firestoreRecords(firestore, emulators);
  started.defer(records.close);
  const messaging =
    pubsub === undefined
      ? await ownBroker(sqlite(), projectId, ports.pubsub ?? 0)
      : await pubsubEmulator(pubsub, emulators, options.write);
  started.defer(messaging.close);
  const statusEvents = createStatusEvents(options.write);
  const dataflow = await startLocalDataflow({
    warehousePath: state.warehouseFile,
    datasets: [...new Set(datasets)],
    bucketsDir: state.bucketsFolder,
    statePath: state.jobsFile,
    resolveSecret: secrets.lookUp,
    onStateChange: statusEvents.take,
    port: await freePort(ports.dataflow ?? 0, '--dataflow-port'),
  });
  started.defer(() => dataflow.stop());
  const jobs = createDataflowJobs({ emulatorHost: dataflow.address });
  started.defer(() => jobs.close());

  const log = createLog(options.write);
  const engine = createEngine({
    ledger: records.ledger,
    documents: records.documents,
    recommendations: records.recommendations,
    jobs,
    outcomes: messaging.outcomes,
    profiler: createProfiler({ resolveSecret: secrets.resolve, connectTimeoutMs: 5_000, clock: systemClock }),
    config,
    clock: systemClock,
    tokens: { next: randomUUID },
    // Several idle ticks a second say nothing.
    log: (moment, fields) => (moment === 'tick' && fields?.count === 0 ? undefined : log(moment, fields)),
    settings: { ...localSettings, ...options.settings },
    runtime: {
      projectId,
      region: localRegion,
      environment: 'LOCAL',
      environmentReason: `this is the local cloud, its Dataflow listens on ${dataflow.address}`,
    },
  });
  const functions = await serveFunctions(engine, ports.api ?? 0);
  started.defer(() => functions.close());
  const ticker = startTicker(functions.pollJobs.url, options.tickMs, options.write);
  started.defer(() => ticker.stop());
  statusEvents.deliverTo(functions.pollJobs.url);
  started.defer(() => statusEvents.stop());

  // Stopped first, before the functions and the engine they speak to.
  started.defer(() => messaging.pause());
  await messaging.pushTo(functions.onRecommendation.url);

  const running = started.move();
  return {
    api: functions.execute.url,
    pubsub: messaging.url,
    pollJobs: functions.pollJobs.url,
    projectId,
    store: records.name,
    broker: messaging.name,
    engine,
    dataflow,
    stop: () => running.disposeAsync(),
  };
}
