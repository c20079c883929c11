// The document `executions/{executionId}`: one wish to run one load, from acceptance to outcome, with its attempts.

import * as z from 'zod';
import { candidateSchema, costSchema, estimateSchema } from './candidate.ts';
import { overridesSchema } from './event.ts';
import { jobStates } from './job.ts';
import type { LaunchRequest } from './plan.ts';
import { modeSchema } from './recommendation.ts';

export const executionStatuses = [
  'QUEUED',
  'LAUNCHING',
  'SUBMITTED',
  'RUNNING',
  'CANCELLING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'REJECTED',
] as const;
export const executionStatusSchema = z.enum(executionStatuses);
export type ExecutionStatus = z.output<typeof executionStatusSchema>;

export const terminalStatuses = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'REJECTED'] as const;

/** Terminal states never change. */
export const isTerminal = (status: ExecutionStatus): boolean =>
  (terminalStatuses as readonly ExecutionStatus[]).includes(status);

const epochMs = z.int().min(0);

/** Failure classes of `classify.ts`; what an operator asks first. */
export const failureClasses = [
  'capacity',
  'launcher-capacity',
  'quota',
  'concurrency',
  'launch',
  'user',
  'size',
  'network',
  'permission',
  'temp-location',
  'service',
  'policy',
  'incomplete',
  'unknown',
] as const;

export const failureSchema = z.strictObject({
  class: z.enum(failureClasses),
  code: z.string(),
  summary: z.string(),
  evidence: z.array(z.string()).max(50),
});
export type Failure = z.output<typeof failureSchema>;

export const decisionSchema = z.strictObject({
  at: epochMs,
  attempt: z.int().min(1),
  action: z.string(),
  reason: z.string(),
  evidence: z.array(z.string()).max(10),
});
export type Decision = z.output<typeof decisionSchema>;

/** What a job used, as metered: what its cost is made of, and when it was read. */
export const meteredUseSchema = z.strictObject({
  readAt: epochMs,
  vcpuSec: z.number().optional(),
  memoryMibSec: z.number().optional(),
  pdGbSec: z.number().optional(),
  ssdGbSec: z.number().optional(),
  billableShuffleGb: z.number().optional(),
});
export type MeteredUse = z.output<typeof meteredUseSchema>;

export const attemptSchema = z.strictObject({
  number: z.int().min(1),
  candidate: candidateSchema,
  jobName: z.string(),
  projectId: z.string(),
  region: z.string(),
  /** The exact request of this attempt, stored so that a relaunch sends the same whatever the configuration says by then. */
  request: z.custom<LaunchRequest>((value) => typeof value === 'object' && value !== null),
  maxConcurrentShards: z.int().min(0),
  maxRuntimeSec: z.int().min(1),
  /** When the first intent of this attempt was recorded; a job of this name created before it (less skew) is not ours. */
  intentAt: epochMs,
  /** When each launch request was about to be sent; set, never incremented. The last one governs how long a request may still be on its way. */
  launchIntents: z.array(epochMs).max(50),
  /** First complete look-up after the last intent that found nothing. */
  notFoundAt: epochMs.optional(),
  jobId: z.string().optional(),
  adopted: z.boolean().optional(),
  submittedAt: epochMs.optional(),
  jobCreatedAt: epochMs.optional(),
  jobStartedAt: epochMs.optional(),
  endedAt: epochMs.optional(),
  lastState: z.enum(jobStates).optional(),
  lastStateAt: epochMs.optional(),
  failure: failureSchema.optional(),
  /** Of an attempt that another followed, as last read. The last attempt's is in `metrics`. */
  use: meteredUseSchema.optional(),
});
export type Attempt = z.output<typeof attemptSchema>;

export const metricsSummarySchema = z.strictObject({
  readAt: epochMs,
  rowsRead: z.number().optional(),
  rowsWritten: z.number().optional(),
  bytesRead: z.number().optional(),
  bytesWritten: z.number().optional(),
  rangesTotal: z.number().optional(),
  rangesDone: z.number().optional(),
  currentWorkers: z.number().optional(),
  peakWorkers: z.number().optional(),
  vcpuSec: z.number().optional(),
  memoryMibSec: z.number().optional(),
  pdGbSec: z.number().optional(),
  ssdGbSec: z.number().optional(),
  shuffleGb: z.number().optional(),
  billableShuffleGb: z.number().optional(),
  userCounters: z.record(z.string(), z.number()).optional(),
  tentative: z.boolean(),
});
export type MetricsSummary = z.output<typeof metricsSummarySchema>;

