// Which change may follow which status, and what no sequence of changes may ever do.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type Change, type ChangeKind, mayFollow } from '../../shared/schema/change.ts';
import {
  type Decision,
  type Execution,
  executionSchema,
  executionStatuses,
  type Failure,
  isTerminal,
} from '../../shared/schema/execution.ts';
import { jobStates } from '../../shared/schema/job.ts';
import { transition } from '../../shared/schema/transition.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';

/** The whole table, written down once more: a change of it must be meant. */
const table: Record<Execution['status'], readonly ChangeKind[]> = {
  QUEUED: ['queued', 'launchIntended', 'cancelRequested', 'rejected'],
  LAUNCHING: ['queued', 'launchIntended', 'notFound', 'submitted', 'rejected', 'cancelRequested', 'legsMoved'],
  SUBMITTED: ['jobSeen', 'jobEnded', 'nextAttempt', 'cancelRequested'],
  RUNNING: ['jobSeen', 'jobEnded', 'nextAttempt', 'cancelRequested', 'legsMoved'],
  CANCELLING: [
    'notFound',
    'submitted',
    'rejected',
    'cancelSent',
    'cancelledUnlaunched',
    'jobSeen',
    'jobEnded',
    'cancelRequested',
    'legsMoved',
  ],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
  REJECTED: [],
};

const kinds: readonly ChangeKind[] = [
  'queued',
  'launchIntended',
  'notFound',
  'submitted',
  'rejected',
  'cancelRequested',
  'cancelSent',
  'cancelledUnlaunched',
  'jobSeen',
  'jobEnded',
  'nextAttempt',
  'legsMoved',
];

test('the table of what may follow what is as meant', () => {
  for (const status of executionStatuses) {
    expect([status, kinds.filter((kind) => mayFollow(status, kind))]).toEqual([
      status,
      kinds.filter((kind) => table[status].includes(kind)),
    ]);
  }
});

const times = fc.integer({ min: -600_000, max: 600_000 }).map((offset) => someTime + offset);
const job = fc.record({ id: fc.constantFrom('job-1', 'job-2'), state: fc.constantFrom(...jobStates), stateAt: times });
const nextCheckAt = times;
const failure: fc.Arbitrary<Failure> = fc.constant({
  class: 'capacity',
  code: 'ZONE_STOCKOUT',
  summary: 'none left',
  evidence: ['none left'],
});
const decision: fc.Arbitrary<Decision> = fc.constant({
  at: someTime,
  attempt: 1,
  action: 'any zone',
  reason: 'try again',
  evidence: [],
});

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('queued' as const), reason: fc.constant('full'), nextCheckAt }),
  fc.record({ kind: fc.constant('launchIntended' as const), owner: fc.constantFrom('a', 'b'), leaseUntil: times }),
  fc.record({ kind: fc.constant('notFound' as const), nextCheckAt }),
  fc.record({ kind: fc.constant('submitted' as const), job, adopted: fc.boolean(), nextCheckAt }),
  fc.record({
    kind: fc.constant('rejected' as const),
    reason: fc.constant('no'),
    violations: fc.constant([{ code: 'X', path: '', message: 'no' }]),
  }),
  fc.record({ kind: fc.constant('cancelRequested' as const), reason: fc.constant('enough'), nextCheckAt }),
  fc.record({ kind: fc.constant('cancelSent' as const), nextCheckAt }),
  fc.record({ kind: fc.constant('cancelledUnlaunched' as const) }),
  fc.record({ kind: fc.constant('jobSeen' as const), job, nextCheckAt }),
  fc.record({
    kind: fc.constant('jobEnded' as const),
    job,
    status: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'CANCELLED' as const),
    failure,
    decision,
  }),
  fc.record({
    kind: fc.constant('nextAttempt' as const),
    job,
    failure,
    decision,
    attempt: fc.constant(anAttempt({ number: 2, launchIntents: [] })),
    nextCheckAt,
  }),
);

const claimed = anExecution({
  status: 'LAUNCHING',
  owner: 'a',
  leaseUntil: someTime + 1,
  nextCheckAt: someTime + 2,
  attempts: [anAttempt()],
});

