// The golden paths: everything the engine does, one request each, with what must have happened before.

import type { Fault } from '../simulation/faulty-wire.ts';
import type { Limits } from '../simulation/load-configs.ts';
import type { JobLife } from '../simulation/memory-job.ts';
import { type Act, cancel, delivery, list, recommend, request, tick } from './acts.ts';

export type Step = {
  /** Milliseconds after the world began. */
  readonly atMs: number;
  readonly act: Act;
  /** What goes wrong on purpose to get where the path begins, by call. */
  readonly faults?: Readonly<Record<string, Fault>>;
};

export type Path = {
  readonly name: string;
  readonly limits?: Limits;
  readonly life?: Partial<JobLife>;
  readonly before: readonly Step[];
  /** The request whose every call is struck. */
  readonly subject: Step;
  /** What comes next, as redelivery or as the next tick; its every call is struck as well. */
  readonly next: Step;
  /** True: only the request itself is struck. For what reads so much that pairs of faults would be tens of thousands. */
  readonly nextIsSpared?: boolean;
};

const second = 1_000;
const minute = 60 * second;
/** Slack, deadline, lateness and twice the skew: the default lease. */
const lease = 270 * second;
const lookAgain = 180 * second;

/** A job that is over before anybody looks again, and missing from lists as long as a job may be. */
const short: Partial<JobLife> = { queuedMs: 0, startingMs: second, runningMs: 2 * second, listLagMs: 60 * second };
const long: Partial<JobLife> = { runningMs: 7 * minute };
const stockout: Partial<JobLife> = {
  runningMs: second,
  end: 'JOB_STATE_FAILED',
  errorText: 'Startup of the worker pool failed. ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS',
};

const at = (atMs: number, act: Act, faults?: Step['faults']): Step => ({
  atMs,
  act,
  ...(faults === undefined ? {} : { faults }),
});
const started = at(0, delivery('run-1'));
const diedAfterLaunch = at(0, delivery('run-1'), { 'jobs.launch': 'crash after it applied' });
const diedBeforeLaunch = at(0, delivery('run-1'), { 'jobs.launch': 'crash before' });
const onePlace: Limits = { maxConcurrentJobs: 1, connectionBudget: 10 };

