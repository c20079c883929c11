// From the service's metric list to the figures of an execution. Keyed by origin, namespace, step, name, tentative - never by name alone.
// Names, origins and units: launchers facts 3.8 (TotalMemoryUsage is MiB-seconds, TotalPdUsage GB-seconds, shuffle in GB).

import type { MetricsSummary } from '../schema/execution.ts';
import type { AutoscalingEvent, JobMetric } from '../schema/job.ts';

const serviceOrigin = /^dataflow(\/|$)/;

/**
 * The summary at `readAt`. While a job runs only tentative values exist; a committed twin, once there, wins. Metrics the service left
 * out stay undefined: never 0, because 0 would be a claim.
 */
export function summariseMetrics(
  metrics: readonly JobMetric[],
  autoscaling: readonly AutoscalingEvent[],
  readAt: number,
  previous?: MetricsSummary,
): MetricsSummary {
  const service = (name: string) =>
    pick(
      metrics.filter(
        (metric) => serviceOrigin.test(metric.origin) && metric.name === name && metric.step === undefined,
      ),
    );
  const counter = (name: string) => pick(metrics.filter((metric) => metric.origin === 'user' && metric.name === name));
  const elements = elementCounts(metrics);
  const currentWorkers = autoscaling.at(-1)?.currentWorkers;
  const peakWorkers = Math.max(previous?.peakWorkers ?? 0, ...autoscaling.map((event) => event.currentWorkers));
  return {
    readAt,
    tentative: metrics.every((metric) => metric.tentative),
    ...defined({
      rowsRead: counter('rowsRead') ?? elements.first,
      rowsWritten: counter('rowsWritten') ?? elements.last,
      bytesRead: counter('bytesRead'),
      bytesWritten: counter('bytesWritten'),
      rangesTotal: counter('rangesTotal'),
      rangesDone: counter('rangesDone'),
      currentWorkers,
      peakWorkers: peakWorkers > 0 ? peakWorkers : undefined,
      vcpuSec: service('TotalVcpuTime'),
      memoryMibSec: service('TotalMemoryUsage'),
      pdGbSec: service('TotalPdUsage'),
      ssdGbSec: service('TotalSsdUsage'),
      shuffleGb: service('TotalShuffleDataProcessed'),
      billableShuffleGb: service('BillableShuffleDataProcessed'),
    }),
    ...userCounters(metrics),
  };
}

/** The committed value if there is one, else the tentative. */
function pick(metrics: readonly JobMetric[]): number | undefined {
  return (metrics.find((metric) => !metric.tentative) ?? metrics[0])?.value;
}

/** Element counts of the first and the last step: what a template without counters of its own lets one know of rows in and out. */
function elementCounts(metrics: readonly JobMetric[]): { first?: number; last?: number } {
  const counts = metrics.filter((metric) => metric.name === 'ElementCount' && metric.originalName !== undefined);
  const values = [...new Set(counts.map((metric) => metric.originalName))].map((name) =>
    pick(counts.filter((metric) => metric.originalName === name)),
  );
  const [first] = values;
  const last = values.at(-1);
  return { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}

/** User counters by namespace/step/name; the _MIN, _MAX, _COUNT, _MEAN scalars of distributions are left out. */
function userCounters(metrics: readonly JobMetric[]): { userCounters?: Record<string, number> } {
  const counters = new Map<string, JobMetric[]>();
  for (const metric of metrics) {
    if (metric.origin !== 'user' || /_(MIN|MAX|COUNT|MEAN)$/.test(metric.name)) continue;
    const key = [metric.namespace, metric.step, metric.name].filter((part) => part !== undefined).join('/');
    counters.set(key, [...(counters.get(key) ?? []), metric]);
  }
  const values = [...counters].slice(0, 50).map(([key, twins]) => [key, pick(twins) ?? 0] as const);
  return values.length === 0 ? {} : { userCounters: Object.fromEntries(values) };
}

function defined<T extends Record<string, number | undefined>>(values: T): { [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: number;
  };
}
