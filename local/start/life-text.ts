// The life of an execution in one line each: chosen, launched, running with a bar, ended.

import type { ExecutionSummary } from '../../shared/schema/execution-summary.ts';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import type { Recommendation } from '../../shared/schema/recommendation.ts';
import { barText, countText, moneyText, secondsText } from './figures.ts';

/** `2 × n2-standard-4, 8 shards; about 4.1 s, $0.0012` */
export function recommendationText({ recommended }: Recommendation): string {
  const { candidate, estimatedDurationSec, estimatedCostMicroUsd } = recommended;
  return `${candidateText(candidate)}; about ${secondsText(estimatedDurationSec)}, ${moneyText(estimatedCostMicroUsd)}`;
}

/** The job's name and id and what it runs on. */
export function launchedText(view: ExecutionView): string {
  const attempt = view.attempts.at(-1);
  if (attempt === undefined) return `Launched (${view.status})`;
  const readers = attempt.maxConcurrentShards > 0 ? `, ${attempt.maxConcurrentShards} read at a time` : '';
  return `Launched job ${attempt.jobName} (${attempt.jobId}): ${candidateText(attempt.candidate)}${readers}`;
}

function candidateText(candidate: Recommendation['recommended']['candidate']): string {
  const { workerCount, machineType, shardCount } = candidate;
  return `${workerCount} × ${machineType}, ${shardCount} shard${shardCount === 1 ? '' : 's'}`;
}

/** What tells how far an execution is: a whole view, or a summary, which has no series. */
type Progress = Pick<ExecutionSummary, 'status' | 'metrics' | 'expectedRows'> & {
  readonly attempts: readonly { readonly lastState?: string | undefined; readonly startedAt?: string }[];
  readonly series?: ExecutionView['series'] | undefined;
};

/** `██████░░░ 62 %  500,000 of 500,000 rows read, 120,000 written · 45 MB/s · 8 of 8 ranges`; the job's state before the first row. */
export function progressText(view: Progress): string {
  const { metrics, expectedRows } = view;
  const { rowsRead = 0, rowsWritten = 0, rangesDone = 0, rangesTotal = 0 } = metrics ?? {};
  if (rowsRead + rowsWritten === 0) return view.attempts.at(-1)?.lastState ?? view.status;
  const share = shareOf(view);
  const total =
    expectedRows === undefined ? '' : ` of ${expectedRows.exact ? '' : 'about '}${countText(expectedRows.count)}`;
  const figures = [
    `${countText(rowsRead)}${total} rows read, ${countText(rowsWritten)} written`,
    ...rateOf(view),
    ...(rangesTotal === 0 ? [] : [`${countText(rangesDone)} of ${countText(rangesTotal)} ranges`]),
  ].join(' · ');
  return share === undefined ? figures : `${barText(share)} ${Math.floor(share * 100)} %  ${figures}`;
}

/** Reading is one half, writing the other; by rows where their number is known, else by ranges. */
function shareOf({ metrics, expectedRows }: Progress): number | undefined {
  const { rowsRead = 0, rowsWritten = 0, rangesDone = 0, rangesTotal = 0 } = metrics ?? {};
  const expected = expectedRows?.count ?? 0;
  const half = (done: number, all: number): number => Math.min(1, done / all) / 2;
  if (expected > 0) return half(rowsRead, expected) + half(rowsWritten, expected);
  return rangesTotal > 0 ? half(rangesDone, rangesTotal) + half(rowsWritten, Math.max(1, rowsRead)) : undefined;
}

/** Bytes read by the time of the reading that moved last, since the job started. */
function rateOf({ series = [], attempts }: Progress): string[] {
  const bytes = series.at(-1)?.bytes ?? 0;
  const movedAt = series.find((point) => point.bytes === bytes)?.at ?? 0;
  const elapsedMs = movedAt - Date.parse(attempts.at(-1)?.startedAt ?? '');
  return bytes > 0 && elapsedMs > 0 ? [`${(bytes / 1e3 / elapsedMs).toFixed(1)} MB/s`] : [];
}

/** What was done in all. */
export function endedText(view: ExecutionView): string {
  const { metrics, durations } = view;
  const rows = metrics?.rowsWritten ?? metrics?.rowsRead;
  const running = durations?.runningSec;
  const rate =
    running !== undefined && running > 0 && metrics?.bytesRead !== undefined
      ? ` (${(metrics.bytesRead / 1e6 / running).toFixed(1)} MB/s)`
      : '';
  const what = rows === undefined ? view.status : `${view.status}: ${countText(rows)} rows`;
  return running === undefined ? what : `${what} in ${secondsText(running)}${rate}`;
}
