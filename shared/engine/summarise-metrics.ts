// From the service's metric list to the figures of an execution. Keyed by origin, namespace, step, name and output - never by name alone.
// Names, origins and units: launchers facts 3.8 (TotalMemoryUsage is MiB-seconds, TotalPdUsage GB-seconds, shuffle in GB).

import { EngineError } from '../base/errors.ts';
import { findMachineType } from '../plan/machine-types.ts';
import type { MetricsSummary } from '../schema/execution.ts';
import type { AutoscalingEvent, JobMetric } from '../schema/job.ts';

export type Reading = {
  readonly metrics: readonly JobMetric[];
  /** Empty when the messages were not read this time. */
  readonly autoscaling: readonly AutoscalingEvent[];
  readonly readAt: number;
  /** Of the workers: what turns CurrentVcpuCount into workers. */
  readonly machineType?: string;
  readonly previous?: Partial<MetricsSummary>;
};

/**
 * The summary of a reading. While a job runs only tentative values exist; a committed twin, once there, wins. Metrics the service left
 * out stay undefined: never 0, because 0 would be a claim.
 */
export function summariseMetrics(reading: Reading): MetricsSummary {
  const figures = figuresOf(reading.metrics);
  const service = (name: string) =>
    figures.find(({ metric }) => serviceOrigin.test(metric.origin) && metric.name === name && metric.step === undefined)
      ?.value;
  const read = elementsOf(figures, readStep);
  const written = elementsOf(figures, writeStep);
  return {
    readAt: reading.readAt,
    tentative: reading.metrics.every((metric) => metric.tentative),
    ...defined({
      rowsRead: counter(figures, 'rowsRead') ?? read?.count,
      rowsWritten: counter(figures, 'rowsWritten') ?? written?.count,
      bytesRead: counter(figures, 'bytesRead') ?? read?.bytes,
      bytesWritten: counter(figures, 'bytesWritten') ?? written?.bytes,
      rangesTotal: counter(figures, 'rangesTotal'),
      rangesDone: counter(figures, 'rangesDone'),
      ...workers(reading, service('CurrentVcpuCount')),
      vcpuSec: service('TotalVcpuTime'),
      memoryMibSec: service('TotalMemoryUsage'),
      pdGbSec: service('TotalPdUsage'),
      ssdGbSec: service('TotalSsdUsage'),
      shuffleGb: service('TotalShuffleDataProcessed'),
      billableShuffleGb: service('BillableShuffleDataProcessed'),
    }),
    ...userCounters(figures),
  };
}

/** Figures that only ever grow; the rest may be reported or not. */
const lasting = ['vcpuSec', 'memoryMibSec', 'rowsRead', 'rowsWritten'] as const;

/** Which lasting figures an earlier reading of the same job had and this one lacks: then it is no news, but an answer that went wrong. */
export function lostFigures(previous: Partial<MetricsSummary> | undefined, next: MetricsSummary): string[] {
  return lasting.filter((figure) => previous?.[figure] !== undefined && next[figure] === undefined);
}

/** The reading, unless figures were lost: then EngineError UNAVAILABLE, as if it could not be read. */
export function believable(previous: Partial<MetricsSummary> | undefined, next: MetricsSummary): MetricsSummary {
  const lost = lostFigures(previous, next);
  if (lost.length === 0) return next;
  throw new EngineError('UNAVAILABLE', `the metrics answer lacks what an earlier one had: ${lost.join(', ')}`);
}

const serviceOrigin = /^dataflow(\/|$)/;
/** Top-level transforms of Google's JDBC templates: "Read from JdbcIO", "Write to BigQuery" (JdbcToBigQuery.java and its siblings). */
const readStep = /^read/i;
const writeStep = /^write/i;

/** A metric without its tentative twin. */
type Figure = { readonly metric: JobMetric; readonly value: number };

