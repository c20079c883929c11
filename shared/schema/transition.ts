// The one pure function that applies a change to an execution, if it may follow the status.

import { type Change, mayFollow } from './change.ts';
import type { Attempt, Execution, ExecutionStatus } from './execution.ts';
import { isTerminal } from './execution.ts';
import type { Job } from './job.ts';
import { phaseOf } from './job-state.ts';

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
          // 50 intents, with the pauses between them, are more than a day. The first is kept in `intentAt`, so the oldest may go.
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
    case 'nextAttempt': {
      const ended = jobEnded(execution, { ...change, kind: 'jobEnded', status: 'FAILED' }, now);
      return {
        ...ended,
        status: 'QUEUED',
        statusReason: change.decision.reason,
        attempts: [...ended.attempts, change.attempt],
        nextCheckAt: change.nextCheckAt,
      };
    }
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
