// What the service knows of one job: the shape of its own record, kept in the job store.

import type { JobState } from '../../shared/schema/job.ts';

/** How the workers of a job were asked for; the numbers are already checked. */
export type WorkerSettings = {
  /** 0 = not given. */
  readonly numWorkers: number;
  /** 0 = not given. */
  readonly maxWorkers: number;
  /** AUTOSCALING_ALGORITHM_NONE: the number of workers never changes. */
  readonly fixedWorkers: boolean;
  readonly machineType: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly diskGb: number;
  /** numberOfWorkerHarnessThreads, else the vCPUs of the machine type. */
  readonly threadsPerWorker: number;
  readonly zone: string;
  readonly serviceAccountEmail: string;
  readonly tempLocation: string;
  readonly flexrs: boolean;
  readonly experiments: readonly string[];
};

/** A failure that the fault script has in store for a job: in which phase, after how long in it, with which message. */
export type Doom = {
  readonly phase: 'QUEUED' | 'PENDING' | 'RUNNING';
  readonly afterMs: number;
  readonly text: string;
};

/** The life of a job without data: it walks its states by the clock alone. Durations of the phases in ms. */
export type Script = {
  readonly queuedMs: number;
  readonly pendingMs: number;
  readonly runningMs: number;
  readonly cancellingMs: number;
  readonly outcome: 'JOB_STATE_DONE' | 'JOB_STATE_FAILED' | 'JOB_STATE_CANCELLED';
  readonly errorText: string;
  readonly rows: number;
  readonly bytes: number;
  readonly ranges: number;
};

/** How far the load of a job is. `bytesRead` counts the row bytes that came over the wire of the source. */
export type LoadProgress = {
  rangesTotal: number;
  rangesDone: number;
  rowsRead: number;
  bytesRead: number;
  rowsWritten: number;
  bytesWritten: number;
  /** Bytes that would have passed the shuffle service. */
  shuffleBytes: number;
};

export type JobRecord = {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly location: string;
  readonly containerSpecGcsPath: string;
  readonly templateName: string;
  /** Plain values of sensitive parameters are replaced by asterisks; secret version paths stay readable. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly workers: WorkerSettings;
  readonly createdAt: number;
  readonly state: JobState;
  readonly stateAt: number;
  readonly requestedState?: JobState;
  /** When the job became PENDING (a delayed FlexRS job has none before). */
  readonly startedAt?: number;
  /** When the workers began, for the vCPU and memory seconds. */
  readonly runningAt?: number;
  readonly endedAt?: number;
  /** Workers that ran at once. */
  readonly workerCount: number;
  readonly progress?: Readonly<LoadProgress>;
  readonly script?: Script;
  readonly doom?: Doom;
  /** Faults of visibility: absent from lists, and 404 for GetJob, before these times (epoch ms). */
  readonly listedFrom?: number;
  readonly gettableFrom?: number;
  /** A cancel before this time answers "not yet ready for canceling". */
  readonly cancellableFrom: number;
  /** Folder of temporary files under the buckets directory, removed when the job ends or when the service starts again. */
  readonly tempDir?: string;
};

export const noProgress: Readonly<LoadProgress> = {
  rangesTotal: 0,
  rangesDone: 0,
  rowsRead: 0,
  bytesRead: 0,
  rowsWritten: 0,
  bytesWritten: 0,
  shuffleBytes: 0,
};
