// Watches executions until they end: a live table on a terminal, a line per change of state anywhere else.

import { setTimeout as pause } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { isTerminal } from '../../shared/schema/execution.ts';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import type { ApiClient } from './api-client.ts';
import { listTable, progressText } from './tables.ts';

export type WatchOptions = {
  /** One execution; undefined: all that have not ended. */
  readonly executionId: string | undefined;
  readonly everyMs: number;
  readonly out: NodeJS.WriteStream;
  readonly signal: AbortSignal;
};

/** Ends when everything watched has ended, and answers those executions; rejects with the signal's reason when interrupted. */
export async function watch(api: ApiClient, options: WatchOptions): Promise<readonly ExecutionView[]> {
  const show = options.out.isTTY ? liveTable(options.out) : changedLines(options.out);
  let watched: readonly ExecutionView[] =
    options.executionId === undefined ? await active(api) : [await api.read(options.executionId)];
  for (;;) {
    show(watched);
    if (watched.every((view) => isTerminal(view.status))) return watched;
    await pause(options.everyMs, undefined, { signal: options.signal });
    watched = await Promise.all(watched.map((view) => (isTerminal(view.status) ? view : api.read(view.executionId))));
  }
}

async function active(api: ApiClient): Promise<readonly ExecutionView[]> {
  const newest = await api.list({ limit: 200 });
  return newest.filter((view) => !isTerminal(view.status));
}

type Show = (executions: readonly ExecutionView[]) => void;

function liveTable(out: NodeJS.WriteStream): Show {
  const update = createLogUpdate(out);
  return (executions) => {
    update(executions.length === 0 ? 'nothing is running' : listTable(executions, Date.now()));
    if (executions.every((view) => isTerminal(view.status))) update.done();
  };
}

/** Without a terminal: no escape codes, and no line that says what the last one said. */
function changedLines(out: NodeJS.WriteStream): Show {
  const said = new Map<string, string>();
  return (executions) => {
    if (executions.length === 0) out.write('nothing is running\n');
    for (const view of executions) {
      const line = `${view.executionId} ${view.load} ${view.status} ${view.attempts.at(-1)?.lastState ?? '-'} ${progressText(view)}`;
      if (said.get(view.executionId) !== line) out.write(`${line}\n`);
      said.set(view.executionId, line);
    }
  };
}
