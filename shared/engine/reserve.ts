// Reserving and releasing places in the capacity document by compare-and-set: no transaction, no counter.

import { EngineError } from '../base/errors.ts';
import type { Execution } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { admit, type Capacity, capacitySchema, emptyCapacity, release, type Want } from './capacity.ts';
import type { EngineDeps } from './deps.ts';
import { leaseMs } from './settings.ts';

type Deps = Pick<EngineDeps, 'documents' | 'clock' | 'settings' | 'runtime'>;

/** How often a lost race on the document is tried again before the caller is told to come back. */
const maxRaces = 20;

/** Whether any limit applies; without one no document is read or written. */
function isLimited(execution: Execution): boolean {
  return execution.maxConcurrentJobs !== undefined || execution.connectionBudget !== undefined;
}

/**
 * Reserves what the execution's current attempt needs; idempotent by execution id. Answers whether it may launch, and if not why.
 * Critical path: one read, one write.
 */
export function reserve(deps: Deps, execution: Execution): Promise<Place> {
  return reserveAs(deps, execution, {});
}

/**
 * Reserves a place for a caller who will not queue, before there is a record of the execution: nothing stays behind when there is no
 * place, and a place nobody claims is free again after the lease.
 */
export function reserveOrLeave(deps: Deps, execution: Execution): Promise<Place> {
  return reserveAs(deps, execution, { joinsQueue: false, runningMs: leaseMs(deps.settings) });
}

export type Place = { readonly admitted: boolean; readonly reason: string };

async function reserveAs(
  deps: Deps,
  execution: Execution,
  terms: Pick<Want, 'joinsQueue'> & Partial<Pick<Want, 'runningMs'>>,
): Promise<Place> {
  const attempt = currentAttempt(execution);
  if (!isLimited(execution) || attempt === undefined) return { admitted: true, reason: 'no limit is set' };
  const want = {
    executionId: execution.executionId,
    attempt: attempt.number,
    source: execution.sourceName ?? execution.load,
    connections: attempt.maxConcurrentShards,
    ...(execution.connectionBudget === undefined ? {} : { connectionBudget: execution.connectionBudget }),
    ...(execution.maxConcurrentJobs === undefined ? {} : { maxConcurrentJobs: execution.maxConcurrentJobs }),
    acceptedAt: execution.acceptedAt,
    runningMs: attempt.maxRuntimeSec * 1000 + startMarginMs,
    ...terms,
  };
  for (let race = 0; race < maxRaces; race += 1) {
    const { capacity, version } = await readCapacity(deps);
    const admission = admit(capacity, want, deps.clock.now());
    if (version !== undefined && admission.capacity === capacity) return admission;
    const written = await deps.documents.write('capacity', deps.runtime.projectId, admission.capacity, version);
    if (written.kind === 'applied') return admission;
  }
  throw new EngineError('ABORTED', `capacity of ${deps.runtime.projectId}: lost ${maxRaces} races; ask again later`);
}

/** Gives the execution's places back; doing it twice changes nothing. */
export async function releaseReservation(deps: Deps, execution: Execution): Promise<void> {
  if (!isLimited(execution)) return;
  for (let race = 0; race < maxRaces; race += 1) {
    const { capacity, version } = await readCapacity(deps);
    const released = release(capacity, execution.executionId, deps.clock.now());
    if (released === undefined) return;
    const written = await deps.documents.write('capacity', deps.runtime.projectId, released, version);
    if (written.kind === 'applied') return;
  }
  throw new EngineError('ABORTED', `capacity of ${deps.runtime.projectId}: lost ${maxRaces} races; ask again later`);
}

/** Time a job may spend before and after its walltime: FlexRS starts within 6 h (FlexRS documentation), the rest is winding down. */
const startMarginMs = 12 * 3_600_000;

async function readCapacity(deps: Deps): Promise<{ capacity: Capacity; version: string | undefined }> {
  const stored = await deps.documents.read('capacity', deps.runtime.projectId);
  if (stored === undefined) return { capacity: emptyCapacity, version: undefined };
  const parsed = capacitySchema.safeParse(stored.value);
  if (!parsed.success) {
    throw new EngineError(
      'CORRUPT_RECORD',
      `capacity/${deps.runtime.projectId} does not fit its schema: ${parsed.error.message}`,
    );
  }
  return { capacity: parsed.data, version: stored.version };
}
