// A load via Cloud Storage is estimated, judged and recommended as the pair of legs that it runs as.

import { describe, expect, it } from 'vitest';
import { planChain } from '../../shared/plan/plan-chain.ts';
import { estimateLoad } from '../../shared/recommend/consider-chain.ts';
import { type RecommendInput, recommend } from '../../shared/recommend/recommend.ts';
import { workloadOf } from '../../shared/recommend/workload.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import { recommendationSchema } from '../../shared/schema/recommendation.ts';
import { cohortOf, estimate, load, policy, profile, question, record } from './support.ts';

const via = (fields: Partial<EffectiveLoad> = {}): EffectiveLoad =>
  load({ viaName: 'lake', via: { type: 'gcs', path: 'gs://lake/stage' }, ...fields });

function chainOf(one: EffectiveLoad) {
  const result = planChain(one, 'exe-0');
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.chain;
}
const estimates = (fields: Partial<RecommendInput>) => {
  const considered = estimateLoad(question(fields));
  if (!considered.ok) throw new Error(JSON.stringify(considered.violations));
  return considered.estimates;
};

describe('the second leg', () => {
  it('is as big as the rows the first one wrote', () => {
    const second = chainOf(via({ averageRowBytes: 500 })).second({ rowsWritten: 200_000_000 });
    const sized = workloadOf(second, undefined, policy());
    if (!sized.ok) throw new Error('refused');
    expect(sized.workload).toMatchObject({ sizeBytes: 100e9, rows: 200_000_000, readMode: 'files' });
    expect(sized.workload.assumptions.join()).not.toMatch(/unknown/);
  });

  it('has rows as long as they were read, where only the profile knows', () => {
    const { second } = chainOf(via({ averageRowBytes: 500 }));
    expect(second({ rowsWritten: 10, averageRowBytes: 87.4 })).toMatchObject({ averageRowBytes: 87 });
  });

  it('takes the rows the configuration states until the first has ended; of a window nobody knows them', () => {
    const known = { rowCountEstimate: 70, averageRowBytes: 5 };
    expect(chainOf(via(known)).second({})).toMatchObject(known);
    const part = chainOf(via({ ...known, incremental: { column: 'id', from: '1' } })).second({});
    expect(part.rowCountEstimate).toBeUndefined();
    expect(chainOf(via(known)).second({ rowsWritten: 60 }).rowCountEstimate).toBeUndefined();
  });
});

it('files are read by every vCPU, however many ranges the table of the first leg has', () => {
  const one = estimate({
    candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 1, maxConcurrentShards: 1 },
    workload: { readMode: 'files', maxReaders: Number.POSITIVE_INFINITY },
  });
  expect(one.readers).toBe(8);
});

describe('the estimate of a three-stage load', () => {
  it('is the sum of its legs, in time and money, part by part', () => {
    const pairs = estimates({ load: via() });
    const { first, second } = chainOf(via());
    const candidates = pairs.map(({ candidate }) => candidate.label);
    const firsts = estimates({ load: first });
    expect(firsts.map(({ candidate }) => candidate.label)).toEqual(candidates);
    const legTwo = estimateLoad(
      question({
        load: second({ rowsWritten: 50_000_000, averageRowBytes: 400 }),
        profile: undefined,
        candidates: sizedOf(first),
      }),
    );
    if (!legTwo.ok) throw new Error('refused');
    pairs.forEach((pair, index) => {
      const [a, b] = [firsts[index], legTwo.estimates[index]];
      if (a === undefined || b === undefined) throw new Error('a leg is missing');
      expect(pair.estimatedDurationSec).toBeCloseTo(a.estimatedDurationSec + b.estimatedDurationSec, 6);
      expect(pair.estimatedCostMicroUsd).toBe(a.estimatedCostMicroUsd + b.estimatedCostMicroUsd);
      for (const part of ['vcpu', 'memory', 'disk', 'shuffle', 'total'] as const)
        expect(pair.costMicroUsd?.[part]).toBe((a.costMicroUsd?.[part] ?? 0) + (b.costMicroUsd?.[part] ?? 0));
      expect(pair.raw.startupSec).toBe(a.raw.startupSec + b.raw.startupSec);
      expect(pair.sizeBytes).toBe(20e9);
    });
  });

  it('learns of each leg from the runs of that leg', () => {
    const startup = (startupSec: number) => [
      cohortOf('n2', [record({ actual: { startupSec, runningSec: 400, costMicroUsd: 100_000 } })]),
    ];
    const n2 = { load: via(), policy: policy({ machineTypes: ['n2-standard-4'], maxWorkers: 1 }) };
    const startupOf = (fields: Partial<RecommendInput>) => estimates({ ...n2, ...fields })[0]?.startupSec ?? 0;
    expect(startupOf({})).toBe(440);
    expect(startupOf({ cohorts: startup(330) })).toBeCloseTo(550, 6);
    expect(startupOf({ cohorts: startup(330), secondLegCohorts: startup(110) })).toBeCloseTo(440, 6);
  });
});

describe('the recommendation of a three-stage load', () => {
  it('fits the schema, and says that it speaks of both legs', () => {
    const outcome = recommend(question({ load: via() }));
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.violations));
    expect(recommendationSchema.safeParse(outcome.recommendation).error).toBeUndefined();
    expect(outcome.recommendation.explanation).toMatch(/Both legs are counted: the second takes .* and \$/);
    expect(outcome.recommendation.recommended.assumptions?.join()).toContain('second leg: ');
  });

  it('holds the pair to the guardrails and the daily budget', () => {
    const least = Math.min(...estimates({ load: via() }).map((one) => one.estimatedCostMicroUsd));
    const leastOfFirst = Math.min(...estimates({ load: chainOf(via()).first }).map((one) => one.estimatedCostMicroUsd));
    const between = Math.round((least + leastOfFirst) / 2);
    for (const bound of [{ maxCostMicroUsd: between }, { dailyBudgetMicroUsd: between }]) {
      const outcome = recommend(question({ load: via(), policy: policy(bound), spentTodayMicroUsd: 0 }));
      if (outcome.ok) throw new Error('it was not refused');
      expect(outcome.violations.map(({ code }) => code)).toEqual([`guardrail.${Object.keys(bound)[0]}`]);
    }
  });

  it('refuses what cannot be a chain', () => {
    const outcome = recommend(question({ load: via({ template: { name: 'Yaml_Template' } }) }));
    expect(outcome).toMatchObject({ ok: false, violations: [{ code: 'CHAIN' }] });
  });
});

function sizedOf(first: EffectiveLoad) {
  const considered = estimateLoad(question({ load: first, profile: profile() }));
  if (!considered.ok) throw new Error('refused');
  return considered.candidates;
}
