// Which Dataflow job state may follow which, and which of them are the end.

import type { JobState } from '../../shared/schema/job.ts';

const terminal: readonly JobState[] = [
  'JOB_STATE_DONE',
  'JOB_STATE_FAILED',
  'JOB_STATE_CANCELLED',
  'JOB_STATE_UPDATED',
  'JOB_STATE_DRAINED',
];

/** True for states that never change again; only they free the job's name. */
export function isTerminal(state: JobState): boolean {
  return terminal.includes(state);
}

/**
 * Source: the JobState comments of jobs.proto. Two additions from practice: a launcher that fails takes a job from QUEUED straight
 * to FAILED, and a cancelling job may still end DONE or FAILED.
 */
const successors: Partial<Record<JobState, readonly JobState[]>> = {
  JOB_STATE_QUEUED: ['JOB_STATE_PENDING', 'JOB_STATE_CANCELLED', 'JOB_STATE_FAILED'],
  JOB_STATE_PENDING: ['JOB_STATE_RUNNING', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLING', 'JOB_STATE_CANCELLED'],
  JOB_STATE_RUNNING: ['JOB_STATE_DONE', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLING', 'JOB_STATE_CANCELLED'],
  JOB_STATE_CANCELLING: ['JOB_STATE_CANCELLED', 'JOB_STATE_FAILED', 'JOB_STATE_DONE'],
};

/** Whether a batch job may go from one state to the other; staying is no change and not allowed here. */
export function mayFollow(from: JobState, to: JobState): boolean {
  return successors[from]?.includes(to) ?? false;
}
