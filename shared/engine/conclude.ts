// What is left to do after the end: give the place back, learn, tell the world, settle the cost. Each step may run twice; each is marked once done.

import { EngineError } from '../base/errors.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import { announce, outcomeEvent } from './announce.ts';
import { bookCost } from './book-cost.ts';
import type { EngineDeps } from './deps.ts';
import { learn } from './learn.ts';
import type { Versioned } from './ports.ts';
import { replace } from './record.ts';
import { releaseReservation } from './reserve.ts';
import { pollErrorMs } from './schedule.ts';
import { settle } from './settle-cost.ts';
import type { TickTools } from './tick-tools.ts';

/**
 * One pass over the steps an ended execution still needs. The terminal state is in the ledger before the first of them; a crash in
 * between repeats a step, which is why each is idempotent (sets, not counters; an event id that is equal on republish). A step that
 * fails keeps none of the others from being done.
 */
export async function conclude(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { conclusion, status } = read.value;
  if (!isTerminal(status)) return undefined;
  const marks: readonly Mark[] = ['releasedAt', 'learntAt', 'bookedAt', 'publishedAt'];
  if (conclusion === undefined || marks.some((mark) => conclusion[mark] === undefined))
    return takeSteps(deps, tools, read);
  try {
    if (conclusion.settledAt === undefined) return await settle(deps, tools, read);
    return await replace(deps, read, { ...read.value, nextCheckAt: null });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('concludeFailed', { executionId: read.value.executionId, reason: 'settling the cost', error });
    return replace(deps, read, againLater(deps, read.value));
  }
}

type Mark = 'releasedAt' | 'learntAt' | 'bookedAt' | 'publishedAt';

/** In this order: whoever starts the next load when the outcome arrives finds the place free and the run learnt from. */
async function takeSteps(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const told = (await attempt(deps, read.value, () => announceAll(deps, tools, read))) ?? read;
  const { value } = told;
  const steps: readonly (readonly [Mark, () => Promise<void>])[] = [
    ['releasedAt', () => tools.inTurn('capacity', () => releaseReservation(deps, value))],
    ['learntAt', () => tools.inTurn(`cohorts of ${value.load}`, () => learn(deps, value))],
    ['bookedAt', () => tools.inTurn(`spend of ${value.load}`, () => bookCost(deps, value))],
    // The world hears of a three-stage load once: from its parent.
    [
      'publishedAt',
      async () => (value.parentId === undefined ? deps.outcomes.publish(outcomeEvent(value)) : undefined),
    ],
  ];
  const conclusion: NonNullable<Execution['conclusion']> = { ...value.conclusion };
  let failed = false;
  for (const [mark, step] of steps) {
    if (conclusion[mark] !== undefined) continue;
    const done = await attempt(deps, value, async () => {
      await step();
      return true;
    });
    if (done === true) conclusion[mark] = deps.clock.now();
    else failed = true;
  }
  if (conclusion.publishedAt !== value.conclusion?.publishedAt && value.parentId === undefined)
    deps.log('published', { executionId: value.executionId, status: value.status });
  if (failed) return replace(deps, told, againLater(deps, { ...value, conclusion }));
  // A job whose metered use may still change, its own of whatever attempt or that of a leg; without one there is nothing to settle.
  const ran = value.legs !== undefined || value.attempts.some(({ jobId }) => jobId !== undefined);
  const now = deps.clock.now();
  return replace(deps, told, {
    ...value,
    pollErrors: 0,
    conclusion: ran ? conclusion : { ...conclusion, settledAt: now },
    nextCheckAt: ran ? now + deps.settings.settleAfterMs : null,
  });
}

const announceAll = async (deps: EngineDeps, tools: TickTools, read: Versioned<Execution>) =>
  announce(deps, await tools.wantedEvents(), read);

/** Undefined when the step failed, whatever with: a defect in one of them must not keep an outcome from the world. */
async function attempt<T>(deps: EngineDeps, execution: Execution, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    const known = error instanceof EngineError;
    deps.log(known ? 'concludeFailed' : 'defect', { executionId: execution.executionId, error });
    return undefined;
  }
}

function againLater(deps: EngineDeps, execution: Execution): Execution {
  const pollErrors = execution.pollErrors + 1;
  return { ...execution, pollErrors, nextCheckAt: deps.clock.now() + pollErrorMs(deps.settings, pollErrors) };
}
