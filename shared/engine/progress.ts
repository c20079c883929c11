// Reads how far a running job is: metrics and workers when they are due, the cost so far, and a thinned series for pictures.

import { EngineError } from '../base/errors.ts';
import type { Attempt, Execution } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { costOfAttempts } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import type { Budget, Gate } from './gate.ts';
import { keptMessages } from './messages.ts';
import { messagesDue, progressEveryMs } from './schedule.ts';
import { summariseMetrics } from './summarise-metrics.ts';

type Progress = Pick<Execution, 'metrics' | 'series' | 'messages' | 'cost' | 'lastMetricsAt'>;
type Deps = Pick<EngineDeps, 'jobs' | 'settings' | 'log'>;

/**
 * Metrics of a running execution if due and the budget allows, else nothing. An unreadable metric changes nothing: progress is not
 * truth. `activeJobs`: how many jobs share the budget.
 */
export async function progress(
  deps: Deps,
  tools: { readonly gate: Gate; readonly budget: Budget; readonly activeJobs: number },
  execution: Execution,
  now: number,
): Promise<Partial<Progress>> {
  const attempt = currentAttempt(execution);
  const lastAt = execution.lastMetricsAt ?? 0;
  if (attempt?.jobId === undefined || now - lastAt < progressEveryMs(deps.settings, tools.activeJobs)) return {};
  if (!tools.budget.take()) return {};
  const job = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId };
  try {
    const metrics = await tools.gate(() => deps.jobs.metrics(job));
    const log =
      messagesDue(deps.settings, execution, now) && tools.budget.take()
        ? await tools.gate(() => deps.jobs.messages({ ...job, minimumImportance: 'BASIC' }))
        : undefined;
    const summary = summariseMetrics({
      metrics,
      autoscaling: log?.autoscaling ?? [],
      readAt: now,
      machineType: attempt.candidate.machineType,
      ...(execution.metrics === undefined ? {} : { previous: execution.metrics }),
    });
    const messages = keptMessages(log?.messages ?? []);
    return {
      metrics: summary,
      lastMetricsAt: now,
      series: withPoint(execution.series ?? [], {
        at: now,
        rows: summary.rowsRead ?? summary.rowsWritten ?? 0,
        bytes: summary.bytesRead ?? 0,
        workers: summary.currentWorkers ?? 0,
      }),
      ...costSoFar(execution, attempt, summary, now),
      ...(messages.length === 0 ? {} : { messages }),
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('pollFailed', { executionId: execution.executionId, jobId: attempt.jobId, error });
    return { lastMetricsAt: now };
  }
}

function costSoFar(
  execution: Execution,
  attempt: Attempt,
  metrics: NonNullable<Execution['metrics']>,
  now: number,
): Pick<Execution, 'cost'> {
  const { cost } = costOfAttempts(execution, attempt, metrics, now);
  return cost === undefined ? {} : { cost };
}

const maxPoints = 200;

/**
 * The series with a point added, at most 200 of them and evenly spread over the run: when full every second one goes, and while the
 * last step is shorter than the others the newest point takes the last one's place.
 */
export function withPoint<T extends { readonly at: number }>(points: readonly T[], point: T): T[] {
  const [first] = points;
  const [beforeLast, last] = points.slice(-2);
  if (first !== undefined && beforeLast !== undefined && last !== undefined) {
    const usualStep = (beforeLast.at - first.at) / Math.max(1, points.length - 2);
    if (last.at - beforeLast.at < usualStep * 0.75) return [...points.slice(0, -1), point];
  }
  const added = [...points, point];
  return added.length <= maxPoints ? added : added.filter((_, index) => index % 2 === 0 || index === added.length - 1);
}
