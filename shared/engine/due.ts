// Hands out what is due one by one, oldest first, a page of the ledger at a time.

import type { Execution } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';
import type { ExecutionPage, Versioned } from './ports.ts';

export type DueExecutions = {
  /** The next due execution, undefined once there is none. Any number of workers may ask at once. */
  next(): Promise<Versioned<Execution> | undefined>;
  /** Whether everything that was due has been handed out. */
  isExhausted(): boolean;
};

/**
 * What is due at `now`; what becomes due later is left to the next tick. One of those who ask fetches the next page for all, and no page
 * waits for the last look of the one before it. After a page that cannot be read there is nothing more: its error is thrown to who asked.
 */
export function dueExecutions(
  deps: Pick<EngineDeps, 'ledger' | 'settings'>,
  now: number,
  onPage: (page: ExecutionPage) => void,
): DueExecutions {
  let queue: Versioned<Execution>[] = [];
  let pageToken: string | undefined;
  let state: 'more' | 'broken' | 'end' = 'more';
  let fetching: Promise<void> | undefined;
  const fetchPage = async (): Promise<void> => {
    const token = pageToken === undefined ? {} : { pageToken };
    state = 'broken';
    const page = await deps.ledger.due({ now, pageSize: deps.settings.advancePageSize, ...token });
    onPage(page);
    queue = [...page.executions];
    pageToken = page.nextPageToken;
    state = pageToken === undefined ? 'end' : 'more';
  };
  return {
    async next() {
      while (queue.length === 0 && (state === 'more' || fetching !== undefined)) {
        fetching ??= fetchPage().finally(() => {
          fetching = undefined;
        });
        await fetching;
      }
      return queue.shift();
    },
    isExhausted: () => queue.length === 0 && state === 'end',
  };
}
