// What clean runs teach, and that learning never feeds on itself.

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type CohortRecord, cohortIdOf, cohortSize, parseCohort, updateCohort } from '../../shared/recommend/cohort.ts';
import { correctionOf, noCorrection } from '../../shared/recommend/learning.ts';
import { cohortOf, record } from './support.ts';

const key = { load: 'orders', templateName: 'PostgreSQL_to_BigQuery', machineFamily: 'n2' };
const run = (index: number, runningRatio: number, fields: Partial<CohortRecord> = {}): CohortRecord =>
  record({
    executionId: `exe-${index}`,
    endedAt: index,
    actual: { startupSec: 200, runningSec: 400 * runningRatio, costMicroUsd: 100_000 },
    ...fields,
  });
const runs = (ratios: readonly number[]) => ratios.map((ratio, index) => run(index, ratio));

describe('a correction', () => {
  it('is none without runs', () => {
    expect(correctionOf(undefined)).toEqual(noCorrection);
  });

  it('is the true factor after one run, and stays there: the raw estimate is what runs are compared with', () => {
    const factors: number[] = [];
    const seen: CohortRecord[] = [];
    for (let index = 0; index < 8; index++) {
      factors.push(correctionOf(cohortOf('n2', seen)).running);
      seen.push(run(index, 2));
    }
    expect(factors).toEqual([1, 2, 2, 2, 2, 2, 2, 2].map((factor) => expect.closeTo(factor, 12)));
  });

  it('takes start-up and running time apart', () => {
    const slowStart = record({ actual: { startupSec: 600, runningSec: 200, costMicroUsd: 100_000 } });
    expect(correctionOf(cohortOf('n2', [slowStart]))).toMatchObject({
      startup: expect.closeTo(3, 12),
      running: expect.closeTo(0.5, 12),
      samples: 1,
    });
  });

  it('is not moved by one bad day', () => {
    expect(correctionOf(cohortOf('n2', runs([1.1, 1.1, 1.1, 1.1, 30, 1.1]))).running).toBeCloseTo(1.1, 12);
  });

  it('follows a lasting change within a few runs', () => {
    const changed = runs([...Array<number>(12).fill(1), ...Array<number>(6).fill(2)]);
    expect(correctionOf(cohortOf('n2', changed)).running).toBeCloseTo(2, 12);
  });

  it.each([
    [100, 5],
    [0.001, 0.2],
  ])('of a ratio of %d is held at %d', (ratio, factor) => {
    expect(correctionOf(cohortOf('n2', runs([ratio]))).running).toBeCloseTo(factor, 12);
  });

  it('leaves out a start-up that says nothing, and a running time of zero', () => {
    const flexRs = record({ actual: { runningSec: 800 } });
    const empty = record({ raw: { startupSec: 200, runningSec: 0, costMicroUsd: 0 } });
    expect(correctionOf(cohortOf('n2', [flexRs])).startup).toBe(1);
    expect(correctionOf(cohortOf('n2', [empty])).running).toBe(1);
  });

  it('of cost is what is left once the times are right', () => {
    const twiceAsLong = { startupSec: 400, runningSec: 800 };
    const fairly = record({ actual: { ...twiceAsLong, costMicroUsd: 200_000 } });
    const dearer = record({ actual: { ...twiceAsLong, costMicroUsd: 300_000 } });
    expect(correctionOf(cohortOf('n2', [fairly])).cost).toBeCloseTo(1, 12);
    expect(correctionOf(cohortOf('n2', [dearer])).cost).toBeCloseTo(1.5, 12);
  });
});

describe('a cohort', () => {
  it('keeps the newest twenty', () => {
    const cohort = cohortOf('n2', runs(Array<number>(30).fill(1)));
    expect(cohort.records).toHaveLength(cohortSize);
    expect(cohort.records.map(({ endedAt }) => endedAt)).toEqual(Array.from({ length: 20 }, (_, index) => 29 - index));
  });

  const reading = (costMicroUsd: number, costReadAt: number): CohortRecord =>
    run(1, 1, { actual: { startupSec: 200, runningSec: 400, costMicroUsd, costReadAt } });

  it('is left as it is by a run it knows, or by one older than all it keeps', () => {
    const cohort = cohortOf('n2', runs(Array<number>(30).fill(1)));
    expect(updateCohort(cohort, { ...key, record: run(29, 1) })).toBe(cohort);
    expect(updateCohort(cohort, { ...key, record: run(3, 4) })).toBe(cohort);
  });

  it('takes the later reading of a run for the earlier one, in its place', () => {
    const cohort = cohortOf('n2', [run(0, 1), reading(100_000, 5), run(2, 1)]);
    const settled = updateCohort(cohort, { ...key, record: reading(120_000, 9) });
    expect(settled.records.map(({ executionId }) => executionId)).toEqual(['exe-2', 'exe-1', 'exe-0']);
    expect(settled.records[1]?.actual).toMatchObject({ costMicroUsd: 120_000, costReadAt: 9 });
  });

  it('takes the reading that has a cost for the one without', () => {
    const uncosted = run(1, 1, { actual: { startupSec: 200, runningSec: 400 } });
    expect(cohortOf('n2', [uncosted, reading(120_000, 9)]).records).toEqual([reading(120_000, 9)]);
  });

  it('is left as it is by an earlier reading that comes late, and by a later one that says the same', () => {
    const cohort = cohortOf('n2', [reading(120_000, 9)]);
    expect(updateCohort(cohort, { ...key, record: reading(100_000, 5) })).toBe(cohort);
    expect(updateCohort(cohort, { ...key, record: reading(120_000, 12) })).toBe(cohort);
  });

  it('has a name of its own for each load, template and family', () => {
    const ids = [key, { ...key, load: 'x' }, { ...key, templateName: 'x' }, { ...key, machineFamily: 'x' }];
    expect(new Set(ids.map(cohortIdOf)).size).toBe(4);
  });

  it('that is damaged counts as none', () => {
    expect(parseCohort({ ...cohortOf('n2', runs([1])), records: 'none' })).toBeUndefined();
    expect(parseCohort(undefined)).toBeUndefined();
  });

  test.prop([fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })])(
    'is the same whatever the order and number of deliveries',
    (deliveries) => {
      const once = [...new Set(deliveries)].sort((a, b) => a - b).map((index) => run(index, 1));
      const delivered = deliveries.map((index) => run(index, 1));
      expect(cohortOf('n2', delivered)).toEqual(cohortOf('n2', once));
    },
  );

  test.prop([fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })])(
    'holds the last reading of a run, in whatever order they come',
    (times) => {
      const { records } = cohortOf(
        'n2',
        times.map((time) => reading(1000 * time, time)),
      );
      expect(records).toEqual([reading(1000 * Math.max(...times), Math.max(...times))]);
    },
  );

  test.prop([fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 25 })])(
    'never corrects by more than a factor of five either way, nor beyond what its runs saw',
    (ratios) => {
      const { running } = correctionOf(cohortOf('n2', runs(ratios)));
      expect(running).toBeGreaterThanOrEqual(Math.max(0.2, Math.min(...ratios, 5)) * (1 - 1e-9));
      expect(running).toBeLessThanOrEqual(Math.min(5, Math.max(...ratios, 0.2)) * (1 + 1e-9));
    },
  );
});
