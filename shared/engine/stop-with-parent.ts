// A leg is launched only while its parent wants it: asked after the leg is in the record and before every launch of it.

import { type Execution, isTerminal } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';
import type { Versioned } from './ports.ts';
import { recordChange } from './record.ts';

export type Stopped = { readonly read: Versioned<Execution> | undefined };

/**
 * Records a cancel on a leg whose parent was cancelled or has ended; undefined: launch it. Whoever cancels writes the parent and then
 * looks for legs; whoever starts a leg writes the leg and then looks at the parent: one of them sees the other, however they interleave.
 * `read` is undefined when a race was lost: somebody else changed the leg, and it is not to be launched from what was read.
 */
export async function stopWithParent(
  deps: Pick<EngineDeps, 'ledger' | 'clock'>,
  leg: Versioned<Execution>,
): Promise<Stopped | undefined> {
  const { parentId, cancel } = leg.value;
  if (parentId === undefined || cancel !== undefined) return undefined;
  const parent = (await deps.ledger.read(parentId))?.value;
  if (parent === undefined || (parent.cancel === undefined && !isTerminal(parent.status))) return undefined;
  const reason = parent.cancel === undefined ? `its load ended ${parent.status}` : parent.cancel.reason;
  const read = await recordChange(deps, leg, {
    kind: 'cancelRequested',
    ...(reason === undefined ? {} : { reason }),
    nextCheckAt: deps.clock.now(),
  });
  return { read };
}
