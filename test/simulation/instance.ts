// One instance of the functions: its own clock, and a life that ends at any moment and takes everything in flight with it.

import type { Clock } from '../../shared/base/clock.ts';
import type { Scheduler } from './scheduler.ts';

export type Ending<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** The instance died, or was down: no answer will come. */
  | { readonly kind: 'died' };

export type Instance = {
  readonly name: string;
  readonly clock: Clock;
  isUp(): boolean;
  /** Counts deaths: an answer for an earlier life finds nobody. */
  life(): number;
  /** Nothing of this life runs on; another life begins after the restart time. */
  crash(): void;
  /** Runs one request. */
  serve<T>(work: () => Promise<T>): Promise<Ending<T>>;
};

/** `skewMs` is asked at each reading of the clock. */
export function createInstance(options: {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly skewMs: () => number;
  readonly restartMs: () => number;
}): Instance {
  const { scheduler } = options;
  let up = true;
  let life = 0;
  let served = new Set<() => void>();
  return {
    name: options.name,
    clock: { now: () => scheduler.now() + options.skewMs() },
    isUp: () => up,
    life: () => life,
    crash() {
      if (!up) return;
      up = false;
      life += 1;
      const dying = served;
      served = new Set();
      for (const died of dying) died();
      scheduler.at(scheduler.now() + Math.max(1, options.restartMs()), () => {
        up = true;
      });
    },
    serve: (work) =>
      new Promise((resolve) => {
        if (!up) {
          resolve({ kind: 'died' });
          return;
        }
        const died = (): void => resolve({ kind: 'died' });
        served.add(died);
        const end = (ending: Parameters<typeof resolve>[0]): void => {
          served.delete(died);
          resolve(ending);
        };
        work().then(
          (value) => end({ kind: 'answered', value }),
          (error: unknown) => end({ kind: 'threw', error }),
        );
      }),
  };
}
