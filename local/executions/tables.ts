// Executions as text for people: a line each, or one with everything that matters about it.

import Table from 'cli-table3';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import { countText, moneyText, secondsText } from '../start/figures.ts';
import { reasonOf } from '../start/outcome.ts';

const borderless = (head: string[]) =>
  new Table({
    head,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  });

/** One line per execution; columns are aligned, so that `awk` can read them. */
export function listTable(executions: readonly ExecutionView[], now: number): string {
  const table = borderless(['EXECUTION', 'LOAD', 'STATUS', 'ATTEMPT', 'MACHINES', 'PROGRESS', 'ROWS', 'AGE', 'COST']);
  for (const view of executions) {
    const attempt = view.attempts.at(-1);
    table.push([
      view.executionId,
      view.load,
      view.stale === undefined ? view.status : `${view.status} (STALE)`,
      attempt === undefined ? '-' : String(attempt.number),
      attempt === undefined ? '-' : `${attempt.candidate.workerCount}x${attempt.candidate.machineType}`,
      progressText(view),
      view.metrics?.rowsWritten === undefined ? '-' : countText(view.metrics.rowsWritten),
      secondsText(
        Math.max(0, (Date.parse(view.endedAt ?? new Date(now).toISOString()) - Date.parse(view.acceptedAt)) / 1000),
      ),
      view.cost === undefined ? '-' : moneyText(view.cost.microUsd.total),
    ]);
  }
  return table.toString();
}

/** `12/16 ranges`, or `-` while nothing is known. */
export function progressText(view: ExecutionView): string {
  const { rangesDone, rangesTotal } = view.metrics ?? {};
  return rangesTotal === undefined ? '-' : `${rangesDone ?? 0}/${rangesTotal}`;
}

/** Everything about one execution: what, where, why, how long, how much, and the newest messages. */
export function detailText(view: ExecutionView): string {
  const table = borderless(['', '']);
  const line = (name: string, value: string | undefined) =>
    value === undefined ? undefined : table.push([name, value]);
  line('Execution', view.executionId);
  line('Run', view.runId);
  line('Load', view.load);
  line('Status', view.stale === undefined ? view.status : `${view.status}, not readable since ${view.stale.since}`);
  if (!['SUCCEEDED', 'RUNNING', 'SUBMITTED'].includes(view.status)) line('Reason', reasonOf(view));
  line('Accepted', view.acceptedAt);
  line('Ended', view.endedAt);
  for (const attempt of view.attempts) {
    const { candidate } = attempt;
    line(
      `Attempt ${attempt.number}`,
      `${candidate.workerCount} x ${candidate.machineType}, ${candidate.shardCount} shards, ${attempt.lastState ?? 'not launched yet'}`,
    );
    line(
      '  job',
      attempt.jobId === undefined
        ? undefined
        : `${attempt.jobName} (${attempt.jobId}) in ${attempt.projectId}/${attempt.region}`,
    );
    line('  failed', attempt.failure?.summary);
    if ('consoleUrl' in attempt) line('  console', attempt.consoleUrl);
    if ('logsUrl' in attempt) line('  logs', attempt.logsUrl);
  }
  line('Ranges', view.metrics?.rangesTotal === undefined ? undefined : progressText(view));
  line('Rows', view.metrics?.rowsWritten === undefined ? undefined : countText(view.metrics.rowsWritten));
  line(
    'Duration',
    view.durations === undefined
      ? undefined
      : `${secondsText(view.durations.totalSec)}, running ${secondsText(view.durations.runningSec)}`,
  );
  line(
    'Cost',
    view.cost === undefined ? view.costUnavailable : `${moneyText(view.cost.microUsd.total)} (${view.cost.level})`,
  );
  for (const { reason } of view.decisions ?? []) line('Decision', reason);
  for (const message of (view.messages ?? []).slice(0, 5)) line(message.importance, message.text);
  return table.toString();
}
