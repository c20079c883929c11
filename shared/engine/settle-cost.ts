// Settles the cost: two equal metric readings at least `settleAfterMs` apart.

import type { Execution, MetricsSummary } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { costOfAttempts } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';
import type { Versioned } from './ports.ts';
import { replace } from './record.ts';
import { summariseMetrics } from './summarise-metrics.ts';

/** Readings after which the last one is taken as it is: the service has had an hour by then. */
const patienceMs = 3_600_000;

/** Reads the metrics once more. Equal to the last reading: settled; different: the new figures count and the wait begins again. */
export async function settle(
  deps: EngineDeps,
  gate: Gate,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  const attempt = currentAttempt(value);
  if (attempt?.jobId === undefined || value.cost === undefined || value.metrics === undefined) {
    return replace(deps, read, { ...value, nextCheckAt: null });
  }
  const now = deps.clock.now();
  const job = { projectId: attempt.projectId, region: attempt.region, jobId: attempt.jobId };
  const metrics = summariseMetrics(await gate(() => deps.jobs.metrics(job)), [], now, value.metrics);
  const { cost } = costOfAttempts(value, attempt, metrics, now);
  const agreed =
    cost !== undefined && sameUse(metrics, value.metrics) && now - value.cost.readAt >= deps.settings.settleAfterMs;
  const late = now - (value.endedAt ?? now) >= patienceMs;
  if (!agreed && !late) {
    return replace(deps, read, {
      ...value,
      ...(cost === undefined ? {} : { cost, metrics }),
      nextCheckAt: now + deps.settings.settleAfterMs,
    });
  }
  const settled = cost ?? value.cost;
  deps.log('settled', { executionId: value.executionId, jobId: attempt.jobId, costMicroUsd: settled.microUsd.total });
  return replace(deps, read, {
    ...value,
    metrics,
    cost: { ...settled, level: 'settled' },
    conclusion: { ...value.conclusion, settledAt: now },
    nextCheckAt: null,
  });
}

function sameUse(left: MetricsSummary, right: MetricsSummary): boolean {
  return (
    left.vcpuSec === right.vcpuSec &&
    left.memoryMibSec === right.memoryMibSec &&
    left.pdGbSec === right.pdGbSec &&
    left.ssdGbSec === right.ssdGbSec &&
    left.billableShuffleGb === right.billableShuffleGb
  );
}
