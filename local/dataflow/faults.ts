// Decides which fault of the script strikes an event: by its number, the job's name, or chance with a seed.

import { type Fault, type FaultInput, type FaultKind, parseFaults } from './fault-schema.ts';

export type FaultEvent = { readonly jobName?: string; readonly method?: string };

export type FaultScript = {
  /** The first fault of that kind which strikes this event, if any. Asking counts as the event. */
  strike<K extends FaultKind>(kind: K, event: FaultEvent): Extract<Fault, { kind: K }> | undefined;
  /** Replaces the script; counting starts anew. */
  set(faults: readonly FaultInput[]): void;
};

type Armed = { readonly fault: Fault; seen: number; struck: number; readonly random: () => number };

/** A script over a list of faults; throws if the list is not valid. */
export function createFaultScript(faults: readonly FaultInput[] = []): FaultScript {
  let armed = arm(faults);
  return {
    strike<K extends FaultKind>(kind: K, event: FaultEvent) {
      for (const one of armed) {
        if (one.fault.kind === kind && strikes(one, event)) return one.fault as Extract<Fault, { kind: K }>;
      }
      return undefined;
    },
    set(next) {
      armed = arm(next);
    },
  };
}

function arm(faults: readonly FaultInput[]): Armed[] {
  return parseFaults(faults).map((fault, index) => ({
    fault,
    seen: 0,
    struck: 0,
    random: generator(fault.seed ?? index + 1),
  }));
}

function strikes(armed: Armed, event: FaultEvent): boolean {
  const { fault } = armed;
  if (fault.jobNamePrefix !== undefined && event.jobName?.startsWith(fault.jobNamePrefix) !== true) return false;
  if ('method' in fault && fault.method !== undefined && fault.method !== event.method) return false;
  armed.seen += 1;
  if (fault.nth !== undefined && ![fault.nth].flat().includes(armed.seen)) return false;
  if (fault.probability !== undefined && armed.random() >= fault.probability) return false;
  if (fault.times !== undefined && armed.struck >= fault.times) return false;
  armed.struck += 1;
  return true;
}

/** mulberry32: a small seeded generator of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
