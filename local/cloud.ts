// The local cloud: every port of the engine on one machine, its functions served over HTTP, its Dataflow over gRPC. No account needed.

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../shared/base/clock.ts';
import { createLog } from '../shared/base/log.ts';
import { createEngine, type Engine } from '../shared/engine/engine.ts';
import type { EngineSettings } from '../shared/engine/settings.ts';
import { createDataflowJobs } from '../shared/gcp/dataflow-jobs.ts';
import { createProfiler } from '../shared/sql/profiler.ts';
import { type Broker, createBroker } from './broker/broker.ts';
import { createBrokerApp } from './broker/broker-app.ts';
import { brokerOutcomes } from './broker/broker-outcomes.ts';
import { listen } from './cloud/listen.ts';
import { type LocalConfigOptions, localConfig, sourceSecrets } from './cloud/local-config.ts';
import { localSecrets } from './cloud/local-secrets.ts';
import { localSettings } from './cloud/local-settings.ts';
import { serveFunctions } from './cloud/serve-functions.ts';
import type { SourceAddress } from './cloud/source-url.ts';
import type { StateFolder } from './cloud/state-folder.ts';
import { createStatusEvents } from './cloud/status-events.ts';
import { startTicker } from './cloud/ticker.ts';
import {
  executionsTopic,
  localProject,
  localRegion,
  localTopology,
  onRecommendationSubscription,
} from './cloud/topology.ts';
import { type LocalDataflow, startLocalDataflow } from './dataflow/server.ts';
import { freePort } from './free-port.ts';
import { openStore } from './store/open-store.ts';
import { sqliteDocuments } from './store/sqlite-documents.ts';
import { sqliteLedger } from './store/sqlite-ledger.ts';
import { sqliteRecommendations } from './store/sqlite-recommendations.ts';

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
  readonly engine: Engine;
  readonly broker: Broker;
  readonly dataflow: LocalDataflow;
  /** Ends everything, last started first; nothing is left running. */
  stop(): Promise<void>;
};

/** Starts it. What was started is stopped again when a later part does not start. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  await using started = new AsyncDisposableStack();
  const { state, source, env, ports = {} } = options;
  const secrets = localSecrets({ ...env, ...sourceSecrets(source) });
  const config = localConfig({
    location: options.config ?? join(import.meta.dirname, 'streamnova.yaml'),
    source,
    env,
    clock: systemClock,
    ...(options.table === undefined ? {} : { table: options.table }),
  });
  const datasets = Object.values((await config()).targets).flatMap(({ dataset }) => dataset ?? []);

  const db = openStore(state.ledgerFile, systemClock.now());
  started.defer(async () => db.close());
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

  const broker = createBroker({ db, topology: localTopology(), clock: systemClock });
  started.defer(() => broker.stop());
  const log = createLog(options.write);
  const engine = createEngine({
    ledger: sqliteLedger(db),
    documents: sqliteDocuments(db),
    recommendations: sqliteRecommendations(db),
    jobs,
    outcomes: brokerOutcomes(broker, executionsTopic),
    profiler: createProfiler({ resolveSecret: secrets.resolve, connectTimeoutMs: 5_000 }),
    config,
    clock: systemClock,
    tokens: { next: randomUUID },
    // Several idle ticks a second say nothing.
    log: (moment, fields) => (moment === 'tick' && fields?.count === 0 ? undefined : log(moment, fields)),
    settings: { ...localSettings, ...options.settings },
    runtime: {
      projectId: localProject,
      region: localRegion,
      environment: 'LOCAL',
      environmentReason: `this is the local cloud, its Dataflow listens on ${dataflow.address}`,
    },
  });
  const functions = await serveFunctions(engine, ports.api ?? 0);
  started.defer(() => functions.close());
  const pubsub = await listen(createServer(createBrokerApp(broker)), ports.pubsub ?? 0, '--pubsub-port');
  started.defer(() => pubsub.close());
  const ticker = startTicker(functions.pollJobs.url, options.tickMs, options.write);
  started.defer(() => ticker.stop());
  statusEvents.deliverTo(functions.pollJobs.url);
  started.defer(() => statusEvents.stop());

  // Stopped first, before the functions and the engine they speak to.
  broker.pushTo(onRecommendationSubscription, functions.onRecommendation.url);
  started.defer(() => broker.stop());

  const running = started.move();
  return {
    api: functions.execute.url,
    pubsub: pubsub.url,
    pollJobs: functions.pollJobs.url,
    projectId: localProject,
    engine,
    broker,
    dataflow,
    stop: () => running.disposeAsync(),
  };
}
