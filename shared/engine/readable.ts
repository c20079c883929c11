// What a look that failed, and one that did not, leave in the record beside what was seen.

import type { Execution } from '../schema/execution.ts';
import { isTerminal } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Versioned } from './ports.ts';
import { replace } from './record.ts';
import { pollErrorMs } from './schedule.ts';

/** The execution after a successful look, before what was seen is applied. */
export function readable(read: Versioned<Execution>, now: number): Versioned<Execution> {
  const { unreadableSince: _since, ...value } = read.value;
  return { version: read.version, value: { ...value, pollErrors: 0, lastPolledAt: now } };
}

/**
 * Records a look that failed: one more error, and a growing pause until the next. Nothing else changes, whatever the error was. Since
 * when the job cannot be read, or looked up, is kept, so that the view can say STALE; the log says it too, at every look, whichever way
 * the job could not be read.
 */
export async function recordFailedLook(
  deps: Pick<EngineDeps, 'ledger' | 'clock' | 'settings' | 'log'>,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  const now = deps.clock.now();
  const pollErrors = value.pollErrors + 1;
  // Whoever waits in the queue has no job to be read, nor perhaps one to be looked up.
  const attempt = currentAttempt(value);
  const isRead = !isTerminal(value.status) && value.status !== 'QUEUED' && attempt !== undefined;
  const { executionId, runId, status, unreadableSince = now } = value;
  if (isRead && now - unreadableSince >= deps.settings.staleAfterMs)
    deps.log('stale', {
      executionId,
      runId,
      jobId: attempt.jobId,
      jobName: attempt.jobName,
      status,
      count: pollErrors,
    });
  return replace(deps, read, {
    ...value,
    pollErrors,
    ...(isRead ? { unreadableSince } : {}),
    nextCheckAt: now + pollErrorMs(deps.settings, pollErrors),
  });
}
