// Leads a job with real data through its life: launcher, worker start-up, load, end; and ends it when it is cancelled or doomed.

import { setTimeout as sleep } from 'node:timers/promises';
import { doomTime, type JobMoves } from './job-moves.ts';
import type { Importance } from './job-queries.ts';
import { type Doom, type JobRecord, type LoadProgress, noProgress } from './job-record.ts';
import type { JobStore } from './job-store.ts';
import { workersFor } from './worker-settings.ts';

/** A load whose graph is built: what the launcher hands to the workers. */
export type PreparedLoad = {
  /** Pieces of work, as far as known before the source is read. */
  readonly ranges: number;
  readonly warnings: readonly string[];
  /** Local folder of its files; left behind only if the process dies. */
  readonly tempDir: string;
  run(context: LoadContext): Promise<void>;
  /** Removes what the load has left in the temporary folder. */
  cleanUp(): Promise<void>;
};

export type LoadContext = {
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly progress: LoadProgress;
  /** Ranges read at the same time, at most. */
  readonly parallelism: number;
  say(importance: Importance, text: string): void;
  /** Awaited before the rows become visible. */
  beforePublish(): Promise<void>;
};

export type PrepareLoad = (record: JobRecord, parameters: Readonly<Record<string, string>>) => Promise<PreparedLoad>;

export type JobRunner = {
  start(record: JobRecord, parameters: Readonly<Record<string, string>>): void;
  /** Tells the job's work to stop; the state has been changed by the caller. */
  cancel(id: string): void;
  /** Progress of a load that runs now. */
  progressOf(id: string): Readonly<LoadProgress> | undefined;
  /** Ends all work without a word in the store: a stopped service leaves its jobs as they were. */
  stop(): Promise<void>;
};

type Running = { readonly controller: AbortController; readonly progress: LoadProgress; ended: Promise<void> };

/** `startupMs`: how long a job is QUEUED, and again PENDING. */
export function createJobRunner(deps: {
  readonly store: JobStore;
  readonly moves: JobMoves;
  readonly prepare: PrepareLoad;
  readonly now: () => number;
  readonly startupMs: number;
}): JobRunner {
  const { store, moves, now } = deps;
  const running = new Map<string, Running>();
  let stopping = false;

  async function live(record: JobRecord, parameters: Readonly<Record<string, string>>, job: Running): Promise<void> {
    const { id, doom } = record;
    const { controller, progress } = job;
    const { signal } = controller;
    let prepared: PreparedLoad | undefined;
    try {
      await startUp('QUEUED', doom, signal);
      prepared = await deps.prepare(record, parameters);
      signal.throwIfAborted();
      store.patch(id, { tempDir: prepared.tempDir });
      moves.accept(id, now());
      for (const warning of prepared.warnings) store.addMessage(id, now(), 'JOB_MESSAGE_WARNING', warning);
      await startUp('PENDING', doom, signal);
      const workerCount = workersFor(record.workers, prepared.ranges);
      moves.run(id, now(), workerCount);
      const parallelism = workerCount * record.workers.threadsPerWorker;
      const say = (importance: Importance, text: string) => {
        if (!stopping) store.addMessage(id, now(), importance, text);
      };
      const struck = doom?.phase === 'RUNNING' ? doom : undefined;
      const beforePublish = () => (struck === undefined ? Promise.resolve() : untilAborted(signal));
      const work = prepared.run({ jobId: id, signal, progress, parallelism, say, beforePublish });
      await (struck === undefined ? work : doomed(work, struck, controller));
      moves.succeed(id, now(), { ...progress });
    } catch (error) {
      if (!stopping) conclude(id, error, progress);
    } finally {
      await prepared?.cleanUp();
      running.delete(id);
    }
  }

  async function startUp(phase: Doom['phase'], doom: Doom | undefined, signal: AbortSignal): Promise<void> {
    const began = now();
    const strikes = doomTime(doom, phase, began);
    const waitMs = strikes === undefined ? deps.startupMs : strikes - began;
    await sleep(waitMs, undefined, { signal });
    if (doom !== undefined && strikes !== undefined) throw new Error(doom.text);
  }

  /** The work of a doomed job: stopped when its hour has come. It never publishes, because it waits before that until it is stopped. */
  async function doomed(work: Promise<void>, doom: Doom, controller: AbortController): Promise<void> {
    try {
      await Promise.race([work, sleep(doom.afterMs, undefined, { signal: controller.signal })]);
    } finally {
      controller.abort();
      await work.catch(() => undefined);
    }
    throw new Error(doom.text);
  }

  function conclude(id: string, error: unknown, progress: LoadProgress): void {
    const state = store.get(id)?.state;
    if (state === 'JOB_STATE_CANCELLED') return;
    if (state === 'JOB_STATE_CANCELLING') moves.cancelled(id, now(), { ...progress });
    else moves.fail(id, now(), error instanceof Error ? error.message : String(error), { ...progress });
  }

  return {
    start(record, parameters) {
      const job: Running = { controller: new AbortController(), progress: { ...noProgress }, ended: Promise.resolve() };
      running.set(record.id, job);
      job.ended = live(record, parameters, job);
    },
    cancel: (id) => running.get(id)?.controller.abort(),
    progressOf: (id) => running.get(id)?.progress,
    async stop() {
      stopping = true;
      const jobs = [...running.values()];
      for (const { controller } of jobs) controller.abort();
      await Promise.all(jobs.map((job) => job.ended));
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
