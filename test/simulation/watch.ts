// Watches a world for broken promises: safety at every write, launch and publication, liveness at the end.

import type { OutgoingEvent } from '../../shared/engine/ports.ts';
import { type Execution, isTerminal } from '../../shared/schema/execution.ts';
import { endOf, isActiveAt, type SimulatedJob } from './memory-job.ts';
import type { LedgerWrite } from './memory-ledger.ts';
import { watchCancels } from './watch-cancels.ts';
import { checkSettled } from './watch-costs.ts';

export type Violation = { readonly rule: Rule; readonly detail: string; readonly at: number };

/** Every promise, by the name a violation prints. */
export const rules = {
  'two active jobs': 'S1: at most one active job per execution, always',
  'two jobs ever': 'S2: at most one job per attempt ever, while no launch request is later than the lease',
  'job without intent': 'S3: no job whose intent is not in the record, and none after the record ended',
  'phantom job': 'S4: the record never names a job that does not exist or is not its own',
  'moved backwards': 'S4: terminal never changes, attempts and job ids are never taken back',
  'invented end': 'S4: an end is recorded only when the job ended so',
  'launch after cancel': 'no new intent and no new attempt once a cancel is in the record',
  'cancel ignored': 'a job whose cancel is in the record is cancelled once it can be',
  'settled early': 'a cost is called settled only when what each of its jobs used is final',
  'acked undecided': 'no acknowledgement before the decision is in the record',
  'published early': 'an outcome is published only after the end is in the record, always under the same id',
  'over capacity': 'jobs and connections never exceed their budget',
  'not ended': 'L1: every accepted message ends',
  'not published': 'L1: every end is published at least once',
  starved: 'L1: who waits for a place gets it once places are free',
  'capacity leak': 'capacity is empty when everything has ended',
  'orphan job': 'every job the engine launched is in its execution’s record',
  'unreadable record': 'every record written fits its schema',
} as const;
export type Rule = keyof typeof rules;

export type Truth = {
  readonly now: () => number;
  readonly record: (executionId: string) => Execution | undefined;
  readonly job: (jobId: string) => SimulatedJob | undefined;
  readonly jobs: () => readonly SimulatedJob[];
  readonly limits: { readonly maxConcurrentJobs?: number; readonly connectionBudget?: number };
  /** False: launch requests may be later than the lease, so more than one job ever is no violation. */
  readonly inBound: boolean;
  /** Nothing fails or is late from here on. */
  readonly calmFrom: number;
};

export type Watch = {
  readonly violations: readonly Violation[];
  readonly inBound: boolean;
  report(rule: Rule, detail: string): void;
  /** Whether the launch of this execution was ever decided in the record: submitted, queued or ended. Decided once is decided. */
  wasDecided(executionId: string): boolean;
  onWrite(write: LedgerWrite): void;
  onJob(job: SimulatedJob, others: readonly SimulatedJob[]): void;
  onEvent(event: OutgoingEvent): void;
};

export function createWatch(truth: Truth): Watch {
  const violations: Violation[] = [];
  const eventIds = new Map<string, string>();
  const decided = new Set<string>();
  const cancels = watchCancels(truth);
  const report = (rule: Rule, detail: string): void => {
    violations.push({ rule, detail, at: truth.now() });
  };

  return {
    violations,
    inBound: truth.inBound,
    report,
    wasDecided: (executionId) => decided.has(executionId),
    onJob(job, others) {
      const { executionId } = job;
      if (executionId === undefined) return;
      const own = others.filter((other) => other.executionId === executionId);
      const active = own.find((other) => isActiveAt(other, truth.now()));
      if (active !== undefined) report('two active jobs', `${active.id} and ${job.id} of ${executionId}`);
      const twin = own.find((other) => other.attempt === job.attempt);
      if (twin !== undefined && truth.inBound) {
        report('two jobs ever', `${twin.id} and ${job.id} of ${executionId} attempt ${job.attempt}`);
      }
      if (truth.inBound) checkIntent(truth.record(executionId), job, report);
      checkLimits(job, others, truth, report);
    },
    onWrite({ before, after }) {
      if (before !== undefined) checkForward(before, after, report);
      if (after === undefined) return;
      if (isDecided(after)) decided.add(after.executionId);
      checkJobs(after, truth, report);
      cancels.onWrite(after);
      if (before?.cost?.level !== 'settled') checkSettled(after, truth, report);
      if (isTerminal(after.status) && (before === undefined || !isTerminal(before.status))) {
        checkEnd(after, truth, report);
        cancels.onEnd(after, report);
      }
    },
    onEvent(event) {
      const record = truth.record(event.orderingKey);
      if (record === undefined || !isTerminal(record.status) || event.data.status !== record.status) {
        report('published early', `${event.type} of ${event.orderingKey} while it is ${record?.status}`);
      }
      const known = eventIds.get(event.orderingKey);
      if (known !== undefined && known !== event.eventId) {
        report('published early', `${event.orderingKey} under two ids, ${known} and ${event.eventId}`);
      }
      eventIds.set(event.orderingKey, event.eventId);
    },
  };
}

