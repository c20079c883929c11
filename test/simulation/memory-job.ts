// The life of one job in the simulated Dataflow: which state it is in at any moment, as a function of time alone.

import type { Job, JobState } from '../../shared/schema/job.ts';
import type { LaunchRequest } from '../../shared/schema/plan.ts';

/** What fate a new job has, in milliseconds from its creation. */
export type JobLife = {
  readonly queuedMs: number;
  readonly startingMs: number;
  readonly runningMs: number;
  readonly end: 'JOB_STATE_DONE' | 'JOB_STATE_FAILED';
  /** The error message of a job that fails. */
  readonly errorText?: string;
  /** Missing from lists through this long after creation. */
  readonly listLagMs: number;
  /** GetJob answers 404 for so long. */
  readonly hiddenMs: number;
  /** "Not yet ready for canceling" for so long. */
  readonly notReadyMs: number;
  /** From an accepted cancel to CANCELLED, unless the job ends first. */
  readonly cancelMs: number;
  /** So many cancels are accepted and come to nothing (scio #3270). */
  readonly forgottenCancels: number;
};

export type SimulatedJob = {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly region: string;
  readonly createdAt: number;
  readonly life: JobLife;
  readonly labels: Readonly<Record<string, string>>;
  /** Whose job it is by its labels; undefined for jobs of others. */
  readonly executionId: string | undefined;
  readonly attempt: number;
  /** Source connections it holds while it is active, read off the request. */
  readonly connections: number;
  readonly source: string;
  cancelledAt: number | undefined;
  /** Cancels that were accepted and came to nothing so far. */
  forgotten: number;
};

/** When the job ends, and how. */
export function endOf(job: SimulatedJob): { readonly at: number; readonly state: JobState } {
  const { life } = job;
  const at = job.createdAt + life.queuedMs + life.startingMs + life.runningMs;
  if (job.cancelledAt !== undefined && job.cancelledAt + life.cancelMs < at) {
    return { at: job.cancelledAt + life.cancelMs, state: 'JOB_STATE_CANCELLED' };
  }
  return { at, state: life.end };
}

export const isActiveAt = (job: SimulatedJob, now: number): boolean => now < endOf(job).at;

export const isListedAt = (job: SimulatedJob, now: number): boolean => now > job.createdAt + job.life.listLagMs;

/** vCPU-seconds as GetJobMetrics tells them: they grow with the work and are final two minutes after the end, as the service commits late. */
export function vcpuSecAt(job: SimulatedJob, now: number): number {
  return 4 * Math.max(0, Math.floor((Math.min(now, endOf(job).at + 120_000) - job.createdAt) / 1000));
}

function stateAt(job: SimulatedJob, now: number): JobState {
  const end = endOf(job);
  if (now >= end.at) return end.state;
  if (job.cancelledAt !== undefined) return 'JOB_STATE_CANCELLING';
  if (now < job.createdAt + job.life.queuedMs) return 'JOB_STATE_QUEUED';
  if (now < job.createdAt + job.life.queuedMs + job.life.startingMs) return 'JOB_STATE_PENDING';
  return 'JOB_STATE_RUNNING';
}

/** The job as `get` shows it; lists leave labels out. */
export function viewOf(job: SimulatedJob, now: number): Job {
  const end = endOf(job);
  const startedAt = job.createdAt + job.life.queuedMs;
  return {
    id: job.id,
    name: job.name,
    projectId: job.projectId,
    location: job.region,
    state: stateAt(job, now),
    stateAt: now >= end.at ? end.at : job.createdAt,
    createdAt: job.createdAt,
    ...(now >= startedAt ? { startedAt } : {}),
  };
}

/** Connections a job of this request can hold: min(ranges, workers × threads), as Beam's JdbcIO reads. */
export function connectionsOf({ launchParameter: { parameters, environment } }: LaunchRequest): number {
  const threads = environment.additionalPipelineOptions
    ?.find((option) => option.startsWith('numberOfWorkerHarnessThreads='))
    ?.split('=')[1];
  return Math.min(Number(parameters.numPartitions ?? 1), environment.maxWorkers * Number(threads ?? 1));
}
