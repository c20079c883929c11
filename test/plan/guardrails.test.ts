// Guardrails hold on every number, list every broken rule with bound and value, and only ever tighten.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { checkGuardrails, type GuardrailInput, tightest } from '../../shared/plan/guardrails.ts';
import { findMachineType, machineTypes } from '../../shared/plan/machine-types.ts';
import type { Estimate } from '../../shared/schema/candidate.ts';
import type { Guardrails } from '../../shared/schema/policy.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import { input, refused } from './support.ts';

const estimate: Estimate = {
  candidate: { machineType: 'n2-standard-8', workerCount: 5, shardCount: 40 },
  estimatedDurationSec: 3600,
  estimatedCostMicroUsd: 2_000_000,
  effectiveThroughputMbPerSec: 20,
  bottleneck: 'SOURCE',
};

function check(guardrails: Guardrails, more: Partial<GuardrailInput> = {}) {
  const candidate = more.candidate ?? estimate.candidate;
  const found = findMachineType(candidate.machineType);
  return checkGuardrails({
    candidate,
    machine: found.ok ? found.machineType : undefined,
    regions: ['europe-west1'],
    guardrails,
    estimate,
    ...more,
  });
}

describe('single rules', () => {
  test.each<[keyof Guardrails, Guardrails, Guardrails, unknown]>([
    ['machineFamilies', { machineFamilies: ['n2'] }, { machineFamilies: ['n2d', 'c3'] }, 'n2-standard-8'],
    ['machineTypes', { machineTypes: ['N2-standard-8'] }, { machineTypes: ['n2-standard-4'] }, 'n2-standard-8'],
    ['regions', { regions: ['europe-west1'] }, { regions: ['europe-west4'] }, 'europe-west1'],
    ['maxWorkers', { maxWorkers: 5 }, { maxWorkers: 4 }, 5],
    ['maxVcpus', { maxVcpus: 40 }, { maxVcpus: 39 }, 40],
    ['maxShards', { maxShards: 40 }, { maxShards: 39 }, 40],
    ['maxCostMicroUsd', { maxCostMicroUsd: 2_000_000 }, { maxCostMicroUsd: 1_999_999 }, 2_000_000],
    ['maxDurationSec', { maxDurationSec: 3600 }, { maxDurationSec: 3599 }, 3600],
    ['minThroughputMbPerSec', { minThroughputMbPerSec: 20 }, { minThroughputMbPerSec: 20.5 }, 20],
  ])('%s', (rule, kept, broken, value) => {
    expect(check(kept)).toEqual([]);
    expect(check(broken)).toEqual([
      expect.objectContaining({ code: `guardrail.${rule}`, rule, bound: broken[rule], value }),
    ]);
  });

  test('families are whole words: n2 is not n2d, but n2-standard is n2', () => {
    const n2d = { ...estimate.candidate, machineType: 'n2d-standard-8' };
    expect(check({ machineFamilies: ['n2'] }, { candidate: n2d })).toHaveLength(1);
    expect(check({ machineFamilies: ['n2-standard'] })).toEqual([]);
    expect(check({ machineFamilies: ['n2-highmem'] })).toHaveLength(1);
    expect(check({ machineFamilies: ['n1'] }, { candidate: { ...n2d, machineType: 'custom-4-16384' } })).toEqual([]);
  });

  test('the worker region counts as well as the job’s', () => {
    expect(check({ regions: ['europe-west1'] }, { regions: ['europe-west1', 'us-central1'] })).toEqual([
      expect.objectContaining({ value: 'us-central1' }),
    ]);
  });

  test('a daily budget counts what was spent', () => {
    const budget = (spent: number | undefined) =>
      check({}, { dailyBudgetMicroUsd: 3_000_000, spentTodayMicroUsd: spent });
    expect(budget(1_000_000)).toEqual([]);
    expect(budget(undefined)).toEqual([]);
    expect(budget(1_000_001)).toEqual([
      expect.objectContaining({ rule: 'dailyBudgetMicroUsd', bound: 3_000_000, value: 3_000_001 }),
    ]);
  });

  test('a bound on an estimate that is not there cannot be held, but for the duration, which the walltime guard holds', () => {
    const rules = { maxCostMicroUsd: 1, maxDurationSec: 1, minThroughputMbPerSec: 1 };
    expect(check(rules, { estimate: undefined }).map(({ rule }) => rule)).toEqual([
      'maxCostMicroUsd',
      'minThroughputMbPerSec',
    ]);
  });

  test('a number that is none breaks its rule', () => {
    expect(
      check({ maxCostMicroUsd: 1 }, { estimate: { ...estimate, estimatedCostMicroUsd: Number.NaN } }),
    ).toHaveLength(1);
  });

  test('an estimate that came with the request is said to have', () => {
    expect(check({ maxCostMicroUsd: 1 }, { estimateIsStated: true })[0]?.message).toBe(
      'maxCostMicroUsd: 2000000 (stated with the request, not computed here), allowed is 1',
    );
  });
});

