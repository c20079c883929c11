// The one pure function that knows which change may follow which status. Terminal statuses never change.

import type { Violation } from '../base/errors.ts';
import type { Attempt, Decision, Execution, ExecutionStatus, Failure } from './execution.ts';
import { isTerminal } from './execution.ts';
import type { Job } from './job.ts';
import { phaseOf } from './job-state.ts';

export type Change =
  /** Capacity is full: wait. Only before a launch request of the current attempt was sent. */
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

/** The current attempt: the last one. */
export function currentAttempt(execution: Execution): Attempt | undefined {
  return execution.attempts.at(-1);
}

/**
 * The execution after `change` at `now` (epoch ms), or undefined when the change may not follow the current status: the caller lost
 * a race and must read again. Never mutates.
 */
export function transition(execution: Execution, change: Change, now: number): Execution | undefined {
  if (!mayFollow(execution.status, change.kind)) return undefined;
  const next = apply(execution, change, now);
  if (next === undefined) return undefined;
  const updatedAt = Math.max(now, execution.updatedAt);
  return isTerminal(next.status)
    ? { ...withoutLease(next), updatedAt, endedAt: updatedAt, nextCheckAt: updatedAt }
    : { ...next, updatedAt };
}

function apply(execution: Execution, change: Change, now: number): Execution | undefined {
  switch (change.kind) {
    case 'queued':
      return {
        ...withoutLease(execution),
        status: 'QUEUED',
        statusReason: change.reason,
        nextCheckAt: change.nextCheckAt,
      };
    case 'launchIntended':
      return {
        ...withAttempt(execution, (attempt) => {
          const { notFoundAt: _seen, ...rest } = attempt;
          // 50 intents are 50 × the lease apart: hours. The first is kept in `intentAt`, so the oldest may go.
          return { ...rest, launchIntents: [...attempt.launchIntents, now].slice(-50) };
        }),
        status: 'LAUNCHING',
        owner: change.owner,
        leaseUntil: change.leaseUntil,
        nextCheckAt: change.leaseUntil + 1,
      };
    case 'notFound':
      return {
        ...withAttempt(execution, (attempt) => ({ ...attempt, notFoundAt: attempt.notFoundAt ?? now })),
        nextCheckAt: change.nextCheckAt,
      };
    case 'submitted':
      return {
        ...withAttempt(withoutLease(execution), (attempt) => ({
          ...attempt,
          ...observed(change.job),
          jobId: change.job.id,
          adopted: change.adopted,
          submittedAt: now,
        })),
        status: execution.status === 'CANCELLING' ? 'CANCELLING' : 'SUBMITTED',
        nextCheckAt: change.nextCheckAt,
      };
    case 'rejected':
      return rejected(execution, change);
    case 'cancelRequested':
      return cancelRequested(execution, change, now);
    case 'cancelSent':
      return execution.cancel === undefined
        ? undefined
        : { ...execution, cancel: { ...execution.cancel, sentAt: now }, nextCheckAt: change.nextCheckAt };
    case 'cancelledUnlaunched':
      return { ...execution, status: 'CANCELLED', statusReason: 'cancelled before any job was launched' };
    case 'jobSeen':
      return {
        ...withAttempt(execution, (attempt) => ({ ...attempt, ...observed(change.job) })),
        status: statusWhileActive(execution.status, change.job),
        nextCheckAt: change.nextCheckAt,
      };
    case 'jobEnded':
      return jobEnded(execution, change, now);
    case 'legsMoved': {
      // What it waited for is history once it has moved on.
      const { statusReason: _before, ...rest } = withoutLease(execution);
      return {
        ...rest,
        // A parent that is being cancelled stays so until its legs have ended.
        status: execution.status === 'CANCELLING' && change.status === 'RUNNING' ? 'CANCELLING' : change.status,
        legs: [...change.legs],
        ...(change.reason === undefined ? {} : { statusReason: change.reason }),
        ...(change.failure === undefined ? {} : { failure: change.failure }),
        nextCheckAt: change.nextCheckAt,
      };
    }
    case 'nextAttempt':
      return {
        ...jobEnded(execution, { ...change, kind: 'jobEnded', status: 'FAILED' }, now),
        status: 'QUEUED',
        statusReason: change.decision.reason,
        attempts: [
          ...jobEnded(execution, { ...change, kind: 'jobEnded', status: 'FAILED' }, now).attempts,
          change.attempt,
        ],
        nextCheckAt: change.nextCheckAt,
      };
  }
}

/** What never had a job is REJECTED; what had one and gets no further attempt FAILED, for the reason its last job failed for. */
function rejected(execution: Execution, { reason, violations }: Extract<Change, { kind: 'rejected' }>): Execution {
  const told = { ...execution, statusReason: reason, violations: [...violations] };
  if (execution.attempts.every(({ jobId }) => jobId === undefined)) return { ...told, status: 'REJECTED' };
  const failure = execution.attempts.findLast((attempt) => attempt.failure !== undefined)?.failure;
  return { ...told, status: 'FAILED', ...(failure === undefined ? {} : { failure }) };
}

function cancelRequested(
  execution: Execution,
  change: Extract<Change, { kind: 'cancelRequested' }>,
  now: number,
): Execution {
  const cancel = execution.cancel ?? {
    requestedAt: now,
    ...(change.reason === undefined ? {} : { reason: change.reason }),
  };
  if (execution.status === 'QUEUED') {
    return {
      ...execution,
      status: 'CANCELLED',
      cancel,
      statusReason: 'cancelled while it waited: no job was launched',
    };
  }
  // The lease stays: whoever holds it may be about to launch, so only its expiry and two look-ups prove that no job exists.
  return {
    ...execution,
    status: 'CANCELLING',
    cancel,
    nextCheckAt:
      currentAttempt(execution)?.jobId === undefined
        ? (execution.nextCheckAt ?? change.nextCheckAt)
        : change.nextCheckAt,
  };
}

function jobEnded(execution: Execution, change: Extract<Change, { kind: 'jobEnded' }>, now: number): Execution {
  return {
    ...withAttempt(execution, (attempt) => ({
      ...attempt,
      ...observed(change.job),
      endedAt: change.job.stateAt ?? now,
      ...(change.failure === undefined ? {} : { failure: change.failure }),
    })),
    status: change.status,
    ...(change.failure === undefined ? {} : { failure: change.failure, statusReason: change.failure.summary }),
    ...(change.decision === undefined
      ? {}
      : { decisions: [...(execution.decisions ?? []), change.decision].slice(-50) }),
  };
}

function statusWhileActive(status: ExecutionStatus, job: Job): ExecutionStatus {
  if (status === 'CANCELLING') return status;
  return phaseOf(job.state) === 'running' ? 'RUNNING' : status;
}

function observed(job: Job): Partial<Attempt> {
  return {
    ...(job.state === undefined ? {} : { lastState: job.state }),
    ...(job.stateAt === undefined ? {} : { lastStateAt: job.stateAt }),
    ...(job.createdAt === undefined ? {} : { jobCreatedAt: job.createdAt }),
    ...(job.startedAt === undefined ? {} : { jobStartedAt: job.startedAt }),
  };
}

function withAttempt(execution: Execution, change: (attempt: Attempt) => Attempt): Execution {
  return {
    ...execution,
    attempts: execution.attempts.map((attempt, index, all) => (index === all.length - 1 ? change(attempt) : attempt)),
  };
}

function withoutLease(execution: Execution): Execution {
  const { owner: _owner, leaseUntil: _leaseUntil, ...rest } = execution;
  return rest;
}
