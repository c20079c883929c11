// Child process of the bench: the local Dataflow with scripted jobs, and a ledger that knows an execution for each of them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalDataflow } from '../../local/dataflow/server.ts';
import { openStore } from '../../local/store/open-store.ts';
import { sqliteLedger } from '../../local/store/sqlite-ledger.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { anAttempt, anEndedExecution } from '../support/execution.ts';
import { place, quietMs } from './advance-case.ts';

export type ServiceTask = {
  readonly jobs: number;
  readonly finishing: number;
  readonly latencyMs: number;
  readonly ledgerPath: string;
};
export type ServiceReady = { readonly address: string };

process.once('message', (task: ServiceTask) => void serve(task));

async function serve(task: ServiceTask): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-bench-'));
  process.once('SIGTERM', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
  const dataflow = await startLocalDataflow({
    warehousePath: ':memory:',
    bucketsDir: folder,
    latencyMs: task.latencyMs,
  });
  const script = { ...place, createdAt: Date.now() - 3_600_000, queuedMs: 60_000, pendingMs: 60_000, numWorkers: 2 };
  const running = dataflow.addScriptedJobs({
    ...script,
    count: task.jobs,
    namePrefix: 'running',
    runningMs: 86_400_000,
  });
  const done = dataflow.addScriptedJobs({ ...script, count: task.finishing, namePrefix: 'done', runningMs: 3_400_000 });
  // Walks every job to where it is by now, so that no tick pays for it.
  dataflow.jobs();

  const db = openStore(task.ledgerPath, Date.now());
  const ledger = sqliteLedger(db);
  db.exec('BEGIN');
  for (const [index, { id, name }] of running.entries())
    await ledger.create(execution(`running-${index}`, id, name, 0));
  for (const [index, { id, name }] of done.entries())
    await ledger.create(execution(`done-${index}`, id, name, quietMs));
  db.exec('COMMIT');
  db.close();
  process.send?.({ address: dataflow.address } satisfies ServiceReady);
}

/** A running execution with every field that has a value by then, and a series of 40 points: sixteen hours at one reading in 25 minutes. */
function execution(runId: string, jobId: string, jobName: string, dueInMs: number): Execution {
  const now = Date.now();
  const accepted = now - 3_600_000;
  const {
    endedAt: _endedAt,
    conclusion: _conclusion,
    durations: _durations,
    deadlineAt: _deadlineAt,
    executionKey: _executionKey,
    ...fields
  } = anEndedExecution({
    runId,
    status: 'RUNNING',
    acceptedAt: accepted,
    updatedAt: accepted,
    nextCheckAt: now + dueInMs,
    expectedRows: { count: 1_000_000, exact: true },
    planSteps: Array.from(
      { length: 20 },
      (_, step) => `step ${step}: the planner says what it decided here, and why it did`,
    ),
    series: Array.from({ length: 40 }, (_, point) => ({
      at: accepted + point * 90_000,
      rows: point * 5000,
      bytes: point * 1_000_000,
      workers: 2,
    })),
    attempts: [anAttempt({ jobName, jobId, region: place.location, submittedAt: accepted, jobCreatedAt: accepted })],
  });
  const { executionKey: _key, ...identity } = anEndedExecution({ runId });
  return { ...fields, executionId: identity.executionId };
}
