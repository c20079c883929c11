// The changes an execution can undergo, and after which status each may follow. Terminal statuses never change.

import type { Violation } from '../base/errors.ts';
import type { Attempt, Decision, ExecutionStatus, Failure } from './execution.ts';
import type { Job } from './job.ts';

export type Change =
  /** Capacity is full, ours or Dataflow's: wait. Only while no launch request of the current attempt can still make a job. */
  | { readonly kind: 'queued'; readonly reason: string; readonly nextCheckAt: number }
  /** About to send a launch request under a lease. */
  | { readonly kind: 'launchIntended'; readonly owner: string; readonly leaseUntil: number }
  /** A complete look-up by name found no job. */
  | { readonly kind: 'notFound'; readonly nextCheckAt: number }
  /** The attempt's job is known. */
  | {
      readonly kind: 'submitted';
      readonly job: Job & { id: string };
      readonly adopted: boolean;
      readonly nextCheckAt: number;
    }
  /** No launch, for good. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly violations: readonly Violation[] }
  | { readonly kind: 'cancelRequested'; readonly reason?: string; readonly nextCheckAt: number }
  | { readonly kind: 'cancelSent'; readonly nextCheckAt: number }
  /** A cancel was recorded and no job can exist. */
  | { readonly kind: 'cancelledUnlaunched' }
  /** The job was seen in a state that is no end. */
  | { readonly kind: 'jobSeen'; readonly job: Job; readonly nextCheckAt: number }
  /** The job's end was read from the service. */
  | {
      readonly kind: 'jobEnded';
      readonly job: Job;
      readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
      readonly failure?: Failure;
      readonly decision?: Decision;
    }
  /** The legs of a three-stage load moved their parent. */
  | {
      readonly kind: 'legsMoved';
      readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
      readonly legs: readonly string[];
      readonly reason?: string;
      readonly failure?: Failure;
      readonly nextCheckAt: number;
    }
  /** The job failed and another attempt follows; its launch goes through QUEUED so that capacity and lease rules hold again. */
  | {
      readonly kind: 'nextAttempt';
      readonly job: Job;
      readonly failure: Failure;
      readonly decision: Decision;
      readonly attempt: Attempt;
      readonly nextCheckAt: number;
    };

export type ChangeKind = Change['kind'];

const allowed: Readonly<Record<ExecutionStatus, readonly ChangeKind[]>> = {
  QUEUED: ['queued', 'launchIntended', 'cancelRequested', 'rejected'],
  LAUNCHING: ['queued', 'launchIntended', 'notFound', 'submitted', 'rejected', 'cancelRequested', 'legsMoved'],
  SUBMITTED: ['jobSeen', 'jobEnded', 'nextAttempt', 'cancelRequested'],
  RUNNING: ['jobSeen', 'jobEnded', 'nextAttempt', 'cancelRequested', 'legsMoved'],
  CANCELLING: [
    'notFound',
    'submitted',
    'rejected',
    'cancelSent',
    'cancelledUnlaunched',
    'jobSeen',
    'jobEnded',
    'cancelRequested',
    'legsMoved',
  ],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
  REJECTED: [],
};

/** Whether `transition` would accept a change of this kind now. */
export const mayFollow = (status: ExecutionStatus, kind: ChangeKind): boolean => allowed[status].includes(kind);
