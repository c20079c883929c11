// Skew is measured from the histogram and said in the plan.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { measureSkew } from '../../shared/plan/skew.ts';
import { column, planned, profile } from './support.ts';

const longs = (...bounds: number[]) => ({ histogram: bounds.map(String) });

describe('the fullest range', () => {
  test.each([
    ['even values', longs(0, 25, 50, 75, 100), 4, 1],
    ['half of the rows in the first quarter', longs(0, 12.5, 25, 62.5, 100), 4, 2],
    ['nearly everything at one end', longs(0, 1, 2, 3, 4, 1000), 10, 8.19],
    ['one value', longs(7, 7, 7), 8, 1],
    ['a frequent value', longs(0, 50, 50, 50, 100), 4, 2.5],
  ])('of %s', (_, histogram, ranges, ratio) => {
    expect(measureSkew(histogram, 'long', ranges)?.ratio).toBeCloseTo(ratio, 2);
  });

  test('of times is measured alike, in every form a catalogue writes them', () => {
    const histogram = ['2026-01-01 00:00:00+00', '2026-01-02 00:00:00+00', '2026-01-31 00:00:00+00'];
    expect(measureSkew({ histogram }, 'datetime', 30)?.fullestShare).toBeCloseTo(0.5, 1);
    expect(measureSkew({ histogram: ['2026-01-01', '2026-01-03'] }, 'datetime', 2)?.ratio).toBeCloseTo(1, 5);
    expect(
      measureSkew({ histogram: ['2026-01-01 00:00:00', '2026-01-01 00:00:10'] }, 'datetime', 2)?.ratio,
    ).toBeCloseTo(1, 5);
  });

  test.each([[undefined], [[]], [['1']], [['a', 'b']]])('is unknown for the histogram %j', (histogram) => {
    expect(measureSkew(histogram === undefined ? {} : { histogram }, 'long', 4)).toBeUndefined();
  });

  property.prop([fc.array(fc.integer(), { minLength: 2, maxLength: 101 }), fc.integer({ min: 1, max: 5000 })])(
    'is between the mean and everything',
    (bounds, ranges) => {
      const skew = measureSkew(longs(...bounds), 'long', ranges);
      expect(skew?.fullestShare).toBeGreaterThanOrEqual(1 / ranges - 1e-9);
      expect(skew?.fullestShare).toBeLessThanOrEqual(1);
    },
  );
});

test('a plan warns of a skewed split and says how skewed it is', () => {
  const columns = [column('id', 'int8', { histogram: ['1', '10', '20', '30', '1000000'] })];
  const plan = planned({ profile: profile({ columns }) });
  expect(plan.steps.join('\n')).toContain('the fullest of 8 ranges holds about 78 % of the rows');
  expect(plan.warnings.join('\n')).toContain('id is skewed');
});
