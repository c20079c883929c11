// Jobs without data: they walk their states by the clock, so that lists and polls can be tested with thousands of them.

import { z } from 'zod';
import type { JobState } from '../../shared/schema/job.ts';
import { doomTime, type JobMoves } from './job-moves.ts';
import type { Doom, JobRecord, LoadProgress, Script } from './job-record.ts';
import { isTerminal } from './job-state.ts';
import type { JobStore } from './job-store.ts';

const ms = z.coerce.number().int().min(0);

/** Also the parameters of a launch of `gs://BUCKET/scripted/NAME`; durations of the phases in ms. */
export const scriptSchema = z.strictObject({
  queuedMs: ms.default(100),
  pendingMs: ms.default(100),
  runningMs: ms.default(1000),
  cancellingMs: ms.default(100),
  outcome: z.enum(['JOB_STATE_DONE', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED']).default('JOB_STATE_DONE'),
  errorText: z.string().default('Workflow failed. Causes: this scripted job was told to fail.'),
  rows: ms.default(1_000_000),
  bytes: ms.default(200_000_000),
  ranges: z.coerce.number().int().min(1).default(16),
});

/** When the next state of a scripted job is due (epoch ms); undefined for all others and at the end. */
export function nextDue(record: JobRecord): number | undefined {
  const { script, doom } = record;
  if (script === undefined || isTerminal(record.state)) return undefined;
  const phase = phases[record.state];
  if (phase === undefined) return undefined;
  const planned = record.stateAt + script[phase.duration];
  const doomed = phase.doom === undefined ? undefined : doomTime(doom, phase.doom, record.stateAt);
  return doomed === undefined ? planned : Math.min(doomed, planned);
}

type Duration = 'queuedMs' | 'pendingMs' | 'runningMs' | 'cancellingMs';
const phases: Partial<Record<JobState, { readonly duration: Duration; readonly doom?: Doom['phase'] }>> = {
  JOB_STATE_QUEUED: { duration: 'queuedMs', doom: 'QUEUED' },
  JOB_STATE_PENDING: { duration: 'pendingMs', doom: 'PENDING' },
  JOB_STATE_RUNNING: { duration: 'runningMs', doom: 'RUNNING' },
  JOB_STATE_CANCELLING: { duration: 'cancellingMs' },
};

/**
 * Brings every scripted job to where it should be at `now`. Called before each read, so nothing ticks while nobody looks; a call costs
 * what changed since the last one.
 */
export function advanceScripted(store: JobStore, moves: JobMoves, now: number): void {
  for (let due = store.due(now); due.length > 0; due = store.due(now)) {
    store.together(() => {
      for (const record of due) advance(moves, record);
    });
  }
}

function advance(moves: JobMoves, record: JobRecord): void {
  const { id, script, doom, state } = record;
  const at = nextDue(record) ?? record.stateAt;
  const phase = phases[state];
  if (script === undefined || phase === undefined) return;
  if (phase.doom !== undefined && doomTime(doom, phase.doom, record.stateAt) === at && doom !== undefined) {
    moves.fail(id, at, doom.text, scriptedProgress(record, at));
  } else if (state === 'JOB_STATE_QUEUED') moves.accept(id, at);
  else if (state === 'JOB_STATE_PENDING') moves.run(id, at, Math.max(1, record.workers.numWorkers));
  else if (state === 'JOB_STATE_CANCELLING') moves.cancelled(id, at, scriptedProgress(record, record.stateAt));
  else if (script.outcome === 'JOB_STATE_FAILED') moves.fail(id, at, script.errorText, scriptedProgress(record, at));
  else if (script.outcome === 'JOB_STATE_CANCELLED') moves.cancelled(id, at, scriptedProgress(record, at));
  else moves.succeed(id, at, scriptedProgress(record, at));
}

/** Progress of a scripted job at a time: even over its running phase. */
export function scriptedProgress(record: JobRecord, at: number): LoadProgress {
  const script: Script = record.script ?? scriptSchema.parse({});
  const ran = record.runningAt === undefined ? 0 : at - record.runningAt;
  const share = script.runningMs === 0 ? 1 : Math.min(1, Math.max(0, ran / script.runningMs));
  const part = (whole: number) => Math.floor(whole * share);
  return {
    rangesTotal: script.ranges,
    rangesDone: part(script.ranges),
    rowsRead: part(script.rows),
    bytesRead: part(script.bytes),
    rowsWritten: share === 1 ? script.rows : 0,
    bytesWritten: share === 1 ? script.bytes : 0,
    shuffleBytes: part(script.bytes),
  };
}