/** One figure for each key; the committed value where there is one. What is no amount (NaN, negative) is left out: it measures nothing. */
function figuresOf(metrics: readonly JobMetric[]): readonly Figure[] {
  const byKey = new Map<string, JobMetric>();
  for (const metric of metrics) {
    if (!Number.isFinite(metric.value) || metric.value < 0) continue;
    const { origin, namespace, step, name, originalName, outputName } = metric;
    const key = JSON.stringify([origin, namespace, step, name, outputName ?? originalName]);
    const known = byKey.get(key);
    if (known === undefined || (known.tentative && !metric.tentative)) byKey.set(key, metric);
  }
  return [...byKey.values()].map((metric) => ({ metric, value: metric.value }));
}

/** A user counter by name: summed over its steps, as Beam does. Two namespaces with the same name are two different things: undefined. */
function counter(figures: readonly Figure[], name: string): number | undefined {
  const named = figures.filter(({ metric }) => metric.origin === 'user' && metric.name === name);
  if (new Set(named.map(({ metric }) => metric.namespace)).size !== 1) return undefined;
  return named.reduce((sum, { value }) => sum + value, 0);
}

/**
 * Elements of a top-level step, for templates that count nothing themselves: the largest count among its outputs, because a row passes
 * several of them while ranges, files and side inputs are fewer. Never too small; too large only for a table with fewer rows than ranges.
 */
function elementsOf(figures: readonly Figure[], step: RegExp): { count: number; bytes?: number } | undefined {
  const nameOf = ({ metric }: Figure) => metric.outputName ?? metric.step ?? metric.originalName ?? '';
  const within = figures.filter((figure) => serviceOrigin.test(figure.metric.origin) && step.test(nameOf(figure)));
  const [largest] = within
    .filter(({ metric }) => metric.name === 'ElementCount')
    .sort((left, right) => right.value - left.value);
  if (largest === undefined) return undefined;
  const mean = within.find(
    (figure) => figure.metric.name === 'MeanByteCount' && nameOf(figure) === nameOf(largest),
  )?.value;
  return { count: largest.value, ...(mean === undefined ? {} : { bytes: Math.round(mean * largest.value) }) };
}

/** Autoscaling events say exactly how many workers there are and were; without them the vCPUs in use tell the present. */
function workers(
  { autoscaling, machineType, previous }: Reading,
  currentVcpus: number | undefined,
): { currentWorkers: number | undefined; peakWorkers: number | undefined } {
  const newest = autoscaling.reduce<AutoscalingEvent | undefined>(
    (latest, event) => (latest === undefined || event.at >= latest.at ? event : latest),
    undefined,
  );
  const machine = machineType === undefined ? undefined : findMachineType(machineType);
  const byVcpus =
    currentVcpus === undefined || machine?.ok !== true ? undefined : currentVcpus / machine.machineType.vcpus;
  const currentWorkers = newest?.currentWorkers ?? byVcpus ?? previous?.currentWorkers;
  const peak = autoscaling.reduce(
    (most, event) => Math.max(most, event.currentWorkers),
    Math.max(previous?.peakWorkers ?? 0, currentWorkers ?? 0),
  );
  return { currentWorkers, peakWorkers: peak > 0 ? peak : undefined };
}

const maxCounters = 50;

/** User counters by namespace/step/name; the _MIN, _MAX, _COUNT, _MEAN scalars of distributions are left out. */
function userCounters(figures: readonly Figure[]): { userCounters?: Record<string, number> } {
  const counters = figures
    .filter(({ metric }) => metric.origin === 'user' && !/_(MIN|MAX|COUNT|MEAN)$/.test(metric.name))
    .map(({ metric, value }) => [`${metric.namespace ?? ''}/${metric.step ?? ''}/${metric.name}`, value] as const)
    .slice(0, maxCounters);
  return counters.length === 0 ? {} : { userCounters: Object.fromEntries(counters) };
}

function defined<T extends Record<string, number | undefined>>(values: T): { [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: number;
  };
}