describe('no sequence of changes', () => {
  property.prop([fc.array(fc.tuple(change, times), { maxLength: 14 })], { numRuns: 2_000 })(
    'leaves an end, takes an attempt or a job back, turns time back, keeps a lease beyond the end, or breaks the schema',
    (steps) => {
      let execution: Execution = freeze(claimed);
      for (const [step, now] of steps) {
        const next = transition(execution, freeze(step), now);
        expect(next === undefined).toBe(!mayFollow(execution.status, step.kind) || refuses(execution, step));
        if (next === undefined) continue;
        expect(isTerminal(execution.status)).toBe(false);
        expect(next.updatedAt).toBeGreaterThanOrEqual(execution.updatedAt);
        expect(next.attempts.length).toBeGreaterThanOrEqual(execution.attempts.length);
        for (const [index, { number, jobName }] of execution.attempts.entries()) {
          expect(next.attempts[index]).toMatchObject({ number, jobName });
        }
        if (execution.cancel !== undefined)
          expect(next.cancel).toMatchObject({ requestedAt: execution.cancel.requestedAt });
        if (isTerminal(next.status)) {
          expect([next.owner, next.leaseUntil, next.endedAt]).toEqual([undefined, undefined, next.updatedAt]);
          // Due at once: what is left to do after the end must not wait for a time of before.
          expect(next.nextCheckAt).toBe(next.updatedAt);
        }
        expect(executionSchema.safeParse(next).error).toBeUndefined();
        execution = freeze(next);
      }
    },
  );
});

/** A cancel cannot have been sent that nobody asked for. */
const refuses = (execution: Execution, { kind }: Change): boolean =>
  kind === 'cancelSent' && execution.cancel === undefined;

describe('a cancel', () => {
  const cancelRequested: Change = { kind: 'cancelRequested', reason: 'enough', nextCheckAt: someTime + 9 };

  test('of what waits ends it at once: no request is under way', () => {
    const queued = anExecution({ status: 'QUEUED', attempts: [anAttempt({ launchIntents: [] })] });
    expect(transition(queued, cancelRequested, someTime)).toMatchObject({ status: 'CANCELLED' });
  });

  test('of what may be launching keeps the lease, whose end alone proves that nothing was launched', () => {
    const next = transition(claimed, cancelRequested, someTime);
    expect(next).toMatchObject({
      status: 'CANCELLING',
      owner: 'a',
      leaseUntil: someTime + 1,
      nextCheckAt: someTime + 2,
    });
  });

  test('asked for twice keeps the first wish', () => {
    const once = transition(claimed, cancelRequested, someTime) ?? expect.fail();
    const twice = transition(once, { ...cancelRequested, reason: 'again' }, someTime + 5);
    expect(twice?.cancel).toEqual({ requestedAt: someTime, reason: 'enough' });
  });

  test('leaves the job that is found later to be cancelled, not to be run', () => {
    const once = transition(claimed, cancelRequested, someTime) ?? expect.fail();
    const found: Change = { kind: 'submitted', job: { id: 'job-1' }, adopted: true, nextCheckAt: someTime + 9 };
    expect(transition(once, found, someTime)).toMatchObject({ status: 'CANCELLING', attempts: [{ jobId: 'job-1' }] });
    const seen: Change = {
      kind: 'jobSeen',
      job: { id: 'job-1', state: 'JOB_STATE_RUNNING' },
      nextCheckAt: someTime + 9,
    };
    expect(transition(once, seen, someTime)?.status).toBe('CANCELLING');
  });
});

describe('an intent', () => {
  test('starts the looking anew: what was not found before says nothing about this request', () => {
    const looked = anExecution({ ...claimed, attempts: [anAttempt({ notFoundAt: someTime })] });
    const again: Change = { kind: 'launchIntended', owner: 'b', leaseUntil: someTime + 99 };
    const next = transition(looked, again, someTime + 5);
    expect(next?.attempts[0]).not.toHaveProperty('notFoundAt');
    expect(next?.attempts[0]?.launchIntents).toEqual([someTime, someTime + 5]);
    expect(next?.attempts[0]?.intentAt).toBe(someTime);
    expect(next?.nextCheckAt).toBe(someTime + 100);
  });

  test('of a second look that finds nothing keeps when the first one was', () => {
    const first = transition(claimed, { kind: 'notFound', nextCheckAt: someTime + 9 }, someTime) ?? expect.fail();
    const second = transition(first, { kind: 'notFound', nextCheckAt: someTime + 19 }, someTime + 10);
    expect(second?.attempts[0]?.notFoundAt).toBe(someTime);
  });
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
