// The use of an ended job, read again until two readings are equal: what the service commits lags minutes behind the end.

import { EngineError } from '../base/errors.ts';
import type { Attempt, MeteredUse, MetricsSummary } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import { believable, summariseMetrics } from './summarise-metrics.ts';

/** What of a job's metrics its cost is made of. */
export function useOf(metrics: MetricsSummary): MeteredUse {
  const { readAt, vcpuSec, memoryMibSec, pdGbSec, ssdGbSec, billableShuffleGb } = metrics;
  return {
    readAt,
    ...(vcpuSec === undefined ? {} : { vcpuSec }),
    ...(memoryMibSec === undefined ? {} : { memoryMibSec }),
    ...(pdGbSec === undefined ? {} : { pdGbSec }),
    ...(ssdGbSec === undefined ? {} : { ssdGbSec }),
    ...(billableShuffleGb === undefined ? {} : { billableShuffleGb }),
  };
}

/** Whether the reading `before` was made after the end, at least `settleAfterMs` before `newest`, and says the same. */
export function agree(
  before: MeteredUse | undefined,
  newest: MeteredUse,
  endedAt: number | undefined,
  settleAfterMs: number,
): boolean {
  return (
    before !== undefined &&
    endedAt !== undefined &&
    before.readAt >= endedAt &&
    newest.readAt - before.readAt >= settleAfterMs &&
    before.vcpuSec === newest.vcpuSec &&
    before.memoryMibSec === newest.memoryMibSec &&
    before.pdGbSec === newest.pdGbSec &&
    before.ssdGbSec === newest.ssdGbSec &&
    before.billableShuffleGb === newest.billableShuffleGb
  );
}

/**
 * The metrics of an attempt's job now; undefined when it has none, or when they cannot be read and it is `late`. Throws EngineError while
 * they cannot be read, or lack what was read before.
 */
export async function readAgain(
  { jobs, gate }: { readonly jobs: EngineDeps['jobs']; readonly gate: Gate },
  attempt: Attempt,
  previous: MetricsSummary | MeteredUse | undefined,
  now: number,
  late: boolean,
): Promise<MetricsSummary | undefined> {
  const { projectId, region, jobId } = attempt;
  if (jobId === undefined) return undefined;
  try {
    const newest = summariseMetrics({
      metrics: await gate(() => jobs.metrics({ projectId, region, jobId })),
      autoscaling: [],
      readAt: now,
      ...(previous === undefined ? {} : { previous }),
    });
    return believable(previous, newest);
  } catch (error) {
    // The service forgets jobs: what cannot be read by now never will be.
    if (late && error instanceof EngineError) return undefined;
    throw error;
  }
}
