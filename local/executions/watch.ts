// Follows executions until they have ended: a table that redraws itself on a terminal, plain lines everywhere else.

import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { executionStatusSchema, isTerminal } from '../../shared/schema/execution.ts';
import type { ExecutionSummary } from '../../shared/schema/execution-summary.ts';
import { progressText } from '../start/life-text.ts';
import { type ExecutionsApi, type ListFilter, Refused, Unreachable } from './api-client.ts';
import { executionsTable } from './table.ts';

export type WatchOptions = {
  /** What is watched, read anew each time. */
  readonly read: () => Promise<readonly ExecutionSummary[]>;
  readonly everyMs: number;
  readonly json: boolean;
  readonly stream: NodeJS.WriteStream;
  readonly signal: AbortSignal;
};

/** A line at least this often while something runs, so that a log shows it is alive. */
const aliveMs = 10_000;
/** Reads in a row that may fail before the watch gives up: about five minutes at two seconds. */
const patience = 150;

/** Watches until everything has ended (or the signal comes) and answers the executions as they then are. */
export async function watch(options: WatchOptions): Promise<readonly ExecutionSummary[]> {
  const show = options.json ? jsonLines(options) : options.stream.isTTY ? liveTable(options) : plainLines(options);
  let views: readonly ExecutionSummary[] = [];
  // The first read tells whether there is anything to watch at all.
  let failures = patience;
  while (!options.signal.aborted) {
    try {
      views = await options.read();
      failures = 0;
      show(views);
      if (views.every(({ status }) => isTerminal(status))) break;
    } catch (error) {
      // A poll error is not the end of what is watched.
      failures += 1;
      if (!isPassing(error) || failures > patience) throw error;
    }
    await sleep(options.everyMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
  return views;
}

const isPassing = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Refused && error.status >= 500);

type Show = (views: readonly ExecutionSummary[]) => void;

function liveTable({ stream }: WatchOptions): Show {
  const update = createLogUpdate(stream);
  return (views) => {
    update(executionsTable(views, { now: Date.now(), stream }));
    if (views.every(({ status }) => isTerminal(status))) update.done();
  };
}

function plainLines({ stream }: WatchOptions): Show {
  const saidAt = new Map<string, { status: string; at: number }>();
  return (views) => {
    const now = Date.now();
    if (views.length === 0) stream.write('nothing is running\n');
    for (const view of views) {
      const said = saidAt.get(view.executionId);
      const isNews = said?.status !== statusOf(view);
      if (!isNews && (isTerminal(view.status) || now - said.at < aliveMs)) continue;
      saidAt.set(view.executionId, { status: statusOf(view), at: now });
      stream.write(`${new Date(now).toISOString()} ${view.executionId} ${view.load} ${lineOf(view)}\n`);
    }
  };
}

function jsonLines({ stream }: WatchOptions): Show {
  const said = new Map<string, string>();
  return (views) => {
    for (const view of views) {
      const line = JSON.stringify(view);
      if (said.get(view.executionId) === line) continue;
      said.set(view.executionId, line);
      stream.write(`${line}\n`);
    }
  };
}

const statusOf = (view: ExecutionSummary): string =>
  `${view.status} ${view.attempts.length} ${view.stale === undefined ? '' : 'STALE'}`;

function lineOf(view: ExecutionSummary): string {
  const stale = view.stale === undefined ? '' : ' (STALE)';
  const attempt = view.attempts.length > 1 ? ` attempt ${view.attempts.length}` : '';
  const what = isTerminal(view.status) ? view.statusReason : (view.statusReason ?? progressText(view));
  return `${view.status}${stale}${attempt}${what === undefined ? '' : `: ${what}`}`;
}

/** Everything that has not ended, and what was seen running until then: read anew, so that new ones join. */
export function unended(api: Pick<ExecutionsApi, 'list' | 'read'>, filter: ListFilter): WatchOptions['read'] {
  // By status: the newest of all may have ended long before an older one that still runs.
  const statuses = filter.status === undefined ? unendedStatuses : [filter.status];
  const seen = new Set<string>();
  return async () => {
    const found = new Map<string, ExecutionSummary>();
    // One after the other, in the order of a life: whatever moves on meanwhile is met again, not missed.
    for (const status of statuses)
      for (const view of await api.list({ ...filter, status })) found.set(view.executionId, view);
    const newest = [...found.values()]
      .filter(({ executionId, status }) => seen.has(executionId) || !isTerminal(status))
      .sort(newestFirst)
      .slice(0, filter.limit);
    const views = new Map(newest.map((view) => [view.executionId, view]));
    const others = await Promise.all([...seen].filter((id) => !views.has(id)).map((id) => api.read(id)));
    for (const view of others) views.set(view.executionId, view);
    for (const executionId of views.keys()) seen.add(executionId);
    return [...views.values()].sort(newestFirst);
  };
}

/** As the API lists them. */
const newestFirst = (left: ExecutionSummary, right: ExecutionSummary): number =>
  right.acceptedAt.localeCompare(left.acceptedAt) || right.executionId.localeCompare(left.executionId);

const unendedStatuses = executionStatusSchema.options.filter((status) => !isTerminal(status));
