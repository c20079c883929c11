// Plays a range of seeds and adds up what it saw: what a worker does with a bundle of the engine.

import { simulate } from './simulate.ts';

export type Range = {
  readonly from: number;
  readonly count: number;
  /** Launch requests may be later than the lease: then only the promise that has no bound is held. */
  readonly late: boolean;
  /** Stops at the first seed that breaks a promise. */
  readonly stopAtFirst: boolean;
};

export type Seen = {
  readonly schedules: number;
  readonly calls: number;
  readonly jobs: number;
  /** Schedules with two jobs ever of one attempt. */
  readonly secondJobs: number;
  /** Seeds that broke a promise, with the first one each broke. */
  readonly broken: readonly Broken[];
};
export type Broken = { readonly seed: number; readonly focus: string; readonly rule: string; readonly detail: string };

export async function playRange({ from, count, late, stopAtFirst }: Range): Promise<Seen> {
  const totals = { schedules: 0, calls: 0, jobs: 0, secondJobs: 0 };
  const broken: Broken[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const played = await simulate(seed, { late });
    totals.schedules += 1;
    totals.calls += played.calls;
    totals.jobs += played.jobs;
    totals.secondJobs += played.secondJobs > 0 ? 1 : 0;
    const violation = played.violations.find(({ rule }) => !late || rule === 'two active jobs');
    if (violation === undefined) continue;
    broken.push({ seed, focus: played.focus, rule: violation.rule, detail: violation.detail });
    if (stopAtFirst) break;
  }
  return { ...totals, broken };
}
