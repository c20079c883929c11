// A whole world around the real engine: instances, services in memory, and the watch. The simulation and the crash matrix both live in it.

import { silentLog } from '../../shared/base/log.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createEngine, type Engine } from '../../shared/engine/engine.ts';
import type { Documents, Jobs, Ledger, Outcomes, Recommendations } from '../../shared/engine/ports.ts';
import type { EngineSettings } from '../../shared/engine/settings.ts';
import { type Execution, executionSchema } from '../../shared/schema/execution.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { type Call, type Fate, faultyWire, type Trace } from './faulty-wire.ts';
import { createInstance, type Instance } from './instance.ts';
import { type Manners, type MemoryDataflow, memoryDataflow } from './memory-dataflow.ts';
import { type MemoryRecommendations, memoryDocuments, memoryRecommendations } from './memory-documents.ts';
import { type MemoryLedger, memoryLedger } from './memory-ledger.ts';
import { type MemoryOutcomes, memoryOutcomes } from './memory-outcomes.ts';
import { remote, type Sync } from './remote.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { createWatch, type Watch } from './watch.ts';

/** 2026-01-02T03:04:05Z: when every world begins. */
export const worldStart = 1_767_323_045_000;

export const place = { projectId: 'demo', region: 'us-central1' };

export type WorldOptions = {
  readonly config: LoadConfig;
  readonly settings: EngineSettings;
  readonly instances: number;
  readonly tie: () => number;
  readonly fateOf: (call: Call) => Fate;
  readonly manners: Manners;
  readonly skewMs: (instance: number) => number;
  readonly restartMs: () => number;
  readonly inBound: boolean;
  /** Nothing fails or is late from here on; undefined: nobody knows when. */
  readonly calmFrom?: number;
  /** True: every record is checked against its schema and frozen; slower. */
  readonly strict?: boolean;
  readonly trace?: ((at: number, line: string) => void) | undefined;
  /** Told of every write to the ledger, after the watch. */
  readonly onWrite?: (execution: Execution) => void;
};

export type Served = { readonly instance: Instance; readonly engine: Engine };

export type World = {
  readonly scheduler: Scheduler;
  readonly ledger: MemoryLedger;
  readonly documents: Sync<Documents>;
  readonly recommendations: MemoryRecommendations;
  readonly dataflow: MemoryDataflow;
  readonly outcomes: MemoryOutcomes;
  readonly served: readonly Served[];
  readonly watch: Watch;
  readonly trace: Trace | undefined;
};

export function createWorld(options: WorldOptions): World {
  const { config, manners } = options;
  const scheduler = createScheduler(worldStart, options.tie);
  const trace = options.trace === undefined ? undefined : (line: string) => options.trace?.(scheduler.now(), line);
  const ledger: MemoryLedger = memoryLedger((write) => {
    watch.onWrite(write);
    if (options.strict === true) checkRecord(write.after, watch);
    const { before, after } = write;
    const id = (after ?? before)?.executionId.slice(0, 10);
    trace?.(`  record ${id} ${before?.status ?? 'none'} → ${after?.status ?? 'none'}`);
    if (after !== undefined) options.onWrite?.(after);
  });
  const documents = memoryDocuments();
  const recommendations = memoryRecommendations();
  const outcomes = memoryOutcomes((event) => watch.onEvent(event));
  const dataflow: MemoryDataflow = memoryDataflow({
    now: scheduler.now,
    manners,
    onJob: (job, others) => {
      trace?.(`  Dataflow accepts ${job.id} named ${job.name}`);
      watch.onJob(job, others);
    },
  });
  const { maxConcurrentJobs } = config.policy;
  const connectionBudget = config.sources.shop?.connectionBudget;
  const watch = createWatch({
    now: scheduler.now,
    record: ledger.peek,
    job: dataflow.find,
    jobs: () => dataflow.jobs,
    limits: {
      ...(maxConcurrentJobs === undefined ? {} : { maxConcurrentJobs }),
      ...(connectionBudget === undefined ? {} : { connectionBudget }),
    },
    inBound: options.inBound,
    calmFrom: options.calmFrom ?? Number.POSITIVE_INFINITY,
  });

  let tokens = 0;
  const served = Array.from({ length: options.instances }, (_, index): Served => {
    const instance = createInstance({
      name: `i${index + 1}`,
      scheduler,
      skewMs: () => options.skewMs(index),
      restartMs: options.restartMs,
    });
    const send = faultyWire({ scheduler, instance, fateOf: options.fateOf, trace });
    const deps: EngineDeps = {
      ledger: remote<Ledger>('ledger', ledger.port, send),
      documents: remote<Documents>('documents', documents, send),
      recommendations: remote<Recommendations>('recommendations', recommendations.port, send),
      jobs: remote<Jobs>('jobs', dataflow.port, send),
      outcomes: remote<Outcomes>('outcomes', outcomes.port, send),
      config: async () => config,
      clock: instance.clock,
      tokens: {
        next() {
          tokens += 1;
          return `token-${tokens}`;
        },
      },
      log: silentLog,
      settings: options.settings,
      runtime: { ...place, environment: 'DATAFLOW', environmentReason: 'simulated' },
    };
    return { instance, engine: createEngine(deps) };
  });
  return { scheduler, ledger, documents, recommendations, dataflow, outcomes, served, watch, trace };
}

function checkRecord(record: unknown, watch: Watch): void {
  if (record === undefined) return;
  const parsed = executionSchema.safeParse(record);
  if (!parsed.success) watch.report('unreadable record', parsed.error.message);
  freeze(record);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
