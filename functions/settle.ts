// The only place that turns what the engine answered into ack, nack or an HTTP status.

import { EngineError, errorCodes } from '../shared/base/errors.ts';
import type { Moment } from '../shared/base/log.ts';
import type { Answer } from '../shared/engine/idempotency.ts';
import type { RejectionReason, StartResult } from '../shared/engine/request.ts';
import { executionView } from '../shared/schema/execution-view.ts';
import { type Problem, problemBody } from './problem.ts';

/**
 * Push status of a start: 204 acknowledges, 503 has it delivered again. Acknowledged is only what is decided in the record; an open
 * launch is asked for again even though the tick would finish it too.
 */
export function pushStatus(result: StartResult): 204 | 503 {
  return result.kind === 'pending' || result.kind === 'missing' || result.kind === 'busy' ? 503 : 204;
}

const rejectionStatus: Readonly<Record<RejectionReason, number>> = {
  'unknown-run': 404,
  'unknown-load': 422,
  'not-allowed': 403,
  'invalid-recommendation': 422,
  plan: 422,
  guardrails: 422,
  budget: 422,
  config: 500,
  unreadable: 400,
  refused: 422,
};

/** The HTTP answer of a start: 202 with Location, 200 for a plan, or a problem. */
export function startAnswer(result: StartResult, now: number, staleAfterMs: number): Answer {
  switch (result.kind) {
    case 'accepted':
    case 'pending':
      return {
        status: 202,
        headers: { Location: `/api/agent/executions/${result.execution.executionId}`, 'Cache-Control': 'no-store' },
        body: executionView(result.execution, now, staleAfterMs),
      };
    case 'planned':
      return {
        status: 200,
        headers: { 'Cache-Control': 'no-store' },
        body: {
          dryRun: true,
          executionId: result.executionId,
          ...(result.validatedBy === undefined ? {} : { validatedBy: result.validatedBy }),
          request: result.plan.request,
          plan: { ...result.plan, request: undefined },
          ...(result.secondLeg === undefined ? {} : { secondLeg: result.secondLeg }),
        },
      };
    case 'rejected':
      return problemAnswer({
        status: rejectionStatus[result.reason],
        type: result.reason,
        title: 'Request rejected',
        detail: result.violations.map(({ message }) => message).join('; '),
        errors: result.violations,
        // Under its key it stays so: running it again takes another key.
        ...(result.execution === undefined ? {} : { extra: { executionId: result.execution.executionId } }),
      });
    case 'conflict':
      return problemAnswer({
        status: 422,
        type: 'key-reused',
        title: 'Same key, other payload',
        detail: `execution ${result.execution.executionId} was started under this key with another payload; send another executionKey to run again`,
        extra: { executionId: result.execution.executionId },
      });
    case 'busy':
      return problemAnswer({
        status: 429,
        type: 'capacity',
        title: 'No capacity',
        detail: `${result.reason}; try again later, or leave "queue": false out to wait in the queue`,
        headers: { 'Retry-After': String(result.retryAfterSec) },
      });
    case 'missing':
      return problemAnswer({
        status: 404,
        type: 'unknown-run',
        title: 'Unknown run',
        detail: `there is no recommendation ${JSON.stringify(result.runId)}; check the runId, or ask GET /api/agent/recommend for one`,
      });
  }
}

/** The problem of an error: what adapters throw keeps its meaning, anything else is a defect without details. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof EngineError)) {
    return {
      status: 500,
      type: 'internal',
      title: 'Internal error',
      detail: 'an unexpected error was logged; try again later',
    };
  }
  if (error.code === 'INVALID_ARGUMENT')
    return { status: 400, type: 'invalid-request', title: 'Invalid request', detail: error.message };
  if (error.code === 'CONFIG')
    return { status: 500, type: 'configuration', title: 'The configuration is wrong', detail: error.message };
  if (errorCodes[error.code].retry === 'later') {
    return {
      status: 503,
      type: 'unavailable',
      title: 'Temporarily unavailable',
      detail: `${errorCodes[error.code].meaning}; the request may be sent again`,
      headers: { 'Retry-After': '10' },
    };
  }
  return {
    status: 500,
    type: 'internal',
    title: 'Internal error',
    detail: `${error.code}: ${errorCodes[error.code].meaning}`,
  };
}

/** What the log calls a problem: refused for good, failed for now, or a defect that somebody must look at. */
export function momentOf({ status }: Problem): Moment {
  if (status < 500) return 'requestRefused';
  return status === 503 ? 'requestFailed' : 'defect';
}

/** A problem as a storable answer. */
export function problemAnswer(problem: Problem): Answer {
  return {
    status: problem.status,
    headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json', ...problem.headers },
    body: problemBody(problem),
  };
}
