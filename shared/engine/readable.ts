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
 * when the job cannot be read, or looked up, is kept, so that the view can say STALE.
 */
export async function recordFailedLook(
  deps: Pick<EngineDeps, 'ledger' | 'clock' | 'settings'>,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  const now = deps.clock.now();
  const pollErrors = value.pollErrors + 1;
  // Whoever waits in the queue has no job to be read, nor perhaps one to be looked up.
  const isRead = !isTerminal(value.status) && value.status !== 'QUEUED' && currentAttempt(value) !== undefined;
  return replace(deps, read, {
    ...value,
    pollErrors,
    ...(isRead ? { unreadableSince: value.unreadableSince ?? now } : {}),
    nextCheckAt: now + pollErrorMs(deps.settings, pollErrors),
  });
}
