// When to look next: young and nearly finished jobs more often, steady ones less, failing polls with growing pauses. Pure.

import type { Execution } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { EngineSettings } from './settings.ts';

/**
 * Milliseconds until the next look at an active job. A job is young for its first ten minutes, nearly finished from 80 % of its ranges
 * or of its estimated duration on; both are looked at every `pollYoungMs`, all others every `pollSteadyMs`. Spread by execution id, so
 * that ten thousand jobs launched together are not due together.
 */
export function nextPollMs(settings: EngineSettings, execution: Execution, now: number): number {
  const attempt = currentAttempt(execution);
  const age = now - (attempt?.submittedAt ?? execution.acceptedAt);
  const { rangesDone, rangesTotal } = execution.metrics ?? {};
  const byRanges =
    rangesDone !== undefined && rangesTotal !== undefined && rangesTotal > 0 && rangesDone / rangesTotal >= 0.8;
  const estimatedMs = (execution.estimate?.estimatedDurationSec ?? 0) * 1000;
  const byEstimate = estimatedMs > 0 && age >= 0.8 * estimatedMs && age <= 1.5 * estimatedMs;
  const often = age < 600_000 || byRanges || byEstimate || execution.status === 'CANCELLING';
  const base = often ? settings.pollYoungMs : settings.pollSteadyMs;
  return Math.round(base * (0.9 + 0.2 * spread(execution.executionId)));
}

/** Milliseconds until the first look at a job just submitted or adopted: half of what follows. Whole, as every time in a record must be. */
export const firstPollMs = ({ pollYoungMs }: EngineSettings): number => Math.round(pollYoungMs / 2);

/** Milliseconds until a cancel that was told is looked after. */
export const cancelPollMs = ({ pollYoungMs }: EngineSettings): number => Math.round(pollYoungMs / 3);

/** Milliseconds until the next look after `errors` failed ones in a row: doubling from `pollYoungMs`, at most `pollErrorMaxMs`. */
export function pollErrorMs(settings: EngineSettings, errors: number): number {
  return Math.min(settings.pollErrorMaxMs, settings.pollYoungMs * 2 ** Math.min(Math.max(0, errors - 1), 10));
}

/** Whether a running job's messages are read along with its metrics now: once in each stretch of `messagesEveryMs`, shifted by execution id. */
export function messagesDue(settings: EngineSettings, execution: Execution, now: number): boolean {
  const stretch = (at: number) => Math.floor(at / settings.messagesEveryMs + spread(execution.executionId));
  const last = execution.lastMetricsAt ?? currentAttempt(execution)?.submittedAt ?? execution.acceptedAt;
  return stretch(now) !== stretch(last);
}

/** A number in [0, 1) that depends on the id alone. */
function spread(executionId: string): number {
  return Number.parseInt(executionId.slice(-6), 16) / 0x1000000 || 0;
}
