// From the wire messages of google.dataflow.v1beta3 to the engine's words. Every field may be missing.

import type { AutoscalingEvent, Job, JobMessage, JobMetric } from '../schema/job.ts';
import { jobStateOf } from '../schema/job-state.ts';

type Timestamp = { seconds?: unknown; nanos?: number | null } | null | undefined;
type WireJob = {
  id?: string | null;
  name?: string | null;
  projectId?: string | null;
  location?: string | null;
  currentState?: unknown;
  currentStateTime?: Timestamp;
  createTime?: Timestamp;
  startTime?: Timestamp;
  replacedByJobId?: string | null;
  labels?: Record<string, string> | null;
};
type WireMetric = {
  name?: { origin?: string | null; name?: string | null; context?: Record<string, string> | null } | null;
  scalar?: { numberValue?: number | null } | null;
};
type WireMessage = { id?: string | null; time?: Timestamp; messageText?: string | null; messageImportance?: unknown };
type WireAutoscaling = { time?: Timestamp; currentNumWorkers?: unknown; targetNumWorkers?: unknown };

/** A launch answer holds no state (recorded: no currentState, no type, no labels); proto3 shows that as the zero enum, so it stays absent. */
export function jobView(job: WireJob): Job {
  const state =
    job.currentState === 0 || job.currentState === 'JOB_STATE_UNKNOWN' ? undefined : jobStateOf(job.currentState);
  const labels = Object.keys(job.labels ?? {}).length === 0 ? undefined : job.labels;
  return defined({
    id: job.id || undefined,
    name: job.name || undefined,
    projectId: job.projectId || undefined,
    location: job.location || undefined,
    state,
    stateAt: epochMs(job.currentStateTime),
    createdAt: epochMs(job.createTime),
    startedAt: epochMs(job.startTime),
    replacedByJobId: job.replacedByJobId || undefined,
    labels: labels ?? undefined,
  });
}

/** Scalars only; distributions come as an object beside their _MIN/_MAX/_COUNT/_MEAN scalars and are left out. */
export function metricView(metric: WireMetric): JobMetric | undefined {
  const value = metric.scalar?.numberValue;
  const name = metric.name?.name;
  if (typeof value !== 'number' || !name) return undefined;
  const context = metric.name?.context ?? {};
  return defined({
    origin: metric.name?.origin ?? '',
    name,
    namespace: context.namespace,
    step: context.step,
    tentative: context.tentative === 'true',
    originalName: context.original_name,
    outputName: context.output_user_name,
    value,
  });
}

/** JobMessageImportance by number; the numbers are not in order of severity. */
const importances: Readonly<Record<string, JobMessage['importance']>> = {
  1: 'DEBUG',
  2: 'DETAILED',
  3: 'WARNING',
  4: 'ERROR',
  5: 'BASIC',
  JOB_MESSAGE_DEBUG: 'DEBUG',
  JOB_MESSAGE_DETAILED: 'DETAILED',
  JOB_MESSAGE_WARNING: 'WARNING',
  JOB_MESSAGE_ERROR: 'ERROR',
  JOB_MESSAGE_BASIC: 'BASIC',
};

export function messageView(message: WireMessage): JobMessage {
  return {
    id: message.id ?? '',
    at: epochMs(message.time) ?? 0,
    importance: importances[String(message.messageImportance)] ?? 'UNKNOWN',
    text: message.messageText ?? '',
  };
}

export function autoscalingView(event: WireAutoscaling): AutoscalingEvent {
  return {
    at: epochMs(event.time) ?? 0,
    currentWorkers: Number(event.currentNumWorkers ?? 0),
    targetWorkers: Number(event.targetNumWorkers ?? 0),
  };
}

/** Epoch milliseconds; the epoch itself is the service's way of saying "not yet". */
function epochMs(time: Timestamp): number | undefined {
  if (time === null || time === undefined) return undefined;
  const ms = Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000);
  return ms > 0 ? ms : undefined;
}

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
