// The language of the fault script: a JSON list of what the service shall do wrong, and when.

import { z } from 'zod';

/** When a fault strikes. Conditions add up; without any it strikes every time. Counting starts when the script is set. */
const match = {
  /** Only the n-th matching event(s), from 1. */
  nth: z.union([z.int().min(1), z.array(z.int().min(1)).min(1)]).optional(),
  /** Only jobs whose name begins so; events without a job name never match then. */
  jobNamePrefix: z.string().optional(),
  /** Strikes with this probability, drawn from a generator with this seed: the same script, the same faults. */
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  /** Strikes at most so many times. */
  times: z.int().min(1).optional(),
};

const durationMs = z.int().min(0);
const method = z.enum([
  'LaunchFlexTemplate',
  'GetJob',
  'ListJobs',
  'UpdateJob',
  'AggregatedListJobs',
  'GetJobMetrics',
  'ListJobMessages',
]);
const phase = z.enum(['QUEUED', 'PENDING', 'RUNNING']);

const faultSchema = z.discriminatedUnion('kind', [
  /**
   * The job is accepted, its answer is lost: `cut` breaks all connections, `unavailable` answers UNAVAILABLE, `deadline` answers
   * DEADLINE_EXCEEDED, `hang` never answers.
   */
  z.strictObject({
    kind: z.literal('loseLaunchAnswer'),
    how: z.enum(['cut', 'unavailable', 'deadline', 'hang']).default('unavailable'),
    ...match,
  }),
  /** Nothing is accepted. RESOURCE_EXHAUSTED is HTTP 429. */
  z.strictObject({
    kind: z.literal('refuseLaunch'),
    code: z.enum(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'PERMISSION_DENIED', 'INTERNAL']).default('UNAVAILABLE'),
    ...match,
  }),
  /** The call is carried out at once, its answer comes later. */
  z.strictObject({ kind: z.literal('delayAnswer'), method: method.optional(), delayMs: durationMs, ...match }),
  /** The call reaches the service only later: a launch is accepted late. */
  z.strictObject({ kind: z.literal('delayRequest'), method: method.optional(), delayMs: durationMs, ...match }),
  /** The call fails without being carried out. */
  z.strictObject({
    kind: z.literal('failCall'),
    method,
    code: z
      .enum(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'INTERNAL', 'PERMISSION_DENIED'])
      .default('UNAVAILABLE'),
    ...match,
  }),
  /** A new job is missing from lists for so long. */
  z.strictObject({ kind: z.literal('hideFromLists'), forMs: durationMs, ...match }),
  /** GetJob (and metrics, messages) of a new job answers NOT_FOUND for so long. */
  z.strictObject({ kind: z.literal('getJobNotFound'), forMs: durationMs, ...match }),
  /** A list names a location that did not answer, and leaves its jobs out if `empty`. */
  z.strictObject({
    kind: z.literal('partialList'),
    failedLocation: z.string().optional(),
    empty: z.boolean().default(true),
    ...match,
  }),
  /** A page token is refused as expired. */
  z.strictObject({ kind: z.literal('pageTokenExpired'), ...match }),
  /** A cancel answers "not yet ready for canceling" until a new job is so old. */
  z.strictObject({ kind: z.literal('notReadyForCancel'), forMs: durationMs, ...match }),
  /** No machines in the zone: of the launcher (QUEUED) or of the workers. */
  z.strictObject({
    kind: z.literal('zoneStockout'),
    phase: phase.default('PENDING'),
    zone: z.string().default('us-central1-a'),
    afterMs: durationMs.default(0),
    ...match,
  }),
  z.strictObject({
    kind: z.literal('launcherFailure'),
    cause: z.enum(['vm', 'container', 'timeout']).default('vm'),
    afterMs: durationMs.default(0),
    ...match,
  }),
  z.strictObject({
    kind: z.literal('quotaExceeded'),
    quota: z.enum(['cpus', 'jobs']).default('cpus'),
    afterMs: durationMs.default(0),
    ...match,
  }),
  z.strictObject({ kind: z.literal('workerOutOfMemory'), afterMs: durationMs.default(0), ...match }),
  /** Any other failure, in the words given. */
  z.strictObject({
    kind: z.literal('failJob'),
    phase: phase.default('RUNNING'),
    text: z.string().min(1),
    afterMs: durationMs.default(0),
    ...match,
  }),
]);

export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** The checked script; throws one Error that lists every problem with its place, e.g. `faults[2].nth: …`. */
export function parseFaults(value: unknown): Fault[] {
  const result = z.array(faultSchema).safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `faults[${issue.path.join('.')}]: ${issue.message}`);
  throw new Error(`the fault script is not valid:\n${problems.join('\n')}`);
}