describe('a request', () => {
  const bound = fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined });
  const list = (...values: string[]) => fc.option(fc.subarray(values), { nil: undefined });
  const rails = fc
    .record({
      maxWorkers: bound,
      maxVcpus: bound,
      maxShards: bound,
      maxCostMicroUsd: bound,
      maxDurationSec: bound,
      minThroughputMbPerSec: bound,
      regions: list('europe-west1', 'europe-west4', 'us-central1'),
      machineFamilies: list('n1', 'n2', 'n2-standard', 'n2d', 'e2', 'c3-highcpu'),
      machineTypes: list('n2-standard-4', 'n2-standard-8', 'e2-standard-4'),
    })
    .map(
      (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Guardrails,
    );
  const candidates = fc.record({
    machineType: fc.constantFrom(...machineTypes.map(({ name }) => name), 'custom-4-16384'),
    workerCount: fc.integer({ min: 1, max: 60 }),
    shardCount: fc.integer({ min: 1, max: 60 }),
  });

  const estimates = fc.record({ cost: fc.integer({ min: 1, max: 60 }), sec: fc.nat(60), mbPerSec: fc.nat(60) });

  property.prop([rails, rails, candidates, estimates], { numRuns: 300 })(
    'never loosens a rule of the policy, and is never loosened by it',
    (policy, request, candidate, { cost, sec, mbPerSec }) => {
      const figures = { estimatedCostMicroUsd: cost, estimatedDurationSec: sec, effectiveThroughputMbPerSec: mbPerSec };
      const broken = (guardrails: Guardrails) =>
        check(guardrails, { candidate, estimate: { ...estimate, ...figures } }).map(({ rule }) => rule);
      expect(new Set(broken(tightest(policy, request)))).toEqual(new Set([...broken(policy), ...broken(request)]));
    },
  );

  test('with nothing in common with the policy allows nothing', () => {
    const guardrails = tightest({ machineFamilies: ['n2'] }, { machineFamilies: ['c3'] });
    expect(guardrails.machineFamilies).toEqual([]);
    expect(check(guardrails)[0]?.message).toContain('policy and request have none in common');
  });
});

describe('in a plan', () => {
  test('every broken rule is a violation of the plan, in the three plain fields', () => {
    const violations = refused({
      policy: policySchema.parse({ machineFamilies: ['c3'], maxWorkers: 1, regions: ['us-central1'] }),
      requestGuardrails: { maxShards: 2 },
    });
    expect(violations.map(({ code }) => code)).toEqual([
      'guardrail.machineFamilies',
      'guardrail.regions',
      'guardrail.maxWorkers',
      'guardrail.maxShards',
    ]);
    expect(Object.keys(violations[0] ?? {}).sort()).toEqual(['code', 'message', 'path']);
  });

  test('a cost bound without an estimate is a violation', () => {
    expect(refused({ policy: policySchema.parse({ maxCostMicroUsd: 5 }) })).toEqual([
      expect.objectContaining({ code: 'guardrail.maxCostMicroUsd' }),
    ]);
    expect(
      refused({
        policy: policySchema.parse({ maxCostMicroUsd: 2_000_000 }),
        estimate: { ...estimate, candidate: input().candidate },
      }),
    ).toEqual([]);
  });
});