export const durationsSchema = z.strictObject({
  queuedSec: z.number().meta({ description: 'ours: acceptance to the launch request' }),
  dataflowQueuedSec: z.number().meta({ description: 'job creation to job start' }),
  startupSec: z.number().meta({ description: 'job start to the first worker receiving work' }),
  runningSec: z.number().meta({ description: 'workers at work' }),
  totalSec: z.number().meta({ description: 'acceptance to end' }),
});
export type Durations = z.output<typeof durationsSchema>;

export const messageSchema = z.strictObject({
  at: epochMs,
  importance: z.string(),
  text: z.string(),
  count: z.int().min(1),
});

/** Execution, schema version 1. Times are epoch milliseconds. */
export const executionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  executionId: z.string(),
  runId: z.string(),
  executionKey: z.string().optional(),
  payloadHash: z.string(),
  load: z.string(),
  mode: modeSchema.optional(),
  trigger: z.enum(['event', 'http', 'chain']),
  overrides: overridesSchema.optional(),
  status: executionStatusSchema,
  statusReason: z.string().optional(),
  acceptedAt: epochMs,
  updatedAt: epochMs,
  endedAt: epochMs.optional(),
  deadlineAt: epochMs.optional(),
  maxAttempts: z.int().min(1),

  /** Lease on launching. Only the owner of an unexpired lease launches. */
  owner: z.string().optional(),
  leaseUntil: epochMs.optional(),

  templateName: z.string().optional(),
  sourceName: z.string().optional(),
  environment: z.enum(['LOCAL', 'DATAFLOW']).optional(),
  planSteps: z.array(z.string()).optional(),
  warnings: z.array(z.string()).optional(),
  expectedRows: z.strictObject({ count: z.int().min(0), exact: z.boolean() }).optional(),
  rowCountTolerance: z.number().optional(),
  estimate: estimateSchema.optional(),
  connectionBudget: z.int().optional(),
  maxConcurrentJobs: z.int().optional(),
  dailyBudgetMicroUsd: z.int().optional(),
  attempts: z.array(attemptSchema).max(20),
  decisions: z.array(decisionSchema).max(50).optional(),
  violations: z.array(z.strictObject({ code: z.string(), path: z.string(), message: z.string() })).optional(),

  cancel: z
    .strictObject({ requestedAt: epochMs, reason: z.string().optional(), sentAt: epochMs.optional() })
    .optional(),

  /** When the next tick must look at this execution; null once nothing is left to do. The index of the due query. */
  nextCheckAt: epochMs.nullable(),
  pollErrors: z.int().min(0),
  unreadableSince: epochMs.optional(),
  lastPolledAt: epochMs.optional(),
  lastMetricsAt: epochMs.optional(),

  metrics: metricsSummarySchema.optional(),
  series: z
    .array(z.strictObject({ at: epochMs, rows: z.number(), bytes: z.number(), workers: z.number() }))
    .max(200)
    .optional(),
  messages: z.array(messageSchema).max(50).optional(),
  failure: failureSchema.optional(),
  durations: durationsSchema.optional(),
  cost: z
    .strictObject({
      microUsd: costSchema,
      level: z.enum(['provisional', 'settled']),
      priceBook: z.string(),
      readAt: epochMs,
    })
    .optional(),
  costUnavailable: z.string().optional(),
  costOfEarlierAttempts: costSchema.optional(),

  /** What is left to do after the end; each step is idempotent and marked once done. */
  conclusion: z
    .strictObject({
      releasedAt: epochMs.optional(),
      publishedAt: epochMs.optional(),
      learntAt: epochMs.optional(),
      bookedAt: epochMs.optional(),
      settledAt: epochMs.optional(),
    })
    .optional(),
  /** Lifecycle events already published, by type and attempt: a set. */
  published: z.record(z.string(), epochMs).optional(),

  /** A leg of a three-stage load names its parent; the parent names its legs and has no attempts of its own. */
  parentId: z.string().optional(),
  legs: z.array(z.string()).max(2).optional(),
  legCandidate: candidateSchema.optional(),
});
export type Execution = z.output<typeof executionSchema>;
