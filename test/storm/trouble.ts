// What never stops during a storm: kills of function processes, ticks that overlap, callers over HTTP.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Instances } from './instances.ts';

export type Trouble = {
  /** `heldBack`: kills that were due and were not made, because the storm was too far ahead of the machine. */
  readonly kills: { SIGKILL: number; SIGTERM: number; heldBack: number };
  readonly ticks: { done: number; broken: number };
  /** Stops the kills; ticks go on. */
  calm(): Promise<void>;
  stop(): Promise<void>;
};

/** One kill in four is a SIGTERM: the framework ends at once and drops what is in flight. */
const sigtermShare = 0.25;

/**
 * How many kills there may be when `outcomes` were told. A quick machine comes to some 1.2 kills for each outcome at the rhythm below
 * (measured: 112 and 126 with 100 outcomes) and hardly reaches this; one half as fast spent all its time on starting processes (measured:
 * 480 kills in 570 s, 27 outcomes), and nothing ended.
 */
const killsAllowed = (outcomes: number): number => 25 + outcomes;

/** Kills an instance every 200 to 800 ms and keeps `tickers` callers of pollJobs busy. `outcomes`: how many were told so far. */
export function makeTrouble(options: {
  readonly instances: Instances;
  readonly tickers: number;
  readonly kills: boolean;
  readonly random: () => number;
  outcomes(): number;
}): Trouble {
  const { instances, random } = options;
  const kills = { SIGKILL: 0, SIGTERM: 0, heldBack: 0 };
  const ticks = { done: 0, broken: 0 };
  const killing = new AbortController();
  const ticking = new AbortController();

  async function kill(): Promise<void> {
    while (!killing.signal.aborted) {
      await pause(200 + random() * 600, killing.signal);
      if (killing.signal.aborted) return;
      const allowed = kills.SIGKILL + kills.SIGTERM < killsAllowed(options.outcomes());
      const victim = allowed ? victimAmong(instances, random) : undefined;
      if (victim === undefined) {
        kills.heldBack += 1;
        continue;
      }
      const signal = random() < sigtermShare ? 'SIGTERM' : 'SIGKILL';
      await victim.end(signal);
      kills[signal] += 1;
    }
  }

  async function tick(): Promise<void> {
    while (!ticking.signal.aborted) {
      const instance = instances.next('pollJobs');
      const status = instance === undefined ? undefined : await post(instance.url);
      if (status === 200) ticks.done += 1;
      else ticks.broken += 1;
      await pause(400, ticking.signal);
    }
  }

  const killer = options.kills ? kill() : Promise.resolve();
  const tickers = Array.from({ length: options.tickers }, tick);
  return {
    kills,
    ticks,
    async calm() {
      killing.abort();
      await killer;
    },
    async stop() {
      killing.abort();
      ticking.abort();
      await Promise.all([killer, ...tickers]);
    },
  };
}

/**
 * Any living instance. On a starved machine a start takes seconds, and nothing would ever be done: there half of the instances are left
 * to live, and who was not yet at work for as long as a start takes is spared.
 */
function victimAmong(instances: Instances, random: () => number) {
  const living = instances.living();
  if (living.length <= instances.wanted / 2) return undefined;
  const tired = living.filter(({ since }) => performance.now() - since >= median(instances.startMs));
  return tired[Math.floor(random() * tired.length)];
}

/** The status, or undefined when the connection broke. */
export async function post(url: string, body: string = '', headers: Record<string, string> = {}) {
  try {
    const answer = await fetch(url, { method: 'POST', body, headers: { connection: 'close', ...headers } });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}

/** The middle one of the last 21 numbers. */
export function median(numbers: readonly number[]): number {
  const last = numbers.slice(-21).toSorted((left, right) => left - right);
  return last[Math.floor(last.length / 2)] ?? 0;
}

/** A pause that ends early when the signal fires. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
