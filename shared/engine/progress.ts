// Reads how far running jobs are, after a tick has looked at all of them: metrics of those unread for longest, within a budget.

import { EngineError } from '../base/errors.ts';
import type { Attempt, Execution, MetricsSummary } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { costOfAttempts } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import { keptMessages } from './messages.ts';
import type { Versioned } from './ports.ts';
import { replace } from './record.ts';
import { messagesDue, nextPollMs } from './schedule.ts';
import { withPoint } from './series.ts';
import { summariseMetrics } from './summarise-metrics.ts';
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
  const workers = Array.from({ length: Math.min(deps.settings.advanceConcurrency, queue.length) }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const now = deps.clock.now();
      if (now >= deadline) return;
      const withMessages = spare > 0 && messagesDue(deps.settings, next.value, now);
      if (withMessages) spare -= 1;
      await measure(deps, gate, next, withMessages);
    }
  });
  await Promise.all(workers);
}

async function measure(deps: Deps, gate: Gate, read: Versioned<Execution>, withMessages: boolean): Promise<void> {
  const { value } = read;
  const attempt = currentAttempt(value);
  if (attempt?.jobId === undefined) return;
  const now = deps.clock.now();
  const orLog = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const { executionId } = value;
      const reason = 'progress could not be read';
      deps.log(error instanceof EngineError ? 'pollFailed' : 'defect', {
        executionId,
        jobId: attempt.jobId,
        reason,
        error,
      });
      return undefined;
    }
  };
  const figures = await orLog(() => readFigures(deps, gate, value, attempt, withMessages, now));
  // Marked as measured either way: who cannot be read must not keep the first place in the queue.
  const measured = { ...value, ...figures, lastMetricsAt: now };
  const nextCheckAt = Math.min(value.nextCheckAt ?? now, now + nextPollMs(deps.settings, measured, now));
  await orLog(() => replace(deps, read, { ...measured, nextCheckAt }));
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
  const summary = summariseMetrics({
    metrics,
    autoscaling: log?.autoscaling ?? [],
    readAt: now,
    machineType: attempt.candidate.machineType,
    ...(execution.metrics === undefined ? {} : { previous: execution.metrics }),
  });
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
