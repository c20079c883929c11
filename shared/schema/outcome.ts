// Outcome event v1: what the world is told when an execution ends, and the lifecycle events before it.

import * as z from 'zod';
import { candidateSchema, costSchema } from './candidate.ts';
import { durationsSchema, type Execution, executionStatusSchema, failureSchema, messageSchema } from './execution.ts';
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

/** The outcome of an ended execution. Pure, and equal each time while the execution is unchanged. */
export function outcomeOf(execution: Execution): Outcome {
  const iso = (ms: number) => new Date(ms).toISOString();
  const { metrics, durations, cost, estimate } = execution;
  const actualSec = durations === undefined ? undefined : durations.startupSec + durations.runningSec;
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

function ratio<K extends string>(key: K, actual: number | undefined, estimated: number): { [P in K]?: number } {
  if (actual === undefined || estimated <= 0) return {};
  return { [key]: Math.round((actual / estimated) * 1000) / 1000 } as { [P in K]?: number };
}
