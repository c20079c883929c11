// The metrics of a job with Dataflow's names, origins, context keys and units.

import { type JobRecord, type LoadProgress, noProgress } from './job-record.ts';
import { isTerminal } from './job-state.ts';
import { type Timestamp, toTimestamp } from './timestamp.ts';

/**
 * Namespace of this service's own user counters: rangesTotal, rangesDone, rowsRead, rowsWritten, and bytesRead / bytesWritten (row bytes
 * as they came over the wire of the source). A template at Google has none of them; there, rows come from ElementCount.
 */
export const counterNamespace = 'local.dataflow.JdbcToBigQuery';

export type WireMetric = {
  readonly name: { readonly origin: string; readonly name: string; readonly context: Readonly<Record<string, string>> };
  readonly scalar: { readonly numberValue: number };
  readonly updateTime: Timestamp;
};

/**
 * All metrics at `now`, each with its `tentative` twin; while the job runs only the tentative ones exist. Units, by the original names:
 * vCPU-seconds, MiB-seconds, GB-seconds, GB of shuffle.
 */
export function jobMetrics(record: JobRecord, live: Readonly<LoadProgress> | undefined, now: number): WireMetric[] {
  const ended = isTerminal(record.state);
  const at = record.endedAt ?? now;
  const progress = live ?? record.progress ?? noProgress;
  const updateTime = toTimestamp(at);
  const figures = [
    ...serviceFigures(record, progress, at, ended),
    ...stepFigures(progress),
    ...counterFigures(progress),
  ];
  return figures.flatMap(({ origin, name, context, value }) => {
    const scalar = { numberValue: value };
    const tentative = { name: { origin, name, context: { ...context, tentative: 'true' } }, scalar, updateTime };
    return ended ? [{ name: { origin, name, context }, scalar, updateTime }, tentative] : [tentative];
  });
}

type Figure = {
  readonly origin: string;
  readonly name: string;
  readonly context: Record<string, string>;
  readonly value: number;
};

const serviceOrigin = 'dataflow/v1b3';
/** Shuffle data is charged at a quarter for the first 250 GB of a job (measured 0.25 in a sample of Google's metrics exporter). */
const billableShare = 0.25;

function serviceFigures(record: JobRecord, progress: Readonly<LoadProgress>, at: number, ended: boolean): Figure[] {
  const { vcpus, memoryGib, diskGb } = record.workers;
  const seconds = record.runningAt === undefined ? 0 : Math.max(0, at - record.runningAt) / 1000;
  const workers = record.workerCount;
  const running = ended || record.runningAt === undefined ? 0 : workers;
  const shuffleGb = progress.shuffleBytes / 1e9;
  const mib = memoryGib * 1024;
  const rows: [name: string, originalName: string, value: number][] = [
    ['TotalVcpuTime', 'Service-cpu_num_seconds', workers * vcpus * seconds],
    ['TotalMemoryUsage', 'Service-mem_mb_seconds', workers * mib * seconds],
    ['TotalPdUsage', 'Service-pd_gb_seconds', workers * diskGb * seconds],
    ['TotalSsdUsage', 'Service-pd_ssd_gb_seconds', 0],
    ['TotalShuffleDataProcessed', 'Service-shuffle_service_actual_gb', shuffleGb],
    ['BillableShuffleDataProcessed', 'Service-shuffle_service_chargeable_gb', shuffleGb * billableShare],
    ['CurrentVcpuCount', 'Service-cpu_num', running * vcpus],
    ['CurrentMemoryUsage', 'Service-mem_mb', running * mib],
    ['CurrentPdUsage', 'Service-pd_gb', running * diskGb],
    ['CurrentSsdUsage', 'Service-pd_ssd_gb', 0],
  ];
  return rows.map(([name, original, value]) => ({
    origin: serviceOrigin,
    name,
    context: { original_name: original },
    value: rounded(value),
  }));
}

const readStep = 'Read from JdbcIO';
const writeStep = 'Write To BigQuery';

function stepFigures(progress: Readonly<LoadProgress>): Figure[] {
  return [
    ...stepPair(readStep, 's1', progress.rowsRead, progress.bytesRead),
    ...stepPair(writeStep, 's2', progress.rowsWritten, progress.bytesWritten),
  ];
}

function stepPair(step: string, pcollection: string, elements: number, bytes: number): Figure[] {
  const figure = (name: string, value: number): Figure => ({
    origin: serviceOrigin,
    name,
    context: { original_name: `${pcollection}-${name}`, output_user_name: `${step}-out0`, step },
    value,
  });
  return [figure('ElementCount', elements), figure('MeanByteCount', elements === 0 ? 0 : Math.round(bytes / elements))];
}

function counterFigures(progress: Readonly<LoadProgress>): Figure[] {
  const names = ['rangesTotal', 'rangesDone', 'rowsRead', 'bytesRead', 'rowsWritten', 'bytesWritten'] as const;
  return names.map((name) => ({
    origin: 'user',
    name,
    context: { namespace: counterNamespace, step: name.endsWith('Written') ? writeStep : readStep },
    value: progress[name],
  }));
}

/** Three decimals: a job of two seconds on this machine would otherwise be told in whole vCPU-seconds. Shuffle keeps single bytes. */
function rounded(value: number): number {
  return Math.abs(value) < 1 ? Math.round(value * 1e9) / 1e9 : Math.round(value * 1000) / 1000;
}
