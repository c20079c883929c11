// How wrong the clocks of a scenario are, at each reading; never by more than the bound.

import type { Call } from './faulty-wire.ts';
import type { Random } from './random.ts';

/**
 * Steady: each instance is off by a fixed amount. Wild: each reading by its own. Treacherous: who launches is behind, so that its lease
 * ends late by its own clock; whoever takes over is ahead until it has looked for the job, and behind when it writes down what it saw.
 */
export type Clocks =
  | { readonly kind: 'steady'; readonly skewsMs: readonly number[] }
  | { readonly kind: 'wild' | 'treacherous' };

export type ClockError = {
  skewMs(instance: number): number;
  /** Told of every port call. */
  onCall(call: Pick<Call, 'name'>): void;
};

export function clockErrorOf(clocks: Clocks, boundMs: number, random: Random): ClockError {
  let looked = false;
  switch (clocks.kind) {
    case 'steady':
      return { skewMs: (instance) => clocks.skewsMs[instance] ?? 0, onCall: () => {} };
    case 'wild':
      return { skewMs: () => random.pick([boundMs, -boundMs, boundMs, -boundMs, 0]), onCall: () => {} };
    case 'treacherous':
      return {
        skewMs: (instance) => (instance === 0 || looked ? -boundMs : boundMs),
        onCall: ({ name }) => {
          if (name === 'jobs.list') looked = true;
          if (name === 'ledger.read' || name === 'ledger.due') looked = false;
        },
      };
  }
}

/** Half of all steady clocks are right, or off by exactly the bound. */
export function drawSteadyClocks(random: Random, boundMs: number): Clocks {
  const skewsMs = Array.from({ length: 3 }, () =>
    random.pick([0, 0, boundMs, -boundMs, random.int(-boundMs, boundMs)]),
  );
  return { kind: 'steady', skewsMs };
}