export const paths: readonly Path[] = [
  { name: 'start', life: short, before: [], subject: started, next: at(10 * second, delivery('run-1')) },
  { name: 'start of a long job', life: long, before: [], subject: started, next: at(10 * second, delivery('run-1')) },
  {
    name: 'start within limits',
    life: short,
    limits: onePlace,
    before: [],
    subject: started,
    next: at(10 * second, delivery('run-1')),
  },
  {
    name: 'start of what cannot run',
    before: [],
    subject: at(0, delivery('unknown-load')),
    next: at(10 * second, delivery('unknown-load')),
  },
  {
    name: 'start over HTTP',
    life: short,
    before: [],
    subject: at(0, request({ runId: 'run-1', queue: true })),
    next: at(5 * second, request({ runId: 'run-1', queue: true })),
  },
  {
    name: 'start over HTTP that will not queue',
    life: short,
    limits: onePlace,
    before: [],
    subject: at(0, request({ runId: 'run-1', queue: false })),
    next: at(5 * second, request({ runId: 'run-1', queue: false })),
  },
  {
    name: 'refusal over HTTP for want of a place',
    life: long,
    limits: onePlace,
    before: [started],
    subject: at(minute, request({ runId: 'run-2', queue: false })),
    next: at(minute + 5 * second, request({ runId: 'run-2', queue: false })),
  },
  {
    name: 'queue',
    life: long,
    limits: onePlace,
    before: [started],
    subject: at(minute, delivery('run-2')),
    next: at(minute + 10 * second, delivery('run-2')),
  },
  {
    name: 'launch from the queue',
    life: { ...short, runningMs: 90 * second },
    limits: onePlace,
    before: [started, at(minute, delivery('run-2')), at(2 * minute, tick)],
    subject: at(3 * minute, tick),
    next: at(4 * minute, tick),
  },
  {
    name: 'adopt',
    life: short,
    before: [diedAfterLaunch],
    subject: at(lease + minute, tick),
    next: at(lease + 2 * minute, tick),
  },
  {
    name: 'first look',
    before: [diedBeforeLaunch],
    subject: at(lease + minute, tick),
    next: at(lease + 2 * minute, tick),
  },
  {
    name: 'relaunch',
    life: short,
    before: [diedBeforeLaunch, at(lease + minute, tick)],
    subject: at(lease + 2 * minute + lookAgain, tick),
    next: at(lease + 3 * minute + lookAgain, tick),
  },
  { name: 'advance', life: long, before: [started], subject: at(4 * minute, tick), next: at(5 * minute, tick) },
  {
    name: 'end and conclude',
    life: short,
    limits: onePlace,
    before: [started],
    subject: at(2 * minute, tick),
    next: at(3 * minute, tick),
  },
  {
    name: 'settle the cost',
    life: short,
    before: [started, at(2 * minute, tick)],
    subject: at(8 * minute, tick),
    next: at(14 * minute, tick),
  },
  {
    name: 'next attempt',
    life: stockout,
    limits: onePlace,
    before: [started],
    subject: at(2 * minute, tick),
    next: at(4 * minute, tick),
  },
  {
    name: 'launch of the next attempt',
    life: stockout,
    limits: onePlace,
    before: [started, at(2 * minute, tick)],
    subject: at(4 * minute, tick),
    next: at(5 * minute, tick),
  },
  {
    name: 'cancel',
    life: long,
    before: [started],
    subject: at(minute, cancel('run-1')),
    next: at(2 * minute, cancel('run-1')),
  },
  {
    name: 'cancel told by a tick',
    life: { ...long, notReadyMs: 2 * minute },
    before: [started, at(minute, cancel('run-1'))],
    subject: at(3 * minute, tick),
    next: at(4 * minute, tick),
  },
  {
    name: 'cancel of what may be launching',
    life: long,
    before: [diedAfterLaunch],
    subject: at(minute, cancel('run-1')),
    next: at(lease + 2 * minute, tick),
  },
  {
    name: 'cancel of what was never launched',
    before: [diedBeforeLaunch, at(minute, cancel('run-1')), at(lease + minute, tick)],
    subject: at(lease + 2 * minute + lookAgain, tick),
    next: at(lease + 3 * minute + lookAgain, tick),
  },
  {
    name: 'cancel in the queue',
    life: long,
    limits: onePlace,
    before: [started, at(minute, delivery('run-2'))],
    subject: at(2 * minute, cancel('run-2')),
    next: at(3 * minute, tick),
  },
  {
    name: 'start of a three-stage load',
    life: short,
    before: [],
    subject: at(0, delivery('staged-run')),
    next: at(10 * second, delivery('staged-run')),
  },
  {
    name: 'second leg of a three-stage load',
    nextIsSpared: true,
    life: short,
    before: [at(0, delivery('staged-run')), at(2 * minute, tick)],
    subject: at(3 * minute, tick),
    next: at(5 * minute, tick),
  },
  {
    name: 'settle the cost of a three-stage load',
    nextIsSpared: true,
    life: short,
    before: [
      at(0, delivery('staged-run')),
      ...[1, 2, 3, 4, 5, 7, 9, 13, 15].map((minutes) => at(minutes * minute, tick)),
    ],
    subject: at(17 * minute, tick),
    next: at(18 * minute, tick),
  },
  {
    name: 'cancel of a three-stage load',
    life: long,
    before: [at(0, delivery('staged-run'))],
    subject: at(minute, cancel('staged-run')),
    next: at(2 * minute, tick),
  },
  {
    name: 'recommend',
    nextIsSpared: true,
    before: [],
    subject: at(0, recommend('own-run', 'estimated')),
    next: at(5 * second, recommend('own-run', 'estimated')),
  },
  { name: 'list', life: long, before: [started], subject: at(minute, list), next: at(2 * minute, list) },
];