const isDecided = (record: Execution): boolean =>
  record.legs !== undefined ||
  record.status === 'QUEUED' ||
  isTerminal(record.status) ||
  record.attempts.at(-1)?.jobId !== undefined;

export type Report = Watch['report'];

function checkIntent(record: Execution | undefined, job: SimulatedJob, report: Report): void {
  const attempt = record?.attempts[job.attempt - 1];
  if (record === undefined) report('job without intent', `${job.id}: there is no record of ${job.executionId}`);
  else if (isTerminal(record.status))
    report('job without intent', `${job.id}: its execution is ${record.status} already`);
  else if (attempt === undefined || attempt.launchIntents.length === 0) {
    report('job without intent', `${job.id}: no intent of attempt ${job.attempt} is recorded`);
  }
}

function checkLimits(job: SimulatedJob, others: readonly SimulatedJob[], truth: Truth, report: Report): void {
  const { maxConcurrentJobs, connectionBudget } = truth.limits;
  if (maxConcurrentJobs === undefined && connectionBudget === undefined) return;
  const active = [...others.filter((other) => other.executionId !== undefined && isActiveAt(other, truth.now())), job];
  if (maxConcurrentJobs !== undefined && active.length > maxConcurrentJobs) {
    report('over capacity', `${active.length} active jobs, ${maxConcurrentJobs} are allowed`);
  }
  const connections = active
    .filter(({ source }) => source === job.source)
    .reduce((sum, one) => sum + one.connections, 0);
  if (connectionBudget !== undefined && connections > connectionBudget) {
    report('over capacity', `${connections} connections to ${job.source}, ${connectionBudget} are allowed`);
  }
}

function checkForward(before: Execution, after: Execution | undefined, report: Report): void {
  const id = before.executionId;
  if (after === undefined) {
    report('moved backwards', `${id} was removed while ${before.status}`);
    return;
  }
  if (isTerminal(before.status) && (after.status !== before.status || after.endedAt !== before.endedAt)) {
    report('moved backwards', `${id} went from ${before.status} to ${after.status}`);
  }
  for (const [index, attempt] of before.attempts.entries()) {
    const next = after.attempts[index];
    if (next === undefined || (attempt.jobId !== undefined && next.jobId !== attempt.jobId)) {
      report('moved backwards', `${id} attempt ${attempt.number} went from job ${attempt.jobId} to ${next?.jobId}`);
    }
  }
  if (before.cancel !== undefined && intentsOf(after) > intentsOf(before)) {
    report('launch after cancel', `${id} got a new launch intent although a cancel was recorded`);
  }
  if (before.cancel !== undefined && after.attempts.length > before.attempts.length) {
    report('launch after cancel', `${id} got a new attempt although a cancel was recorded`);
  }
}

const intentsOf = (execution: Execution): number =>
  execution.attempts.reduce((sum, attempt) => sum + attempt.launchIntents.length, 0);

function checkJobs(record: Execution, truth: Truth, report: Report): void {
  for (const [index, attempt] of record.attempts.entries()) {
    if (attempt.jobId === undefined) continue;
    const job = truth.job(attempt.jobId);
    const own = job?.labels['streamnova-execution'] === record.executionId && job.attempt === attempt.number;
    if (!own) report('phantom job', `${record.executionId} attempt ${attempt.number} names ${attempt.jobId}`);
    const followed = index < record.attempts.length - 1;
    if (followed && job !== undefined && isActiveAt(job, truth.now())) {
      report('invented end', `${record.executionId} follows attempt ${attempt.number} while ${job.id} is active`);
    }
  }
}

function checkEnd(record: Execution, truth: Truth, report: Report): void {
  // The end of a three-stage load is that of its legs.
  if (record.legs !== undefined) return;
  const jobId = record.attempts.at(-1)?.jobId;
  if (jobId === undefined) {
    if (record.status === 'SUCCEEDED') report('invented end', `${record.executionId} SUCCEEDED without a job`);
    return;
  }
  const job = truth.job(jobId);
  if (job === undefined) return;
  const end = endOf(job);
  const expected = { JOB_STATE_DONE: 'SUCCEEDED', JOB_STATE_FAILED: 'FAILED', JOB_STATE_CANCELLED: 'CANCELLED' };
  if (truth.now() < end.at || record.status !== expected[end.state as keyof typeof expected]) {
    report('invented end', `${record.executionId} is ${record.status}; ${jobId} ends ${end.state} at ${end.at}`);
  }
}
