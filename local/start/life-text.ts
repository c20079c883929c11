// The life of an execution in one line each: chosen, launched, running with a bar, ended.

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

/** `██████░░░ 62 %  310,000 of 500,000 rows · 45 MB/s · 5 of 8 ranges`; the state where there is no figure yet. */
export function progressText(view: ExecutionView): string {
  const { metrics, expectedRows } = view;
  const rows = metrics?.rowsRead ?? metrics?.rowsWritten;
  if (metrics === undefined || rows === undefined || rows === 0) return view.attempts.at(-1)?.lastState ?? view.status;
  const { rangesDone, rangesTotal } = metrics;
  const share = shareOf(rows, expectedRows?.count, rangesDone, rangesTotal);
  const total =
    expectedRows === undefined ? '' : ` of ${expectedRows.exact ? '' : 'about '}${countText(expectedRows.count)}`;
  return [
    ...(share === undefined ? [] : [`${barText(share)} ${Math.round(share * 100)} % `]),
    [
      `${countText(rows)}${total} rows`,
      ...rateOf(view),
      ...(rangesTotal === undefined ? [] : [`${countText(rangesDone ?? 0)} of ${countText(rangesTotal)} ranges`]),
    ].join(' · '),
  ].join(' ');
}

/** By rows where their number is known, else by ranges. */
function shareOf(rows: number, expected?: number, rangesDone?: number, rangesTotal?: number): number | undefined {
  if (expected !== undefined && expected > 0) return Math.min(1, rows / expected);
  if (rangesTotal !== undefined && rangesTotal > 0) return (rangesDone ?? 0) / rangesTotal;
  return undefined;
}

/** The rate over the last readings that moved. */
function rateOf({ series = [] }: ExecutionView): string[] {
  const last = series.at(-1);
  const before = series.findLast((point) => last !== undefined && point.at < last.at && point.bytes < last.bytes);
  if (last === undefined || before === undefined) return [];
  return [`${((last.bytes - before.bytes) / 1e3 / (last.at - before.at)).toFixed(1)} MB/s`];
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
