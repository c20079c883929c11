// Writing a change of an execution: compare-and-set, read again on a lost race, never overwrite.

import type { Change } from '../schema/change.ts';
import type { Execution } from '../schema/execution.ts';
import { transition } from '../schema/transition.ts';
import type { EngineDeps } from './deps.ts';
import type { Versioned } from './ports.ts';

type Deps = Pick<EngineDeps, 'ledger' | 'clock'>;

/** Attempts at one change before the caller gives up and leaves it to the next tick. */
const maxRaces = 8;

/**
 * Applies `change` to `read` in the ledger. Undefined: somebody else changed the execution, or it may not change that way any more.
 * A thrown write error is ambiguous and passes through: the next tick reads what really happened.
 */
export async function recordChange(
  deps: Deps,
  read: Versioned<Execution>,
  change: Change,
  extra: Partial<Execution> = {},
): Promise<Versioned<Execution> | undefined> {
  const next = transition(read.value, change, deps.clock.now());
  if (next === undefined) return undefined;
  return replace(deps, read, { ...next, ...extra });
}

/** Replaces the execution if it is still at the version read. */
export async function replace(
  deps: Pick<EngineDeps, 'ledger'>,
  read: Versioned<Execution>,
  value: Execution,
): Promise<Versioned<Execution> | undefined> {
  const replaced = await deps.ledger.replace(value, read.version);
  return replaced.kind === 'applied' ? { value, version: replaced.version } : undefined;
}

/**
 * Applies what `decide` makes of the newest execution, reading again after each lost race. `decide` answers undefined when there is
 * nothing (more) to do. Answers the execution as it is afterwards, or undefined when it does not exist.
 */
export async function changeNewest(
  deps: Deps,
  executionId: string,
  decide: (execution: Execution) => Change | undefined,
  from?: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  let read = from ?? (await deps.ledger.read(executionId));
  for (let race = 0; race < maxRaces && read !== undefined; race += 1) {
    const change = decide(read.value);
    if (change === undefined) return read;
    const written = await recordChange(deps, read, change);
    if (written !== undefined) return written;
    read = await deps.ledger.read(executionId);
  }
  return read;
}
