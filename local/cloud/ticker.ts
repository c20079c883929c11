// Calls pollJobs again and again, as Cloud Scheduler would.

import { setTimeout as sleep } from 'node:timers/promises';

export type Ticker = {
  /** Calls no more; resolves when the call that is out has ended. One that hangs is cut after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
};

/**
 * One call at a time, `pauseMs` between the end of one and the start of the next. A call that fails is reported once until another
 * problem comes; the next call comes anyway.
 */
export function startTicker(url: string, pauseMs: number, onTrouble: (problem: string) => void): Ticker {
  const stopping = new AbortController();
  const cut = new AbortController();
  const tick = async (): Promise<string | undefined> => {
    try {
      const response = await fetch(url, { method: 'POST', signal: cut.signal });
      const text = await response.text();
      return response.ok ? undefined : `pollJobs answered ${response.status}: ${text.slice(0, 500)}`;
    } catch (error) {
      return cut.signal.aborted ? undefined : `pollJobs could not be called: ${String(error)}`;
    }
  };
  const run = async (): Promise<void> => {
    let last: string | undefined;
    while (!stopping.signal.aborted) {
      const problem = await tick();
      if (problem !== undefined && problem !== last) onTrouble(problem);
      last = problem;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    async stop(graceMs = 3000) {
      stopping.abort();
      const timer = setTimeout(() => cut.abort(), graceMs);
      await running;
      clearTimeout(timer);
    },
  };
}
