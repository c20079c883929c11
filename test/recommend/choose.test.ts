// Guardrails first, then the Pareto front, then the mode.

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { choose } from '../../shared/recommend/choose.ts';
import type { CandidateEstimate } from '../../shared/recommend/estimate.ts';
import { paretoFront } from '../../shared/recommend/pareto-front.ts';
import { estimate } from './support.ts';

const made = estimate();
const option = (
  label: string,
  estimatedDurationSec: number,
  estimatedCostMicroUsd: number,
  fields: Partial<CandidateEstimate> = {},
): CandidateEstimate => ({
  ...made,
  candidate: { ...made.candidate, label, machineType: label },
  estimatedDurationSec,
  estimatedCostMicroUsd,
  ...fields,
});
const pick = (estimates: readonly CandidateEstimate[], successes: ReadonlyMap<string, number> = new Map()) => {
  const choice = choose({ estimates, violationsOf: () => [], guardrails: {}, successes });
  if (!choice.ok) throw new Error('nothing chosen');
  return [choice.cheapest, choice.fastest, choice.balanced].map(({ candidate }) => candidate.label);
};

describe('the choice', () => {
  it('is the least cost, the least time and the least product of both', () => {
    expect(pick([option('slow', 1000, 10), option('fast', 100, 200), option('middle', 150, 60)])).toEqual([
      'slow',
      'fast',
      'middle',
    ]);
  });

  it('breaks a tie by more clean runs of the machine type', () => {
    const tied = [option('new', 100, 100), option('proven', 100, 100)];
    expect(pick(tied)).toEqual(['new', 'new', 'new']);
    expect(pick(tied, new Map([['proven', 1]]))).toEqual(['proven', 'proven', 'proven']);
  });

  it('counts less than two per cent as a tie, and takes what is better in the other figure', () => {
    expect(pick([option('dear', 100, 200), option('cheap', 101, 100)])[1]).toBe('cheap');
    expect(pick([option('dear', 100, 200), option('cheap', 103, 100)])[1]).toBe('dear');
  });

  it('spares the source connections that gain nothing', () => {
    expect(pick([option('many', 100, 100, { readers: 16 }), option('few', 100, 100, { readers: 8 })])[0]).toBe('few');
  });

  it('does not depend on the order of the candidates', () => {
    const some = [option('a', 100, 100), option('b', 101, 101), option('c', 99, 130), option('d', 300, 40)];
    expect(pick([...some].reverse())).toEqual(pick(some));
  });
});

describe('guardrails', () => {
  const violation = (code: string) => ({ code, path: '/candidate', message: code });

  it('come first: the best candidate is no candidate when it breaks one', () => {
    const choice = choose({
      estimates: [option('best', 10, 10), option('allowed', 500, 500)],
      violationsOf: ({ candidate }) => (candidate.label === 'best' ? [violation('guardrail.maxWorkers')] : []),
      guardrails: {},
    });
    expect(choice).toMatchObject({ ok: true, passing: 1, cheapest: { candidate: { label: 'allowed' } } });
  });

  it('that nobody passes answer every rule broken, once, and the candidate that comes nearest', () => {
    const guardrails = { maxCostMicroUsd: 100, maxDurationSec: 100 };
    const choice = choose({
      estimates: [option('slow', 400, 50), option('nearly', 120, 90), option('both', 110, 101)],
      violationsOf: ({ estimatedCostMicroUsd, estimatedDurationSec }) => [
        ...(estimatedCostMicroUsd > 100 ? [violation('guardrail.maxCostMicroUsd')] : []),
        ...(estimatedDurationSec > 100 ? [violation('guardrail.maxDurationSec')] : []),
      ],
      guardrails,
    });
    if (choice.ok) throw new Error('something passed');
    expect(choice.violations.map(({ code }) => code).sort()).toEqual([
      'guardrail.maxCostMicroUsd',
      'guardrail.maxDurationSec',
    ]);
    expect(choice.nearest?.estimate.candidate.label).toBe('nearly');
  });
});

const points = fc.array(fc.record({ time: fc.integer({ min: 1, max: 50 }), cost: fc.integer({ min: 1, max: 50 }) }), {
  minLength: 1,
  maxLength: 60,
});

