// An engine on the SQLite store and the local Dataflow, its functions served by the functions framework: real wires, no cloud.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { anyCaller, type Caller } from '../../functions/caller.ts';
import { createExecute } from '../../functions/execute.ts';
import { createOnRecommendation } from '../../functions/on-recommendation.ts';
import { createPollJobs } from '../../functions/poll-jobs.ts';
import { type LocalDataflow, startLocalDataflow } from '../../local/dataflow/server.ts';
import { sqliteDocuments } from '../../local/store/sqlite-documents.ts';
import { sqliteLedger } from '../../local/store/sqlite-ledger.ts';
import { sqliteRecommendations } from '../../local/store/sqlite-recommendations.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createEngine, type Engine } from '../../shared/engine/engine.ts';
import type { OutgoingEvent } from '../../shared/engine/ports.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import { temporaryStore } from './sqlite-store.ts';

export type LocalEngine = {
  readonly engine: Engine;
  readonly deps: EngineDeps;
  readonly dataflow: LocalDataflow;
  readonly published: OutgoingEvent[];
  /** The clock of the engine, epoch ms; move it to make things due. */
  readonly clock: { now(): number; forward(ms: number): void };
  /** Serves a function under the framework and answers its URL. */
  serve(name: 'execute' | 'onRecommendation' | 'pollJobs', caller?: Caller): Promise<string>;
  /** The files the store keeps everything in. */
  storeFiles(): string[];
  stop(): Promise<void>;
};

/** Starts one; `config` is the text of a load configuration, `override` replaces ports. */
export async function startLocalEngine(config: string, override: Partial<EngineDeps> = {}): Promise<LocalEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-engine-'));
  const dataflow = await startLocalDataflow({ warehousePath: ':memory:', bucketsDir: folder, startupMs: 1 });
  const jobs = createDataflowJobs({ emulatorHost: dataflow.address });
  const store = temporaryStore();
  const db = store.connect();
  const parsed = parseLoadConfig(config, { file: 'test.yaml', env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const published: OutgoingEvent[] = [];
  const servers: Server[] = [];
  let ahead = 0;
  let tokens = 0;
  const clock = {
    now: () => Date.now() + ahead,
    forward(ms: number) {
      ahead += ms;
    },
  };
  const deps: EngineDeps = {
    ledger: sqliteLedger(db),
    documents: sqliteDocuments(db),
    recommendations: sqliteRecommendations(db),
    jobs,
    outcomes: { publish: async (event) => void published.push(event) },
    config: async () => parsed.config,
    clock,
    tokens: { next: () => `token-${++tokens}` },
    log: silentLog,
    settings: defaultSettings,
    runtime: { projectId: 'demo', region: 'us-central1', environment: 'LOCAL', environmentReason: 'a test' },
    ...override,
  };
  const engine = createEngine(deps);
  return {
    engine,
    deps,
    dataflow,
    published,
    clock,
    async serve(name, caller = anyCaller) {
      const handlers = {
        execute: () => createExecute(engine, caller),
        onRecommendation: () => createOnRecommendation(engine, caller),
        pollJobs: () => createPollJobs(engine, caller, { budgetMs: 50_000 }),
      };
      http(name, handlers[name]());
      const server = getTestServer(name);
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    storeFiles: () => [store.path, `${store.path}-wal`].filter((file) => existsSync(file)),
    async stop() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      await jobs.close();
      await dataflow.stop();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A load `orders` whose jobs walk their states without data (what the engine does is real, what the job does is scripted), and a load
 * `plain` on Google's own template.
 */
export const scriptedConfig = (policy = 'configOnlyRuns: true', runningMs = 20): string => `
sources:
  db: { type: postgres, host: db.internal, database: shop, username: reader, connectionBudget: 64 }
targets:
  warehouse: { type: bigquery, dataset: sales }
loads:
  orders:
    source: db
    target: warehouse
    table: public.orders
    partitionColumn: id
    candidate: { machineType: n2-standard-4, workerCount: 2, shardCount: 8 }
    template:
      containerSpecGcsPath: gs://templates/scripted/orders
      parameters: { runningMs: "${runningMs}", queuedMs: "1", pendingMs: "1" }
  plain:
    source: db
    target: warehouse
    table: public.orders
    partitionColumn: id
policy: { ${policy} }
`;
