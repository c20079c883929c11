// What each Dataflow job state means for an execution: the one table from the service's words to ours.
// Source: the JobState comments of google.dataflow.v1beta3 (jobs.proto) and the practice noted beside each row.

import { type JobState, jobStates } from './job.ts';

export type JobPhase =
  /** Says nothing: keep polling. */
  | 'indeterminate'
  /** Accepted, workers not at work yet. */
  | 'starting'
  | 'running'
  /** Winding down; still holds its name and its workers. */
  | 'ending'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  /** Replaced by a successor job: follow it. */
  | 'replaced';

export const phaseOfJobState: Readonly<Record<JobState, JobPhase>> = {
  JOB_STATE_UNKNOWN: 'indeterminate',
  // "Not yet started" by its comment, a terminated example by ListJobs' comment: never take it as an end.
  JOB_STATE_STOPPED: 'indeterminate',
  JOB_STATE_RUNNING: 'running',
  JOB_STATE_DONE: 'succeeded',
  JOB_STATE_FAILED: 'failed',
  JOB_STATE_CANCELLED: 'cancelled',
  JOB_STATE_UPDATED: 'replaced',
  // Draining and cancelling jobs still bind their name; a cancelling job may still end FAILED or DONE.
  JOB_STATE_DRAINING: 'ending',
  // Somebody drained it by hand: it ended before reading everything.
  JOB_STATE_DRAINED: 'cancelled',
  JOB_STATE_PENDING: 'starting',
  JOB_STATE_CANCELLING: 'ending',
  JOB_STATE_QUEUED: 'starting',
  JOB_STATE_RESOURCE_CLEANING_UP: 'running',
  JOB_STATE_PAUSING: 'indeterminate',
  JOB_STATE_PAUSED: 'indeterminate',
};

/** The phase of a state; absent or unknown states are indeterminate. */
export function phaseOf(state: JobState | undefined): JobPhase {
  return state === undefined ? 'indeterminate' : phaseOfJobState[state];
}

/** The state of a wire value (name or proto number); anything unheard of becomes JOB_STATE_UNKNOWN, so polling goes on. */
export function jobStateOf(wire: unknown): JobState | undefined {
  if (wire === undefined || wire === null) return undefined;
  if (typeof wire === 'number') return jobStates[wire] ?? 'JOB_STATE_UNKNOWN';
  return jobStates.find((state) => state === wire) ?? 'JOB_STATE_UNKNOWN';
}
