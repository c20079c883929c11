// One tick: everything that is due, oldest first, until the budget of time ends. What is not reached is due again in the next tick.

import { EngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { type ActiveJobs, createActiveJobs } from './active-jobs.ts';
import { advanceChain } from './chain.ts';
import { conclude } from './conclude.ts';

import type { EngineDeps } from './deps.ts';
import { createGate, type Gate } from './gate.ts';
import { poll } from './poll.ts';
import type { Versioned } from './ports.ts';
import { launchAgain, recoverLaunch } from './recover.ts';
import { start } from './start.ts';

export type Tick = {
  /** Executions looked at. */
  readonly looked: number;
  /** Of these, how many changed in the ledger. */
  readonly changed: number;
  /** Executions whose look ended in an error; they are due again. */
  readonly failed: number;
  /** False: the deadline cut the tick; the rest is due in the next one. */
  readonly finished: boolean;
  readonly durationMs: number;
};

/**
 * Works on due executions until none is left or `deadline` (epoch ms) has passed. Two ticks at once do no harm: every change is a
 * compare-and-set, and a lost race is simply dropped.
 */
export async function advance(deps: EngineDeps, deadline: number): Promise<Tick> {
  const startedAt = deps.clock.now();
  const activeJobs = createActiveJobs(deps);
  const gate = createGate({ concurrency: 100, callsPerMinute: deps.settings.metricsCallsPerMinute });
  const counts = { looked: 0, changed: 0, failed: 0 };
  let pageToken: string | undefined;
  let finished = true;
  do {
    if (deps.clock.now() >= deadline) {
      finished = false;
      break;
    }
    const page = await deps.ledger.due({
      now: startedAt,
      pageSize: deps.settings.advancePageSize,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    const queue = [...page.executions];
    const workers = Array.from({ length: Math.min(deps.settings.advanceConcurrency, queue.length) }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        if (deps.clock.now() >= deadline) {
          finished = false;
          return;
        }
        counts.looked += 1;
        const outcome = await step(deps, gate, activeJobs, next);
        if (outcome !== 'unchanged') counts[outcome] += 1;
      }
    });
    await Promise.all(workers);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && finished);
  const tick = { ...counts, finished, durationMs: deps.clock.now() - startedAt };
  deps.log('tick', { count: tick.looked, durationMs: tick.durationMs });
  return tick;
}

/** One execution. Errors stay with it: the others go on, and it is due again. */
async function step(
  deps: EngineDeps,
  gate: Gate,
  activeJobs: ActiveJobs,
  read: Versioned<Execution>,
): Promise<'changed' | 'unchanged' | 'failed'> {
  try {
    const written = await advanceOne(deps, gate, activeJobs, read);
    return written === undefined || written.version === read.version ? 'unchanged' : 'changed';
  } catch (error) {
    const known = error instanceof EngineError;
    deps.log(known ? 'pollFailed' : 'defect', {
      executionId: read.value.executionId,
      status: read.value.status,
      error,
    });
    return 'failed';
  }
}

async function advanceOne(
  deps: EngineDeps,
  gate: Gate,
  activeJobs: ActiveJobs,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  if (isTerminal(value.status)) return conclude(deps, gate, read);
  if (value.legs !== undefined) return advanceChain(deps, read, start);
  if (value.status === 'QUEUED') return launchAgain(deps, read);
  const attempt = currentAttempt(value);
  if (attempt?.jobId === undefined) return recoverLaunch(deps, read);
  return poll(deps, gate, read, await activeJobs.find(attempt));
}

/** The same work for one execution alone, now: what an event about one job wakes up. */
export async function advanceExecution(
  deps: EngineDeps,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const gate = createGate({ concurrency: 2, callsPerMinute: Number.POSITIVE_INFINITY });
  return advanceOne(deps, gate, { find: async () => undefined }, read);
}
