// Reads how far a running job is: metrics and workers when they are due, and a thinned series for pictures.

import { EngineError } from '../base/errors.ts';
import type { Execution } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import { summariseMetrics } from './summarise-metrics.ts';

type Progress = Pick<Execution, 'metrics' | 'series' | 'lastMetricsAt'>;

/** Metrics of an active execution if due, else nothing. An unreadable metric changes nothing: progress is not truth. */
export async function progress(
  deps: Pick<EngineDeps, 'jobs' | 'settings' | 'log'>,
  gate: Gate,
  execution: Execution,
  now: number,
): Promise<Partial<Progress>> {
  const attempt = currentAttempt(execution);
  if (attempt?.jobId === undefined || now - (execution.lastMetricsAt ?? 0) < deps.settings.metricsEveryMs) return {};
  const job = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId };
  try {
    const metrics = await gate(() => deps.jobs.metrics(job));
    const summary = summariseMetrics(metrics, [], now, execution.metrics);
    const point = {
      at: now,
      rows: summary.rowsRead ?? summary.rowsWritten ?? 0,
      bytes: summary.bytesRead ?? 0,
      workers: summary.currentWorkers ?? 0,
    };
    return { metrics: summary, lastMetricsAt: now, series: thinned([...(execution.series ?? []), point]) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('pollFailed', { executionId: execution.executionId, jobId: attempt.jobId, error });
    return { lastMetricsAt: now };
  }
}

/** At most 200 points: when full, every second one goes, so the series stays even over the whole run. */
export function thinned<T>(points: readonly T[]): T[] {
  return points.length <= 200
    ? [...points]
    : points.filter((_, index) => index % 2 === 0 || index === points.length - 1);
}
