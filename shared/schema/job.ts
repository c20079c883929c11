// A Dataflow job as the engine sees it: every field of the service's Job may be missing, so every field here may be absent.

/** Dataflow's 13 numbered states (0..14 with PAUSING and PAUSED announced in the proto), plus anything a newer service may say. */
export const jobStates = [
  'JOB_STATE_UNKNOWN',
  'JOB_STATE_STOPPED',
  'JOB_STATE_RUNNING',
  'JOB_STATE_DONE',
  'JOB_STATE_FAILED',
  'JOB_STATE_CANCELLED',
  'JOB_STATE_UPDATED',
  'JOB_STATE_DRAINING',
  'JOB_STATE_DRAINED',
  'JOB_STATE_PENDING',
  'JOB_STATE_CANCELLING',
  'JOB_STATE_QUEUED',
  'JOB_STATE_RESOURCE_CLEANING_UP',
  'JOB_STATE_PAUSING',
  'JOB_STATE_PAUSED',
] as const;

export type JobState = (typeof jobStates)[number];

export type Job = {
  readonly id?: string;
  readonly name?: string;
  readonly projectId?: string;
  readonly location?: string;
  /** Absent, or a state this code knows; an unknown enum value arrives as JOB_STATE_UNKNOWN. */
  readonly state?: JobState;
  readonly stateAt?: number;
  readonly createdAt?: number;
  readonly startedAt?: number;
  readonly replacedByJobId?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** One metric of GetJobMetrics; keyed by origin, namespace, step, name, tentative - never by name alone. */
export type JobMetric = {
  readonly origin: string;
  readonly name: string;
  readonly namespace?: string;
  readonly step?: string;
  readonly tentative: boolean;
  readonly originalName?: string;
  /** `output_user_name`: the output of a pipeline step an ElementCount counts, as the pipeline's author named it. */
  readonly outputName?: string;
  readonly value: number;
};

/** One job message; `importance` is the service's word, DEBUG | DETAILED | BASIC | WARNING | ERROR. */
export type JobMessage = {
  readonly id: string;
  readonly at: number;
  readonly importance: 'DEBUG' | 'DETAILED' | 'BASIC' | 'WARNING' | 'ERROR' | 'UNKNOWN';
  readonly text: string;
};

/** One autoscaling event. */
export type AutoscalingEvent = { readonly at: number; readonly currentWorkers: number; readonly targetWorkers: number };
