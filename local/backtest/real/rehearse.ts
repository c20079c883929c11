// The real backtest: loads three tables again and again with the local Dataflow, and compares what was estimated with what it took.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { executionIdOf } from '../../../shared/base/ids.ts';
import { isTerminal } from '../../../shared/schema/execution.ts';
import type { ExecutionView } from '../../../shared/schema/execution-view.ts';
import { writeLocalSchemas } from '../../cloud/local-schemas.ts';
import { openUserSource } from '../../cloud/open-source.ts';
import { parseSourceUrl } from '../../cloud/source-url.ts';
import { takeStateFolder } from '../../cloud/state-folder.ts';
import { recommendationsTopic } from '../../cloud/topology.ts';
import { type LocalCloud, startLocalCloud } from '../../cloud.ts';
import { startPostgres } from '../../postgres/start-postgres.ts';
import { createFollow } from '../../start/follow-execution.ts';
import { publishEvent } from '../../start/publish-event.ts';
import { median } from '../summary.ts';
import { configOf, shapes } from './shapes.ts';

export type RealRun = {
  readonly machines: string;
  readonly estimatedSec: number;
  /** From the job's creation to its workers' end. */
  readonly actualSec: number;
  readonly errorPct: number;
};

export type Rehearsed = {
  readonly tables: readonly { readonly table: string; readonly runs: readonly RealRun[] }[];
  /** Medians over the tables. */
  readonly firstErrorPct: number;
  readonly lastErrorPct: number;
};

export type RehearseOptions = {
  readonly runs: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** Runs it in a temporary folder that is removed again. Throws when a load does not succeed. */
export async function rehearse({ runs, signal, say }: RehearseOptions): Promise<Rehearsed> {
  await using started = new AsyncDisposableStack();
  const cloud = await startWithTables(started, say);
  const tables: { table: string; runs: RealRun[] }[] = shapes.map(({ name }) => ({ table: name, runs: [] }));
  for (let run = 1; run <= runs; run += 1) {
    for (const entry of tables) {
      const done = await loadOnce(cloud, entry.table, run, signal);
      entry.runs.push(done);
      say(
        `${entry.table}, run ${run}: ${done.machines}, estimated ${done.estimatedSec.toFixed(2)} s, took ${done.actualSec.toFixed(2)} s`,
      );
    }
  }
  const errors = (at: number) => median(tables.map((entry) => entry.runs.at(at)?.errorPct ?? Number.NaN));
  return { tables, firstErrorPct: errors(0), lastErrorPct: errors(-1) };
}

async function startWithTables(started: AsyncDisposableStack, say: (text: string) => void): Promise<LocalCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-backtest-'));
  started.defer(async () => rmSync(folder, { recursive: true, force: true }));
  const state = takeStateFolder(folder);
  started.defer(async () => state.release());
  say('starting PostgreSQL');
  const server = await startPostgres({ folder });
  started.defer(() => server.stop());
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    for (const { name, what, sql } of shapes) {
      say(`making ${name}: ${what}`);
      await client.query(sql);
      await client.query(`ALTER TABLE ${name} ADD PRIMARY KEY (id)`);
      await client.query(`VACUUM ANALYZE ${name}`);
    }
  } finally {
    await client.end();
  }
  const config = join(folder, 'streamnova.yaml');
  writeFileSync(config, configOf());
  const cloud = await startLocalCloud({
    state,
    source: parseSourceUrl(server.url),
    config,
    tickMs: 100,
    write: () => {},
    env: process.env,
  });
  started.defer(cloud.stop);
  await writeLocalSchemas(openUserSource(server.url), state, await cloud.engine.deps.config());
  return cloud;
}

async function loadOnce(cloud: LocalCloud, load: string, run: number, signal: AbortSignal): Promise<RealRun> {
  const runId = `backtest-${load}-${run}`;
  const made = await cloud.engine.recommend({ load, mode: 'BALANCED', runId, refresh: true });
  if (made.kind !== 'recommended') throw new Error(made.violations.map(({ message }) => message).join('\n'));
  const { recommended } = made.recommendation;
  await publishEvent(`${cloud.pubsub}/v1/projects/${cloud.projectId}/topics/${recommendationsTopic}`, { runId });
  const view = await createFollow(cloud.api, executionIdOf(runId), signal)(hasEnded);
  if (view.status !== 'SUCCEEDED')
    throw new Error(`${runId} ended ${view.status}: ${JSON.stringify(view.failure ?? view.violations)}`);
  await untilLearnt(cloud, executionIdOf(runId), signal);
  const actualSec = durationOf(view);
  const { candidate, estimatedDurationSec } = recommended;
  return {
    machines: `${candidate.workerCount} x ${candidate.machineType}, ${candidate.shardCount} ranges`,
    estimatedSec: estimatedDurationSec,
    actualSec,
    errorPct: Math.abs(estimatedDurationSec / actualSec - 1) * 100,
  };
}

/** The next recommendation is to know this run: the end is concluded after it is told. */
async function untilLearnt(cloud: LocalCloud, executionId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const stored = await cloud.engine.deps.ledger.read(executionId);
    if (stored?.value.conclusion?.learntAt !== undefined) return;
    await sleep(50, undefined, { signal });
  }
}

const hasEnded = (view: ExecutionView): boolean =>
  isTerminal(view.status) && (view.status !== 'SUCCEEDED' || view.durations !== undefined);

function durationOf({ durations }: ExecutionView): number {
  if (durations === undefined) throw new Error('a finished execution without durations');
  return durations.dataflowQueuedSec + durations.startupSec + durations.runningSec;
}
