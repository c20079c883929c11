// A three-stage load (source → Cloud Storage → BigQuery): one parent execution, two legs, the second started from the first one's outcome.

import type { Violation } from '../base/errors.ts';
import { executionIdOf } from '../base/ids.ts';
import { effectiveLoadConfig } from '../plan/effective-load.ts';
import { legRunId, planChain } from '../plan/plan-chain.ts';
import type { Estimate } from '../schema/candidate.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import type { EffectiveLoad, LoadConfig } from '../schema/load-config.ts';
import { cancel } from './cancel.ts';
import type { EngineDeps } from './deps.ts';
import { figuresOfLegs, readLegs } from './leg-figures.ts';
import type { Versioned } from './ports.ts';
import { recordChange } from './record.ts';
import type { StartRequest } from './request.ts';

export type Start = (deps: EngineDeps, request: StartRequest) => Promise<unknown>;

export type LegLoad =
  | { readonly ok: true; readonly load: EffectiveLoad }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** The execution id of a parent's leg. */
export const legIdOf = (parentId: string, leg: 1 | 2): string => executionIdOf(legRunId(parentId, leg));

/**
 * The request that starts a leg; a function of the parent alone, so that starting it twice starts it once. What the caller laid over the
 * load goes with it, for all its attempts.
 */
export function legRequest(
  { executionId: parentId, overrides }: Pick<Execution, 'executionId' | 'overrides'>,
  leg: 1 | 2,
): StartRequest {
  const request = { runId: legRunId(parentId, leg), queue: true, trigger: 'chain' as const, parentId };
  return overrides === undefined ? request : { ...request, overrides };
}

/**
 * The load an execution runs: its leg of the chain for a leg, else the load itself. `firstLeg` is the first leg's execution once it has
 * ended; its rows become the rows expected of the second, as long as they were counted to be when read.
 */
export async function loadOf(
  deps: Pick<EngineDeps, 'ledger'>,
  config: LoadConfig,
  execution: Pick<Execution, 'runId' | 'load' | 'overrides' | 'parentId'>,
): Promise<LegLoad> {
  const effective = effectiveLoadConfig(config, execution.load, execution.overrides);
  if (!effective.ok || execution.parentId === undefined) return effective;
  const chain = planChain(effective.load, execution.parentId);
  if (!chain.ok) return chain;
  if (execution.runId === legRunId(execution.parentId, 1)) return { ok: true, load: chain.chain.first };
  const first = (await deps.ledger.read(legIdOf(execution.parentId, 1)))?.value;
  const outcome = { rowsWritten: first?.metrics?.rowsWritten, averageRowBytes: rowBytesOf(first?.estimate) };
  return { ok: true, load: chain.chain.second(outcome) };
}

/** How long an estimate made here takes a row of the source to be; undefined where it does not know. */
export function rowBytesOf(estimate: Estimate | undefined): number | undefined {
  const bytes = estimate?.rowBytes;
  return typeof bytes === 'number' && bytes > 0 ? bytes : undefined;
}

/** Moves a parent as its legs moved: starts what is missing, cancels what must end, ends with them. */
export async function advanceChain(
  deps: EngineDeps,
  read: Versioned<Execution>,
  start: Start,
): Promise<Versioned<Execution> | undefined> {
  const parent = read.value;
  for (const leg of [1, 2] as const) {
    const legId = legIdOf(parent.executionId, leg);
    const legs = [legIdOf(parent.executionId, 1), ...(leg === 2 ? [legId] : [])];
    let execution = (await deps.ledger.read(legId))?.value;
    if (execution === undefined) {
      if (parent.cancel !== undefined)
        return end(deps, read, legs.slice(0, -1), 'CANCELLED', 'cancelled between its legs');
      await start(deps, legRequest(parent, leg));
      execution = (await deps.ledger.read(legId))?.value;
    }
    if (execution === undefined || !isTerminal(execution.status)) {
      if (parent.cancel !== undefined && execution?.cancel === undefined)
        await cancel(deps, legId, parent.cancel.reason);
      return recordChange(deps, read, {
        kind: 'legsMoved',
        status: 'RUNNING',
        legs,
        reason: `leg ${leg} of 2 is ${execution?.status ?? 'starting'}`,
        nextCheckAt: deps.clock.now() + deps.settings.pollYoungMs,
      });
    }
    if (execution.status !== 'SUCCEEDED') {
      const status = execution.status === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
      return end(
        deps,
        read,
        legs,
        status,
        `leg ${leg} of 2 is ${execution.status}: ${execution.statusReason ?? 'no reason given'}`,
        execution,
      );
    }
    if (leg === 2) return end(deps, read, legs, 'SUCCEEDED', undefined, execution);
  }
  return undefined;
}

async function end(
  deps: EngineDeps,
  read: Versioned<Execution>,
  legs: readonly string[],
  status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED',
  reason: string | undefined,
  last?: Execution,
): Promise<Versioned<Execution> | undefined> {
  const executions = await readLegs(deps, legs);
  deps.log('ended', { executionId: read.value.executionId, status, reason });
  return recordChange(
    deps,
    read,
    {
      kind: 'legsMoved',
      status,
      legs,
      nextCheckAt: deps.clock.now(),
      ...(reason === undefined ? {} : { reason }),
      ...(last?.failure === undefined ? {} : { failure: last.failure }),
    },
    figuresOfLegs(read.value, executions, last),
  );
}
