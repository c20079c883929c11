// Executions as a table for people, from their summaries or the whole of them: one line each, as many columns as the terminal has room for.

import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { ExecutionStatus } from '../../shared/schema/execution.ts';
import type { ExecutionSummary } from '../../shared/schema/execution-summary.ts';
import { countText, differenceText, moneyText, secondsText } from '../start/figures.ts';

type Look = { readonly icon: string; readonly colour: 'green' | 'red' | 'yellow' | 'blue' | 'gray' };

/** Never colour alone: every status has its sign. */
const looks: Readonly<Record<ExecutionStatus, Look>> = {
  QUEUED: { icon: '…', colour: 'gray' },
  LAUNCHING: { icon: '↗', colour: 'blue' },
  SUBMITTED: { icon: '↗', colour: 'blue' },
  RUNNING: { icon: '▶', colour: 'blue' },
  CANCELLING: { icon: '■', colour: 'yellow' },
  SUCCEEDED: { icon: '✔', colour: 'green' },
  FAILED: { icon: '✖', colour: 'red' },
  CANCELLED: { icon: '■', colour: 'gray' },
  REJECTED: { icon: '⊘', colour: 'red' },
};

/** `▶ RUNNING`, with STALE where nobody could read it for an hour; coloured where the stream shows colours. */
export function statusText(view: ExecutionSummary, stream: NodeJS.WriteStream): string {
  const { icon, colour } = looks[view.status];
  const text = `${icon} ${view.status}${view.stale === undefined ? '' : ' (STALE)'}`;
  return styleText(view.stale === undefined ? colour : 'yellow', text, { stream });
}

/** `2 × n2-standard-4, 8 shards` */
export function candidateText(view: ExecutionSummary): string {
  const candidate = view.attempts.at(-1)?.candidate;
  return candidate === undefined
    ? ''
    : `${candidate.workerCount} × ${candidate.machineType}, ${countText(candidate.shardCount)} shards`;
}

/** Rows, and how many of those promised. */
export function rowsText({ metrics, expectedRows }: ExecutionSummary): string {
  const rows = metrics?.rowsWritten === 0 ? metrics.rowsRead : (metrics?.rowsWritten ?? metrics?.rowsRead);
  if (rows === undefined) return '';
  if (expectedRows === undefined || expectedRows.count === 0) return countText(rows);
  return `${countText(rows)} (${Math.floor((100 * rows) / expectedRows.count)} %)`;
}

/** From acceptance to the end, or to now. */
export function durationText(view: ExecutionSummary, now: number): string {
  const end = view.endedAt === undefined ? now : Date.parse(view.endedAt);
  return secondsText(Math.max(0, (end - Date.parse(view.acceptedAt)) / 1000));
}

/** `$0.0130 → $0.0121 −7 %`: predicted, actual, difference; `~` while the actual is provisional. */
function costText({ estimate, cost }: ExecutionSummary): string {
  const predicted = estimate?.estimatedCostMicroUsd;
  const actual = cost?.microUsd.total;
  const difference = differenceText(predicted, actual);
  const parts = [
    ...(predicted === undefined ? [] : [moneyText(predicted)]),
    ...(actual === undefined ? [] : [`${cost?.level === 'settled' ? '' : '~'}${moneyText(actual)}`]),
  ];
  return `${parts.join(' → ')}${difference === '' ? '' : ` ${difference}`}`;
}

type Column = { readonly title: string; readonly of: (view: ExecutionSummary) => string; readonly right?: true };

/** The widest table first given up: what a narrow terminal can do without. */
const columnsBelow = { 150: ['candidate', 'attempts'], 120: ['cost'], 100: ['duration'] };

/** The table; without borders, so that `awk` and `less -S` can work on it. */
export function executionsTable(
  views: readonly ExecutionSummary[],
  options: { readonly now: number; readonly stream: NodeJS.WriteStream },
): string {
  if (views.length === 0) return 'no executions';
  const { now, stream } = options;
  const all: readonly Column[] = [
    { title: 'execution', of: ({ executionId }) => executionId },
    { title: 'status', of: (view) => statusText(view, stream) },
    { title: 'load', of: ({ load }) => load },
    { title: 'candidate', of: candidateText },
    { title: 'rows', of: rowsText, right: true },
    { title: 'accepted', of: ({ acceptedAt }) => `${acceptedAt.slice(0, 19)}Z` },
    { title: 'duration', of: (view) => durationText(view, now), right: true },
    { title: 'cost', of: costText, right: true },
    { title: 'attempts', of: ({ attempts }) => String(attempts.length), right: true },
  ];
  const columns = all.filter(({ title }) => !leftOut(stream).includes(title));
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const view of views) table.push(columns.map((column) => column.of(view)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A pipe has all the room there is; a terminal of unknown width counts as 80. */
function leftOut(stream: NodeJS.WriteStream): string[] {
  const width = stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY;
  return Object.entries(columnsBelow).flatMap(([below, titles]) => (width < Number(below) ? titles : []));
}

const borderless = {
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
};
