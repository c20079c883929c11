// Reads the ledger after a storm, and writes to every execution once to see that nobody holds it.

import type { Documents, Ledger, Versioned } from '../../shared/engine/ports.ts';
import type { Execution } from '../../shared/schema/execution.ts';

/** Every execution in the ledger. */
export async function allExecutions(ledger: Ledger): Promise<Versioned<Execution>[]> {
  const executions: Versioned<Execution>[] = [];
  let pageToken: string | undefined;
  do {
    const page = await ledger.list({ pageSize: 500, ...(pageToken === undefined ? {} : { pageToken }) });
    executions.push(...page.executions);
    for (const error of page.damaged ?? []) throw error;
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return executions;
}

/** Writes every execution back as it is, eight at a time; the slowest write in ms, undefined when one did not come through in a minute. */
export async function slowestWrite(
  ledger: Ledger,
  reads: readonly Versioned<Execution>[],
): Promise<number | undefined> {
  const queue = [...reads];
  let slowest = 0;
  const writers = Array.from({ length: 8 }, async () => {
    for (let read = queue.shift(); read !== undefined; read = queue.shift()) {
      const begun = performance.now();
      await ledger.replace(read.value, read.version);
      slowest = Math.max(slowest, performance.now() - begun);
    }
  });
  const finished = await within(60_000, Promise.all(writers));
  return finished === undefined ? undefined : Math.round(slowest);
}

/** How many places are still reserved or waited for in the project's capacity document. */
export async function reservationsLeft(documents: Documents, projectId: string): Promise<number> {
  const stored = await documents.read('capacity', projectId);
  const { running = {}, waiting = {} } = (stored?.value ?? {}) as { running?: object; waiting?: object };
  return Object.keys(running).length + Object.keys(waiting).length;
}

/** What the promise answers, or undefined when it takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
