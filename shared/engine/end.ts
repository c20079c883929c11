// A job's end was read from the service: collect the last figures, judge, and record the end or the next attempt in one write.

import type { Change } from '../schema/change.ts';
import type { Attempt, Execution } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { currentAttempt, transition } from '../schema/transition.ts';
import { announce } from './announce.ts';
import { conclude } from './conclude.ts';
import { costOfAttempts, withCost } from './cost.ts';
import type { EngineDeps } from './deps.ts';
import { durationsOf } from './durations.ts';
import { judge } from './judge.ts';
import { type LastFigures, lastFigures } from './last-figures.ts';
import { keptMessages } from './messages.ts';
import { useOf } from './metered-use.ts';
import type { Versioned } from './ports.ts';
import { pointOf } from './progress.ts';
import { readable } from './readable.ts';
import { replace } from './record.ts';
import { withPoint } from './series.ts';
import type { TickTools } from './tick-tools.ts';

/**
 * Records the end of the current attempt: SUCCEEDED, FAILED or CANCELLED, or the next attempt when the failure's class allows one.
 * Throws EngineError when the last figures cannot be read yet: the poll counts it and comes back.
 */
export async function endAttempt(
  deps: EngineDeps,
  tools: TickTools,
  read: Versioned<Execution>,
  job: Job,
): Promise<Versioned<Execution> | undefined> {
  const attempt = currentAttempt(read.value);
  if (attempt === undefined) return undefined;
  const now = deps.clock.now();
  const figures = await lastFigures(deps, tools.gate, read.value, attempt, job, now);
  const verdict = await judge(deps, read.value, job, figures, now);
  const next = transition(readable(read, now).value, verdict.change, now);
  if (next === undefined) return undefined;
  const ended: Attempt = {
    ...attempt,
    endedAt: job.stateAt ?? now,
    ...(job.state === undefined ? {} : { lastState: job.state }),
    ...(job.createdAt === undefined ? {} : { jobCreatedAt: job.createdAt }),
    ...(job.startedAt === undefined ? {} : { jobStartedAt: job.startedAt }),
  };
  const value =
    verdict.change.kind === 'nextAttempt'
      ? beforeNextAttempt(next, ended, figures, now)
      : atTheEnd(next, ended, figures, now, verdict);
  const written = await replace(deps, read, value);
  if (written === undefined) return undefined;
  logEnd(deps, written.value, attempt, verdict.change);
  return verdict.change.kind === 'nextAttempt'
    ? announce(deps, await tools.wantedEvents(), written)
    : conclude(deps, tools, written);
}

function atTheEnd(
  execution: Execution,
  attempt: Attempt,
  figures: LastFigures,
  now: number,
  verdict: { readonly reason?: string; readonly warning?: string },
): Execution {
  const { statusReason: _before, ...rest } = withCost(
    execution,
    costOfAttempts(execution, attempt, figures.metrics, now),
  );
  const reason = execution.failure?.summary ?? verdict.reason;
  const { metrics } = figures;
  const messages = keptMessages(figures.messages);
  return {
    ...rest,
    ...(reason === undefined ? {} : { statusReason: reason }),
    ...(metrics === undefined
      ? {}
      : { metrics, series: withPoint(execution.series ?? [], pointOf(metrics, attempt.endedAt ?? now)) }),
    ...(messages.length === 0 ? {} : { messages }),
    ...(verdict.warning === undefined ? {} : { warnings: [...(execution.warnings ?? []), verdict.warning] }),
    durations: durationsOf(execution, attempt, figures.messages, metrics),
  };
}

/** The next attempt starts with nothing but the messages and the money of those before it. */
function beforeNextAttempt(execution: Execution, attempt: Attempt, figures: LastFigures, now: number): Execution {
  const {
    metrics: _metrics,
    series: _series,
    lastMetricsAt: _readAt,
    failure: _inTheAttempt,
    ...rest
  } = withCost(execution, costOfAttempts(execution, attempt, figures.metrics, now));
  const messages = keptMessages(figures.messages);
  const { metrics } = figures;
  // Read again when the cost is settled: the service may commit more for it by then.
  const use = metrics === undefined ? {} : { use: useOf(metrics) };
  const attempts = rest.attempts.map((one) => (one.number === attempt.number ? { ...one, ...use } : one));
  return {
    ...rest,
    attempts,
    ...(messages.length === 0 ? {} : { messages }),
    ...(rest.cost === undefined ? {} : { costOfEarlierAttempts: rest.cost.microUsd }),
  };
}

function logEnd(deps: EngineDeps, execution: Execution, attempt: Attempt, change: Change): void {
  const fields = {
    executionId: execution.executionId,
    jobId: attempt.jobId,
    attempt: attempt.number,
    status: execution.status,
  };
  if (change.kind === 'nextAttempt') deps.log('attemptFailed', { ...fields, reason: change.decision.reason });
  else deps.log('ended', { ...fields, reason: execution.statusReason, costMicroUsd: execution.cost?.microUsd.total });
}
