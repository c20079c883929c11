// A worker of the simulation: plays a range of seeds on the bundle it is given, and tells what it saw.

import { parentPort, workerData } from 'node:worker_threads';
import type { Played, PlayOptions } from './simulate.ts';

/** Plays `count` seeds from `from`; with `stopAtFirst` until one shows a violation. */
export type Task = {
  readonly id: number;
  readonly bundle: string;
  readonly from: number;
  readonly count: number;
  readonly late: boolean;
  readonly stopAtFirst: boolean;
};

export type Result = {
  readonly id: number;
  readonly schedules: number;
  readonly calls: number;
  readonly jobs: number;
  readonly secondJobs: number;
  /** Seeds with a violation, and the first violation of each. */
  readonly broken: readonly {
    readonly seed: number;
    readonly focus: string;
    readonly rule: string;
    readonly detail: string;
  }[];
};

type Simulate = (seed: number, options: PlayOptions) => Promise<Played>;

// Errors are part of the play and thrown by the million; nobody reads their stacks.
Error.stackTraceLimit = 0;

const bundles = new Map<string, Promise<{ simulate: Simulate }>>();

async function play(task: Task): Promise<Result> {
  const loaded = bundles.get(task.bundle) ?? (import(task.bundle) as Promise<{ simulate: Simulate }>);
  bundles.set(task.bundle, loaded);
  const { simulate } = await loaded;
  const totals = { schedules: 0, calls: 0, jobs: 0, secondJobs: 0 };
  const broken: Result['broken'][number][] = [];
  for (let seed = task.from; seed < task.from + task.count; seed += 1) {
    const played = await simulate(seed, { late: task.late });
    totals.schedules += 1;
    totals.calls += played.calls;
    totals.jobs += played.jobs;
    totals.secondJobs += played.secondJobs > 0 ? 1 : 0;
    // Outside the bound only the promise that has no bound is held.
    const violation = played.violations.find(({ rule }) => !task.late || rule === 'two active jobs');
    if (violation !== undefined) {
      broken.push({ seed, focus: played.focus, rule: violation.rule, detail: violation.detail });
      if (task.stopAtFirst) break;
    }
  }
  return { id: task.id, ...totals, broken };
}

if (workerData === 'simulation') {
  parentPort?.on('message', async (task: Task) => {
    parentPort?.postMessage(await play(task));
  });
}
