// Outcome event v1: what the world is told when an execution ends, and the lifecycle events before it.

import * as z from 'zod';
import { candidateSchema, costSchema } from './candidate.ts';
import {
  decisionSchema,
  durationsSchema,
  type Execution,
  executionStatusSchema,
  failureSchema,
  messageSchema,
} from './execution.ts';
import { jobLinks } from './job-links.ts';
import { modeSchema } from './recommendation.ts';

export const outcomeSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    executionId: z.string(),
    runId: z.string(),
    load: z.string(),
    mode: modeSchema.optional(),
    status: executionStatusSchema,
    reason: z.string().optional(),
    acceptedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    attempts: z.array(
      z.strictObject({
        number: z.int(),
        candidate: candidateSchema,
        jobName: z.string(),
        jobId: z.string().optional(),
        region: z.string(),
        lastState: z.string().optional(),
        failure: failureSchema.optional(),
        consoleUrl: z.url().optional().meta({ description: 'the job in the Dataflow console; absent without a job' }),
        logsUrl: z.url().optional().meta({ description: 'the log lines of the job in Cloud Logging' }),
      }),
    ),
    rows: z.strictObject({ expected: z.int().optional(), read: z.number().optional(), written: z.number().optional() }),
    bytesRead: z.number().optional(),
    durations: durationsSchema.optional(),
    cost: z
      .strictObject({ microUsd: costSchema, level: z.enum(['provisional', 'settled']), priceBook: z.string() })
      .optional(),
    estimate: z
      .strictObject({
        durationSec: z.number(),
        costMicroUsd: z.int(),
        durationRatio: z.number().optional().meta({ description: 'actual / estimated' }),
        costRatio: z.number().optional().meta({ description: 'actual / estimated' }),
      })
      .optional(),
    failure: failureSchema.optional(),
    violations: z.array(z.strictObject({ code: z.string(), path: z.string(), message: z.string() })).optional(),
    messages: z.array(messageSchema).optional(),
  })
  .meta({ id: 'Outcome' });

export type Outcome = z.output<typeof outcomeSchema>;

/** CloudEvents type of the outcome event. */
export const outcomeEventType = 'streamnova.execution.ended.v1';

const identity = {
  schemaVersion: z.literal(1),
  executionId: z.string(),
  runId: z.string(),
  load: z.string(),
};

/** `execution.started` (Dataflow has the job of an attempt) and `execution.running` (its workers are at work); off by default. */
export const attemptPhaseSchema = z
  .strictObject({
    ...identity,
    attempt: z.int(),
    jobId: z.string().optional(),
    jobName: z.string(),
    region: z.string(),
    candidate: candidateSchema,
  })
  .meta({ id: 'AttemptPhase' });
export type AttemptPhase = z.output<typeof attemptPhaseSchema>;

/** `execution.attempt_failed`; off by default. The last attempt's failure is in the outcome too. */
export const attemptFailedSchema = z
  .strictObject({
    ...identity,
    attempt: z.int(),
    jobId: z.string().optional(),
    failure: failureSchema.optional(),
    decision: decisionSchema.optional().meta({ description: 'what was done about it' }),
  })
  .meta({ id: 'AttemptFailed' });
export type AttemptFailed = z.output<typeof attemptFailedSchema>;

/** `execution.settled`: the cost once two readings agreed, minutes after the outcome; off by default. */
export const settledSchema = z
  .strictObject({
    ...identity,
    status: executionStatusSchema,
    cost: z.strictObject({ microUsd: costSchema, level: z.literal('settled'), priceBook: z.string() }).optional(),
    costRatio: z.number().optional().meta({ description: 'actual / estimated' }),
  })
  .meta({ id: 'Settled' });
export type Settled = z.output<typeof settledSchema>;

export const phaseEventTypes = {
  started: 'streamnova.execution.started.v1',
  running: 'streamnova.execution.running.v1',
} as const;
export const attemptFailedEventType = 'streamnova.execution.attempt_failed.v1';
export const settledEventType = 'streamnova.execution.settled.v1';

