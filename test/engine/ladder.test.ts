// What is tried after a failure: one rung per class, something else each time, and an end to it.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { nextRung } from '../../shared/engine/ladder.ts';
import type { LadderInput, Past, Rung } from '../../shared/engine/rung.ts';
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

/** The rung after failures of these classes (or `class CODE`), oldest first, all of them of `candidate` unless `past` says otherwise. */
function rung(
  failures: readonly string[],
  fields: Partial<LadderInput> = {},
  past: readonly Partial<Past>[] = [],
): Rung {
  return nextRung({
    past: failures.map((text, index) => {
      const [failureClass, code = 'X'] = text.split(' ') as [Failure['class'], string?];
      return { class: failureClass, code, machineType: candidate.machineType, anyZone: true, ...past[index] };
    }),
    candidate,
    diskSizeGb: 25,
    region: 'us-central1',
    ...fields,
  });
}
const given = (one: Rung) => (one.kind === 'retry' ? one : expect.fail(one.reason));

describe('no machines in the zone', () => {
  test('lets go of a pinned zone first, and changes nothing else', () => {
    const next = rung(['capacity'], {}, [{ anyZone: false }]);
    expect(next).toMatchObject({ action: 'any zone', anyZone: true, candidate });
  });

  test('never pins again a zone it let go of, whatever fails after that', () => {
    const zones = [{ anyZone: false }, { anyZone: true }, { anyZone: true }];
    expect(given(rung(['capacity', 'capacity'], {}, zones))).toMatchObject({
      anyZone: true,
      action: expect.stringMatching(/^machine type/),
    });
    for (const other of ['size', 'service', 'quota', 'launcher-capacity', 'concurrency'])
      expect([other, given(rung(['capacity', other], {}, zones)).anyZone]).toEqual([other, true]);
    expect(given(rung(['size', 'quota'], {}, [{ anyZone: false }, { anyZone: false }])).anyZone).toBe(false);
  });

  test('begins with the first family, not the second, after it let go of the zone', () => {
    const next = given(rung(['capacity', 'capacity'], {}, [{ anyZone: false }, { anyZone: true }]));
    expect(next.candidate.machineType).toBe('n2d-standard-4');
  });

  test('asks for another family of the same size after that, and for yet another the next time', () => {
    const first = given(rung(['capacity']));
    const second = given(
      rung(['capacity', 'capacity'], { candidate: first.candidate }, [
        {},
        { machineType: first.candidate.machineType },
      ]),
    );
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
  test.each([undefined, 'e2-standard-2'])(
    'takes other launchers in turn from %s, leaves the workers alone, and ends when all were tried',
    (first) => {
      const tried = [first];
      for (;;) {
        const past = tried.map((launcher) => (launcher === undefined ? {} : { launcherMachineType: launcher }));
        const next = rung(Array(tried.length).fill('launcher-capacity'), {}, past);
        if (next.kind === 'give-up') break;
        expect(next.candidate).toMatchObject({ machineType: candidate.machineType, workerCount: 8 });
        tried.push(next.candidate.launcherMachineType);
      }
      expect(tried).toHaveLength(4);
      expect(new Set(tried).size).toBe(4);
    },
  );
});

describe('too small a quota', () => {
  test('halves the workers and waits, until there is one', () => {
    expect(given(rung(['quota']))).toMatchObject({ candidate: { workerCount: 4 }, waitMs: 300_000 });
    expect(rung(['quota'], { candidate: { ...candidate, workerCount: 1 } }).kind).toBe('give-up');
  });

  test('or an access policy, which nobody can tell apart: waits once for the same, then leaves it to a person', () => {
    const told = 'quota WORKER_POOL_QUOTA_OR_POLICY';
    for (const workerCount of [1, 8]) {
      const same = { ...candidate, workerCount };
      expect(given(rung([told], { candidate: same }))).toMatchObject({ candidate: same, waitMs: 300_000 });
      expect(given(rung(['quota QUOTA_EXCEEDED', told], { candidate: same }))).toMatchObject({ candidate: same });
      expect(rung([told, told], { candidate: same })).toMatchObject({
        kind: 'give-up',
        reason: expect.stringContaining('access polic'),
      });
    }
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

describe('a disk too small', () => {
  const full = 'size NO_SPACE';

  test('gets one more chance, then four times the disk on the same machine', () => {
    expect(given(rung([full]))).toMatchObject({ candidate, action: 'once more' });
    const second = given(rung([full, full]));
    expect(second).toMatchObject({ candidate, diskSizeGb: 100, action: 'disks of 100 GB' });
    expect(given(rung([full, full, full], { diskSizeGb: 100 })).diskSizeGb).toBe(400);
    expect(given(rung(['size OUT_OF_MEMORY', full])).diskSizeGb).toBe(100);
  });

  test('ends with the biggest disk there is', () => {
    expect(given(rung([full, full], { diskSizeGb: 30_000 })).diskSizeGb).toBe(65_536);
    expect(rung([full, full], { diskSizeGb: 65_536 }).kind).toBe('give-up');
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