describe('the Pareto front', () => {
  test.prop([points])('holds what nothing beats in both figures, and nothing else', (some) => {
    const estimates = some.map(({ time, cost }, index) => option(`c${index}`, time, cost));
    const front = paretoFront(estimates);
    for (const one of estimates) {
      if (front.has(one)) expect(estimates.some((other) => beats(other, one))).toBe(false);
      else expect(estimates.some((other) => beats(other, one))).toBe(true);
    }
  });

  const fleets = fc.array(
    fc.record({
      time: fc.integer({ min: 95, max: 115 }),
      cost: fc.integer({ min: 95, max: 115 }),
      readers: fc.constantFrom(2, 4, 8),
      machineType: fc.constantFrom('a', 'b', 'c'),
      workerCount: fc.constantFrom(1, 2),
    }),
    { minLength: 1, maxLength: 40 },
  );

  test.prop([fleets])('holds all three choices; none is dearer than balanced in cost, nor slower in time', (some) => {
    const estimates = some.map(({ time, cost, readers, machineType, workerCount }, index) =>
      option(`c${index}`, time, cost, {
        readers,
        candidate: { ...made.candidate, label: `c${index}`, machineType, workerCount },
      }),
    );
    const successes = new Map([['b', 3]]);
    const choice = choose({ estimates, violationsOf: () => [], guardrails: {}, successes });
    if (!choice.ok) throw new Error('nothing chosen');
    const { cheapest, fastest, balanced, judged } = choice;
    for (const chosen of [cheapest, fastest, balanced]) {
      expect(judged.find(({ estimate: one }) => one === chosen)?.onParetoFront).toBe(true);
      expect(judged.some(({ estimate: other }) => beats(other, chosen))).toBe(false);
    }
    expect(cheapest.estimatedCostMicroUsd).toBeLessThanOrEqual(balanced.estimatedCostMicroUsd);
    expect(fastest.estimatedDurationSec).toBeLessThanOrEqual(balanced.estimatedDurationSec);
    const least = Math.min(...estimates.map((one) => one.estimatedCostMicroUsd));
    expect(cheapest.estimatedCostMicroUsd).toBeLessThanOrEqual(least * 1.02 * 1.02);
  });
});

describe('connections', () => {
  const fleet = (readers: number, time: number, cost: number, workerCount = 1) =>
    option(`${workerCount}w-${readers}r`, time, cost, {
      readers,
      candidate: { ...made.candidate, label: `${workerCount}w-${readers}r`, machineType: 'm', workerCount },
    });

  it('that gain the same workers less than two per cent are no choice', () => {
    expect(pick([fleet(16, 100, 100), fleet(8, 101, 101)])).toEqual(['1w-8r', '1w-8r', '1w-8r']);
    expect(pick([fleet(16, 100, 100), fleet(8, 103, 101)])).toEqual(['1w-16r', '1w-16r', '1w-16r']);
    expect(pick([fleet(16, 100, 100, 2), fleet(8, 101, 101)])[0]).toBe('2w-16r');
  });

  it('do not creep up: each is held against what is left', () => {
    expect(pick([fleet(8, 103, 103), fleet(16, 101.5, 101.5), fleet(32, 100, 100)])[0]).toBe('1w-32r');
    expect(pick([fleet(8, 101, 101), fleet(16, 100, 100), fleet(32, 99.2, 99.2)])[0]).toBe('1w-8r');
  });

  it('are spent where only they keep a guardrail', () => {
    const choice = choose({
      estimates: [fleet(16, 100, 100), fleet(8, 101, 101)],
      violationsOf: (one) =>
        one.estimatedDurationSec > 100 ? [{ code: 'guardrail.maxDurationSec', path: '/candidate', message: '' }] : [],
      guardrails: { maxDurationSec: 100 },
    });
    expect(choice).toMatchObject({ ok: true, cheapest: { readers: 16 } });
  });
});

const beats = (a: CandidateEstimate, b: CandidateEstimate): boolean =>
  a.estimatedDurationSec <= b.estimatedDurationSec &&
  a.estimatedCostMicroUsd <= b.estimatedCostMicroUsd &&
  (a.estimatedDurationSec < b.estimatedDurationSec || a.estimatedCostMicroUsd < b.estimatedCostMicroUsd);
