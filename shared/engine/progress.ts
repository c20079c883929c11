// Reads how far running jobs are, after a tick has looked at all of them: metrics of those unread for longest, within a budget.

import { EngineError } from '../base/errors.ts';
import { type Attempt, type Execution, isTerminal, type MetricsSummary } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { costOfAttempts } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import { keptMessages } from './messages.ts';
import { replace } from './record.ts';
import { messagesDue, nextPollMs } from './schedule.ts';
import { withPoint } from './series.ts';
import { believable, summariseMetrics } from './summarise-metrics.ts';
import type { Unmeasured } from './unmeasured.ts';

type Deps = Pick<EngineDeps, 'jobs' | 'ledger' | 'clock' | 'settings' | 'log'>;

/**
 * Measures the running executions kept in `unmeasured`, one metrics call each; messages and autoscaling events as far as the budget
 * has calls to spare. Begins nothing after `deadline`: who is not reached has waited longest next time. An unreadable metric changes
 * nothing: progress is not truth.
 */
export async function measureProgress(deps: Deps, gate: Gate, unmeasured: Unmeasured, deadline: number): Promise<void> {
  const queue = unmeasured.longestFirst();
  let spare = deps.settings.progressReadsPerTick - queue.length;
  const takeSpare = (): boolean => {
    spare -= 1;
    return spare >= 0;
  };
  const workers = Array.from({ length: Math.min(deps.settings.advanceConcurrency, queue.length) }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (deps.clock.now() >= deadline) return;
      await measure(deps, gate, next, takeSpare);
    }
  });
  await Promise.all(workers);
}

async function measure(deps: Deps, gate: Gate, executionId: string, takeSpare: () => boolean): Promise<void> {
  const read = await orLog(deps, executionId, () => deps.ledger.read(executionId));
  const attempt = read === undefined ? undefined : currentAttempt(read.value);
  if (read === undefined || attempt?.jobId === undefined || isTerminal(read.value.status)) return;
  const { value } = read;
  const now = deps.clock.now();
  const withMessages = messagesDue(deps.settings, value, now) && takeSpare();
  const figures = await orLog(deps, executionId, () => readFigures(deps, gate, value, attempt, withMessages, now));
  // Marked as measured either way: who cannot be read must not keep the first place in the queue.
  const measured = { ...value, ...figures, lastMetricsAt: now };
  const nextCheckAt = Math.min(value.nextCheckAt ?? now, now + nextPollMs(deps.settings, measured, now));
  await orLog(deps, executionId, () => replace(deps, read, { ...measured, nextCheckAt }));
}

/** Undefined when the work failed, whatever with: a tick does not end for a figure. */
async function orLog<T>(deps: Deps, executionId: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const moment = error instanceof EngineError ? 'pollFailed' : 'defect';
    deps.log(moment, { executionId, reason: 'progress could not be read', error });
    return undefined;
  }
}

async function readFigures(
  deps: Deps,
  gate: Gate,
  execution: Execution,
  attempt: Attempt,
  withMessages: boolean,
  now: number,
): Promise<Partial<Execution>> {
  const job = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId ?? '' };
  const [metrics, log] = await Promise.all([
    gate(() => deps.jobs.metrics(job)),
    withMessages ? gate(() => deps.jobs.messages({ ...job, minimumImportance: 'BASIC' })) : undefined,
  ]);
  const newest = summariseMetrics({
    metrics,
    autoscaling: log?.autoscaling ?? [],
    readAt: now,
    machineType: attempt.candidate.machineType,
    ...(execution.metrics === undefined ? {} : { previous: execution.metrics }),
  });
  const summary = believable(execution.metrics, newest);
  const { cost } = costOfAttempts(execution, attempt, summary, now);
  const messages = keptMessages(log?.messages ?? []);
  return {
    metrics: summary,
    series: withPoint(execution.series ?? [], pointOf(summary, now)),
    ...(cost === undefined ? {} : { cost }),
    ...(messages.length === 0 ? {} : { messages }),
  };
}

/** A point of the series from a summary. */
export function pointOf(metrics: MetricsSummary, at: number): NonNullable<Execution['series']>[number] {
  return {
    at,
    rows: metrics.rowsRead ?? metrics.rowsWritten ?? 0,
    bytes: metrics.bytesRead ?? 0,
    workers: metrics.currentWorkers ?? 0,
  };
}
