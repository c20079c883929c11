// UPDATED: another job took the place of an execution's job, and is followed from then on.

import { EngineError } from '../base/errors.ts';
import type { Execution } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Versioned } from './ports.ts';
import { readable } from './readable.ts';
import { replace } from './record.ts';

/**
 * Records the successor of an updated `job` in the same attempt. Batch jobs are not updated today, so its use is not added up. Throws
 * EngineError UNKNOWN when the job names none.
 */
export async function followSuccessor(
  deps: Pick<EngineDeps, 'ledger' | 'clock'>,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution> | undefined> {
  const successor = job.replacedByJobId;
  const own = currentAttempt(read.value)?.jobId;
  if (successor === undefined || successor === own)
    throw new EngineError('UNKNOWN', `job ${own} was updated but names no successor`);
  const { value } = readable(read, deps.clock.now());
  const attempts = value.attempts.map((attempt, index, all) =>
    index === all.length - 1 ? { ...attempt, jobId: successor } : attempt,
  );
  const { cancel, ...rest } = value;
  return replace(deps, read, {
    ...rest,
    attempts,
    ...(cancel === undefined ? {} : { cancel: untold(cancel) }),
    nextCheckAt: deps.clock.now(),
  });
}

/** What was told to the job before, its successor has not heard. */
function untold({ sentAt: _sentAt, ...cancel }: NonNullable<Execution['cancel']>): NonNullable<Execution['cancel']> {
  return cancel;
}
