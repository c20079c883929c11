// What a three-stage load cost: the sum of its legs, never called settled before each of them is.

import { expect, test } from 'vitest';
import { costOfLegs } from '../../shared/engine/leg-figures.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted } from '../support/scripted-engine.ts';

type Cost = NonNullable<Execution['cost']>;
const cost = (total: number, level: Cost['level'], readAt = someTime): Cost => ({
  microUsd: { vcpu: total - 6, memory: 3, disk: 2, shuffle: 1, total },
  level,
  priceBook: 'us-central1/batch/2026-11-23',
  readAt,
});
const leg = (runId: string, fields: Partial<Execution>) => aSubmitted({ runId, status: 'SUCCEEDED', ...fields });

test('is the sum by component, read when the last of them was', () => {
  const legs = [
    leg('a', { cost: cost(100, 'settled', someTime) }),
    leg('b', { cost: cost(50, 'settled', someTime + 5) }),
  ];
  expect(costOfLegs(legs)).toEqual({
    cost: {
      microUsd: { vcpu: 138, memory: 6, disk: 4, shuffle: 2, total: 150 },
      level: 'settled',
      priceBook: 'us-central1/batch/2026-11-23',
      readAt: someTime + 5,
    },
  });
});

test.each([
  ['settled', 'provisional'],
  ['provisional', 'settled'],
  ['provisional', 'provisional'],
] as const)('of a %s and a %s leg is provisional', (first, second) => {
  const legs = [leg('a', { cost: cost(100, first) }), leg('b', { cost: cost(50, second) })];
  expect(costOfLegs(legs).cost).toMatchObject({ level: 'provisional', microUsd: { total: 150 } });
});

test('counts a leg that never had a job as nothing', () => {
  const never = leg('b', { status: 'CANCELLED', attempts: [] });
  expect(costOfLegs([leg('a', { cost: cost(100, 'settled') }), never])).toMatchObject({
    cost: { level: 'settled', microUsd: { total: 100 } },
  });
  expect(costOfLegs([never])).toEqual({});
});

test('is unknown, and says which leg it is for, where a leg ran at unknown cost', () => {
  const legs = [leg('a', { cost: cost(100, 'settled') }), leg('b', { costUnavailable: 'no prices of moon-north1' })];
  const { cost: known, costUnavailable } = costOfLegs(legs);
  expect(known).toBeUndefined();
  expect(costUnavailable).toContain(legs[1]?.executionId);
  expect(costUnavailable).toContain('moon-north1');
});
