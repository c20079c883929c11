// Moves a job from state to state and leaves the messages and autoscaling events that Dataflow would leave.

import type { Doom, JobRecord, LoadProgress } from './job-record.ts';
import { isTerminal } from './job-state.ts';
import type { JobStore } from './job-store.ts';

export type JobMoves = {
  /** The launcher has built the graph: PENDING. */
  accept(id: string, at: number): JobRecord | undefined;
  /** Workers are up: RUNNING with so many. */
  run(id: string, at: number, workerCount: number): JobRecord | undefined;
  succeed(id: string, at: number, progress: Readonly<LoadProgress>): JobRecord | undefined;
  fail(id: string, at: number, text: string, progress?: Readonly<LoadProgress>): JobRecord | undefined;
  /** A running job begins to cancel; a queued one is cancelled at once. */
  cancel(id: string, at: number): JobRecord | undefined;
  cancelled(id: string, at: number, progress?: Readonly<LoadProgress>): JobRecord | undefined;
};

/** Told of every change of a job's state, in the middle of the work: it must not throw, and must not wait. */
export type OnStateChange = (record: JobRecord) => void;

/** Wordings as in job logs quoted by users (tensorflow/datasets, gcp-variant-transforms) and in Beam's MonitoringUtil. */
export function createJobMoves(store: JobStore, onStateChange: OnStateChange = () => {}): JobMoves {
  const move: JobStore['move'] = (...change) => {
    const record = store.move(...change);
    if (record !== undefined) onStateChange(record);
    return record;
  };
  const stopWorkers = (record: JobRecord, at: number) => {
    if (record.runningAt === undefined) return;
    store.addMessage(record.id, at, 'JOB_MESSAGE_DETAILED', 'Cleaning up.');
    store.addMessage(record.id, at, 'JOB_MESSAGE_BASIC', 'Stopping worker pool...');
    store.addMessage(record.id, at, 'JOB_MESSAGE_BASIC', 'Worker pool stopped.');
    store.addScaling(record.id, scaled(at, 0, 0, 'CURRENT_NUM_WORKERS_CHANGED', 'Worker pool stopped.'));
  };

  return {
    accept(id, at) {
      const record = move(id, 'JOB_STATE_PENDING', at, { startedAt: at });
      if (record === undefined) return undefined;
      const { machineType, zone, fixedWorkers, maxWorkers } = record.workers;
      if (fixedWorkers) {
        store.addMessage(id, at, 'JOB_MESSAGE_BASIC', `Autoscaling is disabled for job ${id}.`);
      } else {
        const most = maxWorkers || 2000;
        store.addMessage(
          id,
          at,
          'JOB_MESSAGE_DETAILED',
          `Autoscaling is enabled for job ${id}. The number of workers will be between 1 and ${most}.`,
        );
      }
      store.addMessage(
        id,
        at,
        'JOB_MESSAGE_BASIC',
        `Worker configuration: ${machineType} in ${zone || `${record.location}-a`}.`,
      );
      return record;
    },
    run(id, at, workerCount) {
      const record = move(id, 'JOB_STATE_RUNNING', at, { runningAt: at, workerCount });
      if (record === undefined) return undefined;
      const place = record.workers.zone || record.location;
      store.addMessage(id, at, 'JOB_MESSAGE_BASIC', `Starting ${workerCount} workers in ${place}...`);
      store.addScaling(
        id,
        scaled(at, 0, workerCount, 'TARGET_NUM_WORKERS_CHANGED', `Starting ${workerCount} workers.`),
      );
      store.addMessage(id, at, 'JOB_MESSAGE_DETAILED', 'Workers have started successfully.');
      store.addScaling(
        id,
        scaled(at, workerCount, workerCount, 'CURRENT_NUM_WORKERS_CHANGED', `${workerCount} workers are running.`),
      );
      // Launchers find the window of work by this very sentence (MonitoringUtil; the metrics exporter of Google's PSO).
      store.addMessage(
        id,
        at,
        'JOB_MESSAGE_DETAILED',
        'All workers have finished the startup processes and began to receive work requests.',
      );
      return record;
    },
    succeed(id, at, progress) {
      const record = move(id, 'JOB_STATE_DONE', at, { progress });
      if (record !== undefined) stopWorkers(record, at);
      return record;
    },
    fail(id, at, text, progress) {
      const record = move(id, 'JOB_STATE_FAILED', at, progress === undefined ? {} : { progress });
      if (record === undefined) return undefined;
      store.addMessage(id, at, 'JOB_MESSAGE_ERROR', text);
      stopWorkers(record, at);
      return record;
    },
    cancel(id, at) {
      const record = store.get(id);
      if (record === undefined || isTerminal(record.state)) return undefined;
      store.patch(id, { requestedState: 'JOB_STATE_CANCELLED' });
      store.addMessage(id, at, 'JOB_MESSAGE_DETAILED', `Cancel request is committed for workflow job: ${id}.`);
      return move(id, record.state === 'JOB_STATE_QUEUED' ? 'JOB_STATE_CANCELLED' : 'JOB_STATE_CANCELLING', at);
    },
    cancelled(id, at, progress) {
      const record = move(id, 'JOB_STATE_CANCELLED', at, progress === undefined ? {} : { progress });
      if (record !== undefined) stopWorkers(record, at);
      return record;
    },
  };
}

/** When the doom of a job strikes, if it is in that phase; epoch ms. */
export function doomTime(doom: Doom | undefined, phase: Doom['phase'], phaseBegan: number): number | undefined {
  return doom?.phase === phase ? phaseBegan + doom.afterMs : undefined;
}

function scaled(
  at: number,
  current: number,
  target: number,
  type: 'TARGET_NUM_WORKERS_CHANGED' | 'CURRENT_NUM_WORKERS_CHANGED',
  text: string,
) {
  return { at, current, target, type, text };
}
