// Starts the local Dataflow service: google.dataflow.v1beta3 over gRPC on the loopback interface, with jobs that really load data.

import { rm } from 'node:fs/promises';
import { Server, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { createCallHandlers } from './call-handlers.ts';
import type { FaultInput } from './fault-schema.ts';
import { createFaultScript } from './faults.ts';
import { createJobMoves, type OnStateChange } from './job-moves.ts';
import type { JobRecord } from './job-record.ts';
import { createJobRunner } from './job-runner.ts';
import { openJobStore } from './job-store.ts';
import { createListener } from './listener.ts';
import { createPrepareLoad } from './load/prepare-load.ts';
import { advanceScripted, nextDue } from './scripted-jobs.ts';
import { addScriptedJobs, type ScriptedJobs } from './scripted-records.ts';
import type { ResolveSecret } from './secret-version.ts';
import { type ServiceName, serviceDefinition, serviceNames } from './service-definitions.ts';
import { createBuckets } from './storage.ts';
import { openWarehouse, type Warehouse } from './warehouse/warehouse.ts';

export type LocalDataflowOptions = {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** DuckDB file, or `:memory:`; shared with an open warehouse of the same path in this process. */
  readonly warehousePath: string;
  /** Datasets to create if they are missing; loads never create one, as in BigQuery. */
  readonly datasets?: readonly string[];
  /** gs://BUCKET/PATH is the file BUCKET/PATH in here. */
  readonly bucketsDir: string;
  /** SQLite file of the jobs; absent: they end with the service. */
  readonly statePath?: string;
  readonly resolveSecret?: ResolveSecret;
  readonly faults?: readonly FaultInput[];
  /** Added to every call, in ms. */
  readonly latencyMs?: number;
  /** Length of QUEUED and of PENDING, in ms each; default 150. */
  readonly startupMs?: number;
  /** Clock of the records, epoch ms. */
  readonly now?: () => number;
  /** Hears of every change of a job's state: what Dataflow tells Eventarc. */
  readonly onStateChange?: OnStateChange;
};

export type LocalDataflow = {
  readonly host: string;
  readonly port: number;
  /** `127.0.0.1:PORT`, for DATAFLOW_EMULATOR_HOST. */
  readonly address: string;
  readonly warehouse: Warehouse;
  /** Every job ever accepted, oldest first: the service's own record. */
  jobs(): readonly JobRecord[];
  /** Replaces the fault script; throws if it is not valid. */
  setFaults(faults: readonly FaultInput[]): void;
  /** Adds jobs without data; returns their records. */
  addScriptedJobs(spec: ScriptedJobs): readonly JobRecord[];
  /** Ends the server, the running loads and their connections; leaves no handle open. */
  stop(): Promise<void>;
};

const host = '127.0.0.1';

/** Starts the service; rejects if the port is taken, the fault script is not valid or a file cannot be opened. */
export async function startLocalDataflow(options: LocalDataflowOptions): Promise<LocalDataflow> {
  const now = options.now ?? (() => Date.now());
  const startupMs = options.startupMs ?? 150;
  const faults = createFaultScript(options.faults);
  const buckets = createBuckets(options.bucketsDir);
  const warehouse = await openWarehouse(options.warehousePath);
  for (const dataset of options.datasets ?? []) await warehouse.createDataset(dataset);
  const store = openJobStore(options.statePath, nextDue);
  const moves = createJobMoves(store, options.onStateChange);
  await endInterrupted();
  const prepare = createPrepareLoad({ buckets, warehouse, resolveSecret: options.resolveSecret });
  const runner = createJobRunner({ store, moves, prepare, now, startupMs });
  const server = new Server({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 });
  const listener = createListener(server);
  const handlers = createCallHandlers({
    store,
    moves,
    runner,
    faults,
    now,
    startupMs,
    latencyMs: options.latencyMs ?? 0,
    cutConnection: listener.cut,
  });
  for (const name of serviceNames) server.addService(serviceDefinition(name), implementation(name, handlers));
  const port = await listener.listen(host, options.port ?? 0).catch(async (error: unknown) => {
    store.close();
    await warehouse.close();
    throw error;
  });

  /** Jobs that ran when the service stopped cannot go on: their work died with it. */
  async function endInterrupted(): Promise<void> {
    const text =
      'Workflow failed. Causes: the local Dataflow service stopped while this job was running, and an open load is undone. Launch it again.';
    for (const record of store.all()) {
      if (record.script !== undefined || record.endedAt !== undefined) continue;
      if (record.tempDir !== undefined) await rm(record.tempDir, { recursive: true, force: true });
      moves.fail(record.id, now(), text);
    }
  }

  return {
    host,
    port,
    address: `${host}:${port}`,
    warehouse,
    jobs() {
      advanceScripted(store, moves, now());
      return store.all();
    },
    setFaults: (next) => faults.set(next),
    addScriptedJobs: (spec) => addScriptedJobs(store, spec, now()),
    async stop() {
      await listener.close();
      await runner.stop();
      store.close();
      await warehouse.close();
    },
  };
}

function implementation(
  name: ServiceName,
  handlers: Readonly<Record<string, UntypedServiceImplementation[string]>>,
): UntypedServiceImplementation {
  const methods = Object.keys(serviceDefinition(name));
  return Object.fromEntries(
    methods.flatMap((method) => (handlers[method] === undefined ? [] : [[method, handlers[method]]])),
  );
}
