// UpdateJob: the only update of a batch job is its cancel.

import { ApiError, withTrace } from './api-error.ts';
import type { JobMoves } from './job-moves.ts';
import type { JobRecord } from './job-record.ts';
import { isTerminal } from './job-state.ts';

export type WireUpdateRequest = { readonly job: { readonly requestedState: string } | null };

const endWords: Readonly<Record<string, string>> = {
  JOB_STATE_DONE: 'SUCCESS',
  JOB_STATE_FAILED: 'FAILED',
  JOB_STATE_CANCELLED: 'CANCELLED',
};

/** Begins to cancel the job; throws what the service answers to a cancel that comes too early or too late. Twice is as good as once. */
export function cancelJob(moves: JobMoves, record: JobRecord, request: WireUpdateRequest, now: number): void {
  const wanted = request.job?.requestedState ?? 'JOB_STATE_UNKNOWN';
  if (wanted === 'JOB_STATE_DRAINED' || wanted === 'JOB_STATE_DRAINING') {
    throw new ApiError(
      'INVALID_ARGUMENT',
      withTrace('Drain is only supported for streaming jobs; cancel a batch job instead.'),
    );
  }
  if (wanted !== 'JOB_STATE_CANCELLED') {
    throw new ApiError(
      'INVALID_ARGUMENT',
      withTrace(`Cannot set the state of a job to ${wanted}; only JOB_STATE_CANCELLED can be requested.`),
    );
  }
  if (isTerminal(record.state)) {
    throw new ApiError(
      'FAILED_PRECONDITION',
      withTrace(
        `Could not cancel workflow ${record.id}. Job has terminated in state ${endWords[record.state] ?? record.state}.`,
      ),
    );
  }
  if (now < record.cancellableFrom) {
    throw new ApiError(
      'FAILED_PRECONDITION',
      withTrace(
        `Workflow modification failed. Causes: Job ${record.id} is not yet ready for canceling. Please retry in a few minutes.`,
      ),
    );
  }
  if (record.state !== 'JOB_STATE_CANCELLING') moves.cancel(record.id, now);
}
