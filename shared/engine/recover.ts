// Finishes launches that nobody finished: adopts the job a lost answer left behind, or launches again once it is sure that none exists.

import type { Execution } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { bookEstimate } from './book-estimate.ts';
import type { EngineDeps } from './deps.ts';
import { launchOwned } from './launch.ts';
import { launchGivenUp, launchPauseMs, launchPauseReason } from './launch-patience.ts';
import { lookUpJob } from './look-up.ts';
import type { Versioned } from './ports.ts';
import { readable, recordFailedLook } from './readable.ts';
import { recordChange } from './record.ts';
import { reserve } from './reserve.ts';
import { firstPollMs } from './schedule.ts';
import { leaseMs } from './settings.ts';
import { stopWithParent } from './stop-with-parent.ts';

/**
 * One step for an execution without a job id whose check is due. Look, wait, look again, and only then launch under the same name: a
 * request may be accepted until the lease ends, and a job may be missing from lists for `listLagMs` after that. Undefined: lost a race.
 */
export async function recoverLaunch(
  deps: EngineDeps,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const execution = read.value;
  const attempt = currentAttempt(execution);
  if (attempt === undefined || attempt.jobId !== undefined) return undefined;
  const now = deps.clock.now();
  // Strictly after: at `leaseUntil` itself the owner's request may still be accepted.
  if (execution.leaseUntil !== undefined && !(now > execution.leaseUntil)) return undefined;

  const found = await lookUpJob(deps, execution, attempt);
  const seen = readable(read, now);
  if (found.kind === 'found') {
    deps.log('adopted', { executionId: execution.executionId, jobName: attempt.jobName, jobId: found.job.id });
    return recordChange(deps, seen, {
      kind: 'submitted',
      job: found.job,
      adopted: true,
      nextCheckAt: now + firstPollMs(deps.settings),
    });
  }
  if (found.kind === 'foreign') {
    const message = `an active job ${found.job.id} that is not ours holds the name ${attempt.jobName}`;
    return recordChange(deps, seen, {
      kind: 'rejected',
      reason: message,
      violations: [
        { code: 'NAME_TAKEN', path: '', message: `${message}; end it, or run again with another executionKey` },
      ],
    });
  }
  if (found.kind === 'inconclusive' || attempt.notFoundAt === undefined) {
    // A partial list proves nothing: it does not start the waiting time, and is no look that succeeded.
    if (found.kind === 'inconclusive') return recordFailedLook(deps, read);
    const nextCheckAt = deps.clock.now() + lookAgainAfterMs(deps);
    return recordChange(deps, seen, { kind: 'notFound', nextCheckAt });
  }
  if (now < attempt.notFoundAt + lookAgainAfterMs(deps)) return undefined;
  if (execution.cancel !== undefined) return recordChange(deps, seen, { kind: 'cancelledUnlaunched' });
  const pauseMs = launchPauseMs(deps.settings, attempt);
  if (pauseMs === 0) return launchAgain(deps, seen);
  // Nothing is under way: it waits as one that has not been launched does, and keeps its place.
  const nextCheckAt = Math.min(now + pauseMs, execution.deadlineAt ?? Number.POSITIVE_INFINITY);
  return recordChange(deps, seen, { kind: 'queued', reason: launchPauseReason(attempt), nextCheckAt });
}

/** Another instance may have written `notFoundAt`, so both clocks' skew is added to the lag of lists. */
const lookAgainAfterMs = ({ settings }: Pick<EngineDeps, 'settings'>): number =>
  settings.listLagMs + 2 * settings.clockSkewMs;

/** Launches a QUEUED execution once a place is free, or a LAUNCHING one that provably has no job, under a new lease. */
export async function launchAgain(
  deps: EngineDeps,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const givenUp = launchGivenUp(read.value, deps.clock.now());
  if (givenUp !== undefined)
    return recordChange(deps, read, { kind: 'rejected', reason: givenUp.message, violations: [givenUp] });
  const { deadlineAt, status, statusReason } = read.value;
  // In the queue nothing is under way: what would be launched now is a new attempt, and after the deadline there is none.
  if (status === 'QUEUED' && deadlineAt !== undefined && deps.clock.now() >= deadlineAt) {
    const message = 'the deadline came while it waited in the queue (policy.deadlineSec)';
    return recordChange(deps, read, {
      kind: 'rejected',
      reason: statusReason === undefined ? message : `${message}: ${statusReason}`,
      violations: [{ code: 'DEADLINE', path: '', message: `${message}; run it again, or allow more time` }],
    });
  }
  const stopped = await stopWithParent(deps, read);
  if (stopped !== undefined) return stopped.read;
  const place = await reserve(deps, read.value);
  if (!place.admitted) {
    return recordChange(deps, read, {
      kind: 'queued',
      reason: place.reason,
      nextCheckAt: deps.clock.now() + deps.settings.queueRetryMs,
    });
  }
  const overBudget = await bookEstimate(deps, read.value);
  if (overBudget !== undefined)
    return recordChange(deps, read, { kind: 'rejected', reason: overBudget.message, violations: [overBudget] });
  if (read.value.status !== 'QUEUED') {
    deps.log('relaunch', { executionId: read.value.executionId, attempt: currentAttempt(read.value)?.number });
  }
  const owner = deps.tokens.next();
  const leased = await recordChange(deps, read, {
    kind: 'launchIntended',
    owner,
    leaseUntil: deps.clock.now() + leaseMs(deps.settings),
  });
  return leased === undefined ? undefined : launchOwned(deps, leased, owner);
}
