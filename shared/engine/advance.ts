// One tick: everything that is due, oldest first, until the budget of time ends. What is not reached is due again in the next tick.

import { EngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { advanceChain } from './chain.ts';
import { conclude } from './conclude.ts';
import { countCalls } from './count-calls.ts';
import type { EngineDeps } from './deps.ts';
import { dueExecutions } from './due.ts';
import { poll } from './poll.ts';
import type { Versioned } from './ports.ts';
import { measureProgress } from './progress.ts';
import { recordFailedLook } from './readable.ts';
import { launchAgain, recoverLaunch } from './recover.ts';
import { start } from './start.ts';
import { type TickTools, tickTools, wakeTools } from './tick-tools.ts';

export type Tick = {
  /** Executions looked at. */
  readonly looked: number;
  /** Of these, how many changed in the ledger. */
  readonly changed: number;
  /** Executions whose look ended in an error, due again after a pause; and damaged documents that cannot be looked at. */
  readonly failed: number;
  /** Calls to Dataflow, lists and launches included. */
  readonly apiCalls: number;
  /** False: the deadline cut the tick; the rest is due in the next one. */
  readonly finished: boolean;
  readonly durationMs: number;
};

/**
 * Works on due executions until none is left or `deadline` (epoch ms) has passed: after it nothing is begun, and what was begun is
 * finished. Two ticks at once do no harm: every change is a compare-and-set, and a lost race is simply dropped.
 */
export async function advance(deps: EngineDeps, deadline: number): Promise<Tick> {
  const startedAt = deps.clock.now();
  const counted = countCalls(deps.jobs);
  const tickDeps = { ...deps, jobs: counted.jobs };
  const tools = tickTools(tickDeps);
  const counts = { looked: 0, changed: 0, failed: 0 };
  const due = dueExecutions(deps, startedAt, ({ damaged = [] }) => {
    for (const error of damaged) deps.log('damaged', { error });
    counts.failed += damaged.length;
  });
  let dropped = false;
  const work = async (): Promise<void> => {
    while (deps.clock.now() < deadline) {
      const next = await due.next();
      if (next === undefined) return;
      // Fetching its page may have taken what was left of the time.
      dropped ||= deps.clock.now() >= deadline;
      if (dropped) return;
      counts.looked += 1;
      const outcome = await step(tickDeps, tools, next);
      if (outcome !== 'unchanged') counts[outcome] += 1;
    }
  };
  await allOf(Array.from({ length: deps.settings.advanceConcurrency }, work));
  const finished = due.isExhausted() && !dropped;
  // Last, with what is left of the time: how far the running ones are is worth less than what became of the others.
  await measureProgress(tickDeps, tools.gate, tools.unmeasured, deadline);
  const tick = { ...counts, apiCalls: counted.calls(), finished, durationMs: deps.clock.now() - startedAt };
  deps.log('tick', { count: tick.looked, durationMs: tick.durationMs });
  return tick;
}

/** Waits for all of them, also when one has failed: nothing may be left running when the tick answers. */
async function allOf(workers: readonly Promise<void>[]): Promise<void> {
  for (const ending of await Promise.allSettled(workers)) if (ending.status === 'rejected') throw ending.reason;
}

/** One execution. Errors stay with it: the others go on, and it is due again. */
async function step(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
): Promise<'changed' | 'unchanged' | 'failed'> {
  try {
    const written = await advanceOne(deps, tools, read);
    return written === undefined || written.version === read.version ? 'unchanged' : 'changed';
  } catch (error) {
    logFailure(deps, read.value, error);
    await pause(deps, read);
    return 'failed';
  }
}

/**
 * Whatever went wrong with this execution would go wrong in every tick: it is looked at less and less often, in the state it is in. If
 * the step had written before it failed, the version tells, and what it wrote stands.
 */
async function pause(deps: EngineDeps, read: Versioned<Execution>): Promise<void> {
  try {
    await recordFailedLook(deps, read);
  } catch (error) {
    logFailure(deps, read.value, error);
  }
}

function logFailure(deps: Pick<EngineDeps, 'log'>, { executionId, status }: Execution, error: unknown): void {
  deps.log(error instanceof EngineError ? 'pollFailed' : 'defect', { executionId, status, error });
}

async function advanceOne(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  if (isTerminal(value.status)) return conclude(deps, tools, read);
  if (value.legs !== undefined) return advanceChain(deps, read, start);
  if (value.status === 'QUEUED') return launchAgain(deps, read);
  const attempt = currentAttempt(value);
  if (attempt?.jobId === undefined) return recoverLaunch(deps, read);
  return poll(deps, tools, read, await tools.activeJobs.find(attempt));
}

/**
 * The same work for one execution alone, now: what an event about one job wakes up. Whatever waits on purpose - for a place, for another
 * zone, for the cost to come to rest - is left until it is due.
 */
export async function advanceExecution(
  deps: EngineDeps,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { status, nextCheckAt } = read.value;
  const waits = status === 'QUEUED' || isTerminal(status);
  const due = nextCheckAt !== null && nextCheckAt <= deps.clock.now();
  if (waits && !due) return undefined;
  const tools = wakeTools(deps);
  const written = await advanceOne(deps, tools, read);
  await measureProgress(deps, tools.gate, tools.unmeasured, Number.POSITIVE_INFINITY);
  return written;
}
