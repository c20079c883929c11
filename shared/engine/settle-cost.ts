// Settles the cost: for every attempt two equal metric readings at least `settleAfterMs` apart, both after its end; for a three-stage load,
// once its legs have.

import type { Execution, MetricsSummary } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { announce } from './announce.ts';
import { bookCost } from './book-cost.ts';
import { costOfAttempts, withCost } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import { learn } from './learn.ts';
import { costOfLegs, readLegs } from './leg-figures.ts';
import { agree, readAgain } from './metered-use.ts';
import type { Versioned } from './ports.ts';
import { replace } from './record.ts';
import { readEarlier } from './settle-earlier.ts';
import type { TickTools } from './tick-tools.ts';

/** How long after the end readings are compared. One that has not come to rest by then stays provisional: settled would be a claim. */
const patienceMs = 3_600_000;

/**
 * Reads the metrics of every attempt's job once more. All equal to the last readings after their ends: settled; one different: the new
 * figures count and the wait begins again. Cohort and daily spend hold the figures before the record does. Throws EngineError while any
 * of them cannot be read or written.
 */
export async function settle(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  if (value.legs !== undefined) return settleWithLegs(deps, tools, read, value.legs);
  const now = deps.clock.now();
  const late = now - (value.endedAt ?? now) >= patienceMs;
  const last = await readLast(deps, tools, value, now, late);
  const earlier = await readEarlier(deps, tools, value, now, late);
  if (last.metrics === undefined && earlier.execution === value) return finish(deps, tools, read, value, now);
  const newest = withNewest(earlier.execution, last.metrics, now);
  if (last.atRest && earlier.atRest) {
    const { cost } = newest;
    const settled: Execution = cost === undefined ? newest : { ...newest, cost: { ...cost, level: 'settled' } };
    return finish(deps, tools, read, settled, now);
  }
  if (late) return finish(deps, tools, read, newest, now);
  if (newest.cost?.microUsd.total !== value.cost?.microUsd.total) await correct(deps, tools, newest);
  return replace(deps, read, { ...newest, pollErrors: 0, nextCheckAt: now + deps.settings.settleAfterMs });
}

/** The last attempt's metrics once more, and whether their use was read twice alike; an attempt that never had a job is at rest. */
async function readLast(
  deps: EngineDeps,
  tools: TickTools,
  execution: Execution,
  now: number,
  late: boolean,
): Promise<{ readonly metrics?: MetricsSummary; readonly atRest: boolean }> {
  const attempt = currentAttempt(execution);
  if (attempt?.jobId === undefined) return { atRest: true };
  const { metrics: before, endedAt } = execution;
  const metrics = await readAgain({ jobs: deps.jobs, gate: tools.gate }, attempt, before, now, late);
  if (metrics === undefined) return { atRest: false };
  return { metrics, atRest: agree(before, metrics, endedAt, deps.settings.settleAfterMs) };
}

/** The execution with its last attempt's newest metrics, and what all of it cost. */
function withNewest(execution: Execution, newest: MetricsSummary | undefined, now: number): Execution {
  const attempt = currentAttempt(execution);
  const metrics = newest ?? execution.metrics;
  const figures = attempt === undefined ? {} : costOfAttempts(execution, attempt, metrics, now);
  return { ...withCost(execution, figures), ...(metrics === undefined ? {} : { metrics }) };
}

/** The parent's cost is what its legs' has become: looked at until each of them asks no more, or is long overdue. */
async function settleWithLegs(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
  legIds: readonly string[],
): Promise<Versioned<Execution> | undefined> {
  const { value } = read;
  const now = deps.clock.now();
  const legs = await readLegs(deps, legIds);
  const newest = legs.length < legIds.length ? value : withCost(value, costOfLegs(legs));
  const atRest = legs.every(({ conclusion }) => conclusion?.settledAt !== undefined);
  // Each leg has an hour of its own, and a tick after it.
  const late = now - (value.endedAt ?? now) >= 2 * patienceMs;
  if (atRest || late) return finish(deps, tools, read, newest, now);
  return replace(deps, read, { ...newest, pollErrors: 0, nextCheckAt: now + deps.settings.settleAfterMs });
}

/** Cohort and daily spend get the newest figures; those they hold already change nothing. */
async function correct(deps: EngineDeps, tools: TickTools, execution: Execution): Promise<void> {
  await tools.inTurn(`cohorts of ${execution.load}`, () => learn(deps, execution));
  await tools.inTurn(`spend of ${execution.load}`, () => bookCost(deps, execution));
}

async function finish(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
  value: Execution,
  now: number,
): Promise<Versioned<Execution> | undefined> {
  // Whatever the record ends with they hold too, also after a race or a crash between an earlier correction and its record.
  await correct(deps, tools, value);
  const conclusion = { ...value.conclusion, settledAt: now };
  const written = await replace(deps, read, { ...value, pollErrors: 0, conclusion, nextCheckAt: null });
  if (written === undefined) return undefined;
  const { executionId, cost } = value;
  if (cost?.level === 'settled') {
    const jobId = currentAttempt(value)?.jobId;
    deps.log('settled', { executionId, jobId, costMicroUsd: cost.microUsd.total });
  }
  return announce(deps, await tools.wantedEvents(), written);
}