/**
 * What is told when a cost settled. An event of its own rather than a second outcome: the outcome's id is equal on republish, so a
 * consumer that deduplicates would drop the better figure.
 */
export function settledOf(execution: Execution): Settled {
  const { cost, estimate } = execution;
  return {
    schemaVersion: 1,
    executionId: execution.executionId,
    runId: execution.runId,
    load: execution.load,
    status: execution.status,
    ...(cost?.level !== 'settled'
      ? {}
      : { cost: { microUsd: cost.microUsd, level: cost.level, priceBook: cost.priceBook } }),
    ...(estimate === undefined ? {} : ratio('costRatio', cost?.microUsd.total, estimate.estimatedCostMicroUsd)),
  };
}

/** The outcome of an ended execution. Pure, and equal each time while the execution is unchanged. */
export function outcomeOf(execution: Execution): Outcome {
  const iso = (ms: number) => new Date(ms).toISOString();
  const { metrics, durations, cost, estimate } = execution;
  const actualSec = jobSec(execution);
  return {
    schemaVersion: 1,
    executionId: execution.executionId,
    runId: execution.runId,
    load: execution.load,
    ...(execution.mode === undefined ? {} : { mode: execution.mode }),
    status: execution.status,
    ...(execution.statusReason === undefined ? {} : { reason: execution.statusReason }),
    acceptedAt: iso(execution.acceptedAt),
    endedAt: iso(execution.endedAt ?? execution.updatedAt),
    attempts: execution.attempts.map((attempt) => ({
      number: attempt.number,
      candidate: attempt.candidate,
      jobName: attempt.jobName,
      ...(attempt.jobId === undefined ? {} : { jobId: attempt.jobId }),
      region: attempt.region,
      ...(attempt.lastState === undefined ? {} : { lastState: attempt.lastState }),
      ...(attempt.failure === undefined ? {} : { failure: attempt.failure }),
      ...jobLinks(attempt),
    })),
    rows: {
      ...(execution.expectedRows === undefined ? {} : { expected: execution.expectedRows.count }),
      ...(metrics?.rowsRead === undefined ? {} : { read: metrics.rowsRead }),
      ...(metrics?.rowsWritten === undefined ? {} : { written: metrics.rowsWritten }),
    },
    ...(metrics?.bytesRead === undefined ? {} : { bytesRead: metrics.bytesRead }),
    ...(durations === undefined ? {} : { durations }),
    ...(cost === undefined ? {} : { cost: { microUsd: cost.microUsd, level: cost.level, priceBook: cost.priceBook } }),
    ...(estimate === undefined
      ? {}
      : {
          estimate: {
            durationSec: estimate.estimatedDurationSec,
            costMicroUsd: estimate.estimatedCostMicroUsd,
            ...ratio('durationRatio', actualSec, estimate.estimatedDurationSec),
            ...ratio('costRatio', cost?.microUsd.total, estimate.estimatedCostMicroUsd),
          },
        }),
    ...(execution.failure === undefined ? {} : { failure: execution.failure }),
    ...(execution.violations === undefined ? {} : { violations: execution.violations }),
    ...(execution.messages === undefined ? {} : { messages: execution.messages }),
  };
}

/** What an estimate forecasts: the time of the last job, or of both legs; its wait at Dataflow included but for FlexRS, which waits by design. */
function jobSec({ durations, attempts, legCandidate }: Execution): number | undefined {
  if (durations === undefined) return undefined;
  const waited = (legCandidate ?? attempts.at(-1)?.candidate)?.flexRs === true ? 0 : durations.dataflowQueuedSec;
  return waited + durations.startupSec + durations.runningSec;
}

function ratio<K extends string>(key: K, actual: number | undefined, estimated: number): { [P in K]?: number } {
  if (actual === undefined || estimated <= 0) return {};
  return { [key]: Math.round((actual / estimated) * 1000) / 1000 } as { [P in K]?: number };
}
