// Hands out what is due one by one, oldest first, a page of the ledger at a time.

import type { Execution } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';
import type { ExecutionPage, Versioned } from './ports.ts';

/**
 * The next due execution, undefined once there is none. Any number of workers may ask at once; one of them fetches the next page, and
 * no page waits for the last look of the one before it. What becomes due after `now` is left to the next tick. `onPage` sees every page.
 */
export function dueExecutions(
  deps: Pick<EngineDeps, 'ledger' | 'settings'>,
  now: number,
  onPage: (page: ExecutionPage) => void,
): () => Promise<Versioned<Execution> | undefined> {
  let queue: Versioned<Execution>[] = [];
  let pageToken: string | undefined;
  let atEnd = false;
  let fetching: Promise<void> | undefined;
  const fetchPage = async (): Promise<void> => {
    const token = pageToken === undefined ? {} : { pageToken };
    const page = await deps.ledger.due({ now, pageSize: deps.settings.advancePageSize, ...token });
    onPage(page);
    queue = [...page.executions];
    pageToken = page.nextPageToken;
    atEnd = pageToken === undefined;
  };
  return async () => {
    while (queue.length === 0 && !atEnd) {
      fetching ??= fetchPage().finally(() => {
        fetching = undefined;
      });
      await fetching;
    }
    return queue.shift();
  };
}
