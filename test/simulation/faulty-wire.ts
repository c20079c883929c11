// The one place every port call passes: here instances crash, requests and answers get lost or late, and client libraries retry in silence.

import { EngineError, type ErrorCode } from '../../shared/base/errors.ts';
import type { Instance } from './instance.ts';
import type { Send } from './remote.ts';
import type { Scheduler } from './scheduler.ts';

/** Every way a call can go wrong. */
export const faults = [
  'crash before',
  'crash after it applied',
  'request lost',
  'answer lost',
  'answer late',
  'request late',
  'silent retry',
] as const;
export type Fault = (typeof faults)[number];

/** What becomes of one call; times are milliseconds from the call. */
export type Fate = {
  readonly fault?: Fault;
  /** When the service carries it out; undefined: never. */
  readonly appliedAfterMs?: number;
  /** When the caller hears of it; undefined: never, because it crashed. */
  readonly answeredAfterMs?: number;
  /** What the caller hears instead of the answer. */
  readonly error?: ErrorCode;
  /** The client library sent it twice; the caller gets the second answer. */
  readonly twice?: boolean;
};

export type Call = {
  readonly name: string;
  readonly instance: Instance;
  /** The caller gives up after this long. */
  readonly deadlineMs: number;
};

/** Longest time a client waits for an answer: launches say it themselves, reads of Dataflow have 20 s (dataflow-jobs), stores a minute. */
function deadlineOf(name: string, args: readonly unknown[]): number {
  if (name === 'jobs.launch') return (args[1] as { deadlineMs: number }).deadlineMs;
  return name.startsWith('jobs.') ? 20_000 : 60_000;
}

export type Trace = (line: string) => void;

/** The wire between `instance` and the services: each call ends as `fateOf` says. */
export function faultyWire(options: {
  readonly scheduler: Scheduler;
  readonly instance: Instance;
  readonly fateOf: (call: Call) => Fate;
  readonly trace?: Trace | undefined;
}): Send {
  const { scheduler, instance, trace } = options;
  return (name, apply, args) => {
    // A request of a life that just ended, still running in the microtask it died in: it reaches nobody and hears nothing.
    if (!instance.isUp()) return new Promise(() => {});
    const fate = options.fateOf({ name, instance, deadlineMs: deadlineOf(name, args) });
    const sentAt = scheduler.now();
    const life = instance.life();
    if (fate.appliedAfterMs === undefined && fate.answeredAfterMs === undefined) {
      trace?.(`${instance.name} dies before ${name}`);
      instance.crash();
      return new Promise(() => {});
    }
    return new Promise((resolve, reject) => {
      let result: Outcome | undefined;
      const answer = (): void => {
        if (instance.life() !== life) return;
        trace?.(`${instance.name} ${name}: ${fate.error ?? describe(result)}${describeFault(fate)}`);
        if (fate.error !== undefined) reject(new EngineError(fate.error, `${name}: simulated ${fate.error}`));
        else if (result?.kind === 'threw') reject(result.error);
        else resolve(result?.value);
      };
      const carryOut = (): void => {
        result = attempt(apply);
        if (fate.twice === true) result = attempt(apply);
        if (fate.answeredAfterMs === undefined) {
          trace?.(`${instance.name} dies after ${name} was carried out: ${describe(result)}`);
          if (instance.life() === life) instance.crash();
        } else if (fate.error !== undefined) {
          trace?.(`${name} of ${instance.name} is carried out unheard: ${describe(result)}`);
        }
        if (fate.answeredAfterMs === fate.appliedAfterMs) answer();
      };
      if (fate.appliedAfterMs !== undefined) scheduler.at(sentAt + fate.appliedAfterMs, carryOut);
      if (fate.answeredAfterMs !== undefined && fate.answeredAfterMs !== fate.appliedAfterMs) {
        scheduler.at(sentAt + fate.answeredAfterMs, answer);
      }
    });
  };
}

type Outcome =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown };

function attempt(apply: () => unknown): Outcome {
  try {
    return { kind: 'answered', value: apply() };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

function describeFault(fate: Fate): string {
  return fate.fault === undefined ? '' : ` [${fate.fault}]`;
}

function describe(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if (outcome.kind === 'threw')
    return outcome.error instanceof Error ? outcome.error.message.slice(0, 100) : 'an error';
  const { value } = outcome;
  if (typeof value !== 'object' || value === null) return String(value);
  if ('kind' in value) return String(value.kind);
  return JSON.stringify(value).slice(0, 160);
}
