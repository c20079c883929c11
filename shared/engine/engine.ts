// The engine: its verbs bound to one set of ports. The only place stages meet.

import type { Violation } from '../base/errors.ts';
import type { Execution } from '../schema/execution.ts';
import { advance, advanceExecution } from './advance.ts';
import { cancel } from './cancel.ts';
import type { EngineDeps } from './deps.ts';
import { answerOnce } from './idempotency.ts';
import type { ExecutionPage, Ledger, Versioned } from './ports.ts';
import { recommendLoad } from './recommend-load.ts';
import type { StartRequest, StartResult } from './request.ts';
import { reject, start } from './start.ts';

export type Engine = ReturnType<typeof createEngine>;

/** Binds the verbs to `deps`. No state is kept here: any number of engines may work on the same ledger. */
export function createEngine(deps: EngineDeps) {
  return {
    start: (...args: Tail<typeof start>) => start(deps, ...args),
    /** Records a request that can never be read, so that it is lost nowhere. */
    rejectUnreadable: (request: StartRequest, violations: readonly Violation[]): Promise<StartResult> =>
      reject(deps, request, 'unknown', 'unreadable', violations),
    recommend: (...args: Tail<typeof recommendLoad>) => recommendLoad(deps, ...args),
    cancel: (...args: Tail<typeof cancel>) => cancel(deps, ...args),
    advance: (...args: Tail<typeof advance>) => advance(deps, ...args),
    /** One execution now, whatever its next check; undefined: unknown, or nothing changed. */
    async wake(executionId: string): Promise<Versioned<Execution> | undefined> {
      const read = await deps.ledger.read(executionId);
      return read === undefined ? undefined : advanceExecution(deps, read);
    },
    answerOnce: (...args: Tail<typeof answerOnce>) => answerOnce(deps, ...args),
    read: (executionId: string): Promise<Versioned<Execution> | undefined> => deps.ledger.read(executionId),
    async list(query: Parameters<Ledger['list']>[0]): Promise<ExecutionPage> {
      const page = await deps.ledger.list(query);
      for (const error of page.damaged ?? []) deps.log('damaged', { error });
      return page;
    },
    deps,
  };
}

type Tail<F> = F extends (deps: EngineDeps, ...args: infer Args) => unknown
  ? Args
  : F extends (deps: never, ...args: infer Args) => unknown
    ? Args
    : never;
