// ListJobMessages: messages from a minimum importance on, oldest first, with the autoscaling events.

import { ApiError, withTrace } from './api-error.ts';
import type { Importance } from './job-queries.ts';
import type { JobStore } from './job-store.ts';
import { fromTimestamp, type Timestamp, toTimestamp } from './timestamp.ts';

export type WireMessagesRequest = {
  readonly projectId: string;
  readonly location: string;
  readonly jobId: string;
  readonly minimumImportance: Importance | 'JOB_MESSAGE_IMPORTANCE_UNKNOWN';
  readonly pageSize: number;
  readonly pageToken: string;
  readonly startTime?: Timestamp | null;
  readonly endTime?: Timestamp | null;
};

/** In order of severity; the numbers of the enum are in another order. */
const bySeverity: readonly Importance[] = [
  'JOB_MESSAGE_DEBUG',
  'JOB_MESSAGE_DETAILED',
  'JOB_MESSAGE_BASIC',
  'JOB_MESSAGE_WARNING',
  'JOB_MESSAGE_ERROR',
];
const defaultPageSize = 100;

/** One page; the autoscaling events of the asked time come with the first. */
export function listMessages(store: JobStore, request: WireMessagesRequest): object {
  const least = (bySeverity as readonly string[]).indexOf(request.minimumImportance);
  const from = fromTimestamp(request.startTime) ?? 0;
  const to = fromTimestamp(request.endTime) ?? Number.MAX_SAFE_INTEGER;
  const limit = Math.min(request.pageSize > 0 ? request.pageSize : defaultPageSize, 1000);
  const afterSeq = request.pageToken === '' ? 0 : seqOf(request.pageToken);
  const found = store.messages(request.jobId, bySeverity.slice(Math.max(0, least)), from, to, afterSeq, limit + 1);
  const page = found.slice(0, limit);
  const events = afterSeq === 0 ? store.scaling(request.jobId, from, to) : [];
  return {
    jobMessages: page.map(({ seq, at, importance, text }) => ({
      id: seq.toString(16).padStart(16, '0'),
      time: toTimestamp(at),
      messageText: text,
      messageImportance: importance,
    })),
    autoscalingEvents: events.map(({ at, current, target, type, text }) => ({
      time: toTimestamp(at),
      currentNumWorkers: current,
      targetNumWorkers: target,
      eventType: type,
      description: { messageText: text },
      workerPool: 'Regular',
    })),
    nextPageToken: found.length > limit ? Buffer.from(String(page.at(-1)?.seq)).toString('base64url') : '',
  };
}

function seqOf(token: string): number {
  const seq = Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(seq) || seq <= 0)
    throw new ApiError('INVALID_ARGUMENT', withTrace('The page token is invalid.'));
  return seq;
}
