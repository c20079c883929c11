// An engine on a scripted Dataflow, an SQLite ledger in memory and a clock that stands still until it is told to move.

import { openStore } from '../../local/store/open-store.ts';
import { sqliteDocuments } from '../../local/store/sqlite-documents.ts';
import { sqliteLedger } from '../../local/store/sqlite-ledger.ts';
import { sqliteRecommendations } from '../../local/store/sqlite-recommendations.ts';
import type { LogFields, Moment } from '../../shared/base/log.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createEngine, type Engine } from '../../shared/engine/engine.ts';
import type { OutgoingEvent } from '../../shared/engine/ports.ts';
import { defaultSettings, type EngineSettings } from '../../shared/engine/settings.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import type { Attempt, Execution } from '../../shared/schema/execution.ts';
import type { JobMetric } from '../../shared/schema/job.ts';
import { anAttempt, anExecution, someTime } from './execution.ts';
import { scriptedConfig } from './local-engine.ts';
import { type ScriptedService, scriptedService } from './scripted-service.ts';

export type ScriptedEngine = {
  readonly engine: Engine;
  readonly deps: EngineDeps;
  readonly service: ScriptedService;
  readonly clock: { time: number };
  readonly published: OutgoingEvent[];
  readonly logged: { moment: Moment; fields: LogFields }[];
  put(execution: Execution): Promise<void>;
  read(executionId: string): Promise<Execution>;
  /** Ticks with all the time in the world. */
  tick(): ReturnType<Engine['advance']>;
};

export function scriptedEngine(
  options: {
    readonly policy?: string;
    readonly settings?: Partial<EngineSettings>;
    readonly override?: Partial<EngineDeps>;
  } = {},
): ScriptedEngine {
  const db = openStore(':memory:', someTime);
  const service = scriptedService();
  const parsed = parseLoadConfig(scriptedConfig(options.policy), { file: 'test.yaml', env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const clock = { time: someTime };
  const published: OutgoingEvent[] = [];
  const logged: { moment: Moment; fields: LogFields }[] = [];
  let tokens = 0;
  const deps: EngineDeps = {
    ledger: sqliteLedger(db),
    documents: sqliteDocuments(db),
    recommendations: sqliteRecommendations(db),
    jobs: service.port,
    outcomes: { publish: async (event) => void published.push(event) },
    config: async () => parsed.config,
    clock: { now: () => clock.time },
    tokens: {
      next() {
        tokens += 1;
        return `token-${tokens}`;
      },
    },
    log: (moment, fields = {}) => void logged.push({ moment, fields }),
    settings: { ...defaultSettings, ...options.settings },
    runtime: { projectId: 'demo', region: 'us-central1', environment: 'LOCAL', environmentReason: 'a test' },
    ...options.override,
  };
  const engine = createEngine(deps);
  return {
    engine,
    deps,
    service,
    clock,
    published,
    logged,
    async put(execution) {
      const created = await deps.ledger.create(execution);
      if (created.kind !== 'created') throw new Error(`${execution.executionId} exists`);
    },
    async read(executionId) {
      const found = await deps.ledger.read(executionId);
      if (found === undefined) throw new Error(`${executionId} is not there`);
      return found.value;
    },
    tick: () => engine.advance(Number.POSITIVE_INFINITY),
  };
}

/** The same ledger, service and clock under an engine with some ports or settings replaced. */
export function rewired(
  stand: ScriptedEngine,
  override: {
    readonly jobs?: Partial<EngineDeps['jobs']>;
    readonly ledger?: EngineDeps['ledger'];
    readonly outcomes?: EngineDeps['outcomes'];
    readonly documents?: EngineDeps['documents'];
    readonly config?: EngineDeps['config'];
    readonly settings?: Partial<EngineSettings>;
  },
): Engine {
  const { deps } = stand;
  return createEngine({
    ...deps,
    ...override,
    jobs: { ...deps.jobs, ...override.jobs },
    settings: { ...deps.settings, ...override.settings },
  });
}

/** An execution whose job `job-<runId>` Dataflow has, in a region with prices: SUBMITTED, due now. */
export function aSubmitted(fields: Partial<Execution> = {}, attempt: Partial<Attempt> = {}): Execution {
  const runId = fields.runId ?? 'run-1';
  return anExecution({
    status: 'SUBMITTED',
    attempts: [
      anAttempt({
        jobId: `job-${runId}`,
        region: 'us-central1',
        submittedAt: someTime,
        jobCreatedAt: someTime,
        ...attempt,
      }),
    ],
    ...fields,
  });
}

/** Metrics a finished job leaves: use of the workers, and the template's own counters. */
export function finalMetrics(rows: { readonly read: number; readonly written: number }): JobMetric[] {
  const service = (name: string, value: number): JobMetric => ({
    origin: 'dataflow/v1b3',
    name,
    value,
    tentative: false,
  });
  const counter = (name: string, value: number): JobMetric => ({
    origin: 'user',
    namespace: 'JdbcToBigQuery',
    step: 'Read from JdbcIO',
    name,
    value,
    tentative: false,
  });
  return [
    service('TotalVcpuTime', 3600),
    service('TotalMemoryUsage', 3_686_400),
    service('TotalPdUsage', 90_000),
    service('BillableShuffleDataProcessed', 0.5),
    counter('rowsRead', rows.read),
    counter('rowsWritten', rows.written),
  ];
}
