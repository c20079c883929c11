// A cancel in the record reaches its job: whatever failed before, once nothing fails any more and the job is known and can be cancelled.

import type { Execution } from '../../shared/schema/execution.ts';
import { endOf } from './memory-job.ts';
import type { Report, Truth } from './watch.ts';

/**
 * The longest pause after failed looks, a cancel that came to nothing, the pause before the next one, ticks in between, and clocks that
 * read all of it differently.
 */
const patienceMs = 20 * 60_000;

/** Remembers since when cancels were recorded and jobs known, and reports at each end a cancel that came too late, or never. */
export function watchCancels(truth: Pick<Truth, 'now' | 'job' | 'calmFrom'>): {
  onWrite(record: Execution): void;
  onEnd(record: Execution, report: Report): void;
} {
  const wantedSince = new Map<string, number>();
  return {
    onWrite(record) {
      const jobId = record.attempts.at(-1)?.jobId;
      if (record.cancel === undefined || jobId === undefined || wantedSince.has(jobId)) return;
      wantedSince.set(jobId, truth.now());
    },
    onEnd(record, report) {
      const jobId = record.attempts.at(-1)?.jobId ?? '';
      const since = wantedSince.get(jobId);
      const job = truth.job(jobId);
      if (job === undefined || since === undefined) return;
      const { createdAt, life } = job;
      const ableSince = Math.max(since, truth.calmFrom, createdAt + life.notReadyMs, createdAt + life.hiddenMs);
      const lateMs = (job.cancelledAt ?? endOf(job).at) - ableSince;
      if (lateMs > patienceMs) {
        const how = job.cancelledAt === undefined ? 'and ended by itself' : 'before it was told';
        report('cancel ignored', `${job.id} of ${record.executionId} ran on for ${lateMs} ms ${how}`);
      }
    },
  };
}
