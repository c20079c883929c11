// What is tried after a failure: one rung per class, something else each time, and an end to it.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type LadderInput, nextRung, type Rung } from '../../shared/engine/ladder.ts';
import { findMachineType } from '../../shared/plan/machine-types.ts';
import { type Candidate, candidateSchema } from '../../shared/schema/candidate.ts';
import { type Failure, failureClasses } from '../../shared/schema/execution.ts';

const candidate: Candidate = {
  machineType: 'n2-standard-4',
  workerCount: 8,
  shardCount: 64,
  virtualCpus: 4,
  label: 'best',
};
const failed = (failureClass: Failure['class']): Failure => ({
  class: failureClass,
  code: 'X',
  summary: '',
  evidence: [],
});

/** The rung after failures of these classes, oldest first. */
function rung(classes: readonly Failure['class'][], fields: Partial<LadderInput> = {}): Rung {
  return nextRung({
    failure: failed(classes.at(-1) ?? 'unknown'),
    candidate,
    classesSoFar: classes,
    zonePinned: false,
    region: 'us-central1',
    ...fields,
  });
}
const given = (one: Rung) => (one.kind === 'retry' ? one : expect.fail(one.reason));

describe('no machines in the zone', () => {
  test('lets go of a pinned zone first, and changes nothing else', () => {
    expect(rung(['capacity'], { zonePinned: true })).toMatchObject({ action: 'any zone', anyZone: true, candidate });
  });

  test('asks for another family of the same size after that, and for yet another the next time', () => {
    const first = given(rung(['capacity']));
    const second = given(rung(['capacity', 'capacity'], { candidate: first.candidate }));
    const families = [candidate, first.candidate, second.candidate].map(({ machineType }) => machineType.split('-')[0]);
    expect(new Set(families).size).toBe(3);
    for (const { candidate: next } of [first, second]) {
      const machine = findMachineType(next.machineType);
      expect(machine.ok && machine.machineType.vcpus).toBe(4);
      expect(next).toEqual({ machineType: next.machineType, workerCount: 8, shardCount: 64 });
    }
  });

  test('asks for no family the policy does not allow', () => {
    expect(given(rung(['capacity'], { allowedFamilies: ['e2', 'n2'] })).candidate.machineType).toMatch(/^e2-/);
    expect(rung(['capacity'], { allowedFamilies: ['n2'] }).kind).toBe('give-up');
  });

  test('waits a minute: what is asked for is new', () => {
    expect(given(rung(['capacity'])).waitMs).toBe(60_000);
  });
});

describe('no machine for the launcher', () => {
  test('takes other launchers in turn, leaves the workers alone, and ends when all were tried', () => {
    const launchers = [1, 2, 3].map((times) => {
      const next = given(rung(Array.from({ length: times }, () => 'launcher-capacity' as const)));
      expect(next.candidate).toMatchObject({ machineType: candidate.machineType, workerCount: 8 });
      return next.candidate.launcherMachineType;
    });
    expect(new Set(launchers).size).toBe(3);
    expect(rung(Array.from({ length: 4 }, () => 'launcher-capacity' as const)).kind).toBe('give-up');
  });
});

describe('too small a quota', () => {
  test('halves the workers and waits, until there is one', () => {
    expect(given(rung(['quota']))).toMatchObject({ candidate: { workerCount: 4 }, waitMs: 300_000 });
    expect(rung(['quota'], { candidate: { ...candidate, workerCount: 1 } }).kind).toBe('give-up');
  });

  test('of concurrent jobs only waits', () => {
    expect(given(rung(['concurrency']))).toMatchObject({ candidate, waitMs: 300_000 });
  });
});

describe('a worker too small', () => {
  test('gets one more chance, then more memory', () => {
    expect(given(rung(['size'])).candidate).toEqual(candidate);
    const bigger = given(rung(['size', 'size'])).candidate.machineType;
    const machine = findMachineType(bigger);
    expect(machine.ok && machine.machineType.memoryGib).toBeGreaterThan(16);
    expect(bigger.startsWith('n2-')).toBe(true);
  });
});

test.each(['launch', 'service'] as const)('a %s failure is tried once more, not twice', (failureClass) => {
  expect(given(rung([failureClass])).candidate).toEqual(candidate);
  expect(rung([failureClass, failureClass]).kind).toBe('give-up');
  expect(rung(['capacity', failureClass]).kind).toBe('retry');
});

test.each(['user', 'network', 'permission', 'temp-location', 'policy', 'incomplete', 'unknown'] as const)(
  'a %s failure is never tried again',
  (failureClass) => {
    expect(rung([failureClass])).toMatchObject({ kind: 'give-up', reason: expect.stringContaining(failureClass) });
  },
);

const classes = fc.array(fc.constantFrom(...failureClasses), { minLength: 1, maxLength: 6 });
property.prop([
  classes,
  fc.integer({ min: 1, max: 1000 }),
  fc.constantFrom('n2-standard-4', 'e2-highmem-16', 'custom-4-15360', 'made-up'),
])(
  'whatever failed before, the next candidate is one, or there is a reason for none',
  (sofar, workerCount, machineType) => {
    const next = rung(sofar, { candidate: { ...candidate, workerCount, machineType } });
    expect(next.reason.length).toBeGreaterThan(10);
    if (next.kind === 'give-up') return;
    expect(candidateSchema.safeParse(next.candidate).error).toBeUndefined();
    expect(next.candidate.workerCount).toBeLessThanOrEqual(workerCount);
    expect(next.waitMs).toBeGreaterThanOrEqual(0);
  },
);
