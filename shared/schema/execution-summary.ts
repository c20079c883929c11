// A row of `GET /api/agent/executions`: what a list shows of an execution. The whole of it is read by its id.

import * as z from 'zod';
import { candidateSchema, costSchema } from './candidate.ts';
import {
  type Execution,
  executionStatusSchema,
  failureClasses,
  failureSchema,
  metricsSummarySchema,
} from './execution.ts';
import { executionView, pick } from './execution-view.ts';
import { jobStates } from './job.ts';
import { modeSchema } from './recommendation.ts';

const iso = z.iso.datetime();
const { rowsRead, rowsWritten, bytesRead, bytesWritten, rangesTotal, rangesDone, currentWorkers } =
  metricsSummarySchema.shape;

/** Every field stands under the name and in the shape it has in the whole view, so that whoever reads rows can read views as well. */
export const executionSummarySchema = z
  .strictObject({
    executionId: z.string(),
    runId: z.string(),
    executionKey: z.string().optional(),
    load: z.string(),
    mode: modeSchema.optional(),
    status: executionStatusSchema,
    statusReason: z.string().optional(),
    stale: z.strictObject({ since: iso, pollErrors: z.int() }).optional(),
    acceptedAt: iso,
    updatedAt: iso,
    endedAt: iso.optional(),
    templateName: z.string().optional(),
    expectedRows: z.strictObject({ count: z.int().min(0), exact: z.boolean() }).optional(),
    metrics: z
      .strictObject({ rowsRead, rowsWritten, bytesRead, bytesWritten, rangesTotal, rangesDone, currentWorkers })
      .optional(),
    attempts: z.array(
      z.strictObject({
        number: z.int(),
        candidate: candidateSchema,
        jobName: z.string(),
        jobId: z.string().optional(),
        lastState: z.enum(jobStates).optional(),
      }),
    ),
    estimate: z.strictObject({ estimatedDurationSec: z.number(), estimatedCostMicroUsd: z.int() }).optional(),
    cost: z.strictObject({ microUsd: costSchema, level: z.enum(['provisional', 'settled']) }).optional(),
    failure: z
      .strictObject({ class: z.enum(failureClasses), code: z.string(), summary: failureSchema.shape.summary })
      .optional(),
    parentId: z.string().optional(),
    legs: z.array(z.string()).optional(),
  })
  .meta({ id: 'ExecutionSummary' });

export type ExecutionSummary = z.output<typeof executionSummarySchema>;

/** The row of one execution. `staleAfterMs`: since when unreadable counts as stale. */
export function executionSummary(execution: Execution, now: number, staleAfterMs: number): ExecutionSummary {
  const { metrics, attempts, estimate, cost, failure, ...view } = executionView(execution, now, staleAfterMs);
  return {
    ...pick(view, 'executionId', 'runId', 'executionKey', 'load', 'mode', 'status', 'statusReason', 'stale'),
    ...pick(view, 'acceptedAt', 'updatedAt', 'endedAt', 'templateName', 'expectedRows', 'parentId', 'legs'),
    ...(metrics === undefined
      ? {}
      : {
          metrics: {
            ...pick(metrics, 'rowsRead', 'rowsWritten', 'bytesRead', 'bytesWritten'),
            ...pick(metrics, 'rangesTotal', 'rangesDone', 'currentWorkers'),
          },
        }),
    attempts: attempts.map((attempt) => pick(attempt, 'number', 'candidate', 'jobName', 'jobId', 'lastState')),
    ...(estimate === undefined ? {} : { estimate: pick(estimate, 'estimatedDurationSec', 'estimatedCostMicroUsd') }),
    ...(cost === undefined ? {} : { cost: pick(cost, 'microUsd', 'level') }),
    ...(failure === undefined ? {} : { failure: pick(failure, 'class', 'code', 'summary') }),
  };
}
