// The recommendation as a whole: a document that fits its schema, says why, and gets better with runs.

import { describe, expect, it } from 'vitest';
import { objectiveOf } from '../../shared/recommend/choose.ts';
import { extendPriceBook, shippedPriceBook } from '../../shared/recommend/price-book.ts';
import { type RecommendInput, recommend } from '../../shared/recommend/recommend.ts';
import { modeSchema, type Recommendation, recommendationSchema } from '../../shared/schema/recommendation.ts';
import { cohortOf, load, policy, profile, question, record } from './support.ts';

const recommended = (fields: Partial<RecommendInput> = {}): Recommendation => {
  const outcome = recommend(question(fields));
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.violations));
  return outcome.recommendation;
};
const refused = (fields: Partial<RecommendInput>) => {
  const outcome = recommend(question(fields));
  if (outcome.ok) throw new Error('it was not refused');
  return outcome;
};

describe('a recommendation', () => {
  it.each(modeSchema.options)('for %s fits the schema and holds what the mode picks', (mode) => {
    const found = recommended({ mode });
    expect(recommendationSchema.safeParse(found).error).toBeUndefined();
    const { cheapest, fastest, balanced } = found;
    expect(found.recommended).toBe({ COST_OPTIMAL: cheapest, FAST_LOAD: fastest, BALANCED: balanced }[mode]);
    expect(cheapest?.estimatedCostMicroUsd).toBeLessThanOrEqual(fastest?.estimatedCostMicroUsd ?? 0);
    expect(fastest?.estimatedDurationSec).toBeLessThanOrEqual(cheapest?.estimatedDurationSec ?? 0);
  });

  it('is the same for the same question', () => {
    expect(recommended()).toEqual(recommended());
  });

  it('fits into a document store: far below 1 MiB, however wide the policy', () => {
    const wide = policy({
      maxWorkers: 1000,
      machineFamilies: ['n1', 'n2', 'n2d', 'e2', 'c2', 'c2d', 'c3', 'c3d', 't2d'],
    });
    const size = JSON.stringify(recommended({ policy: wide, profile: profile({ freeConnections: 5000 }) })).length;
    expect(size).toBeLessThan(500_000);
  });

  it('explains itself: what, how long, how much, why, what was learnt, and what the next best would change', () => {
    const { explanation, recommended: chosen } = recommended();
    expect(explanation).toContain(`${chosen.candidate.workerCount} x ${chosen.candidate.machineType}`);
    expect(explanation).toMatch(/Expected: .* and \$\d/);
    expect(explanation).toMatch(/limited by/);
    expect(explanation).toMatch(/Nothing was learnt yet/);
    expect(explanation).toMatch(/The next best, .*, would (cost|save)/);
  });

  it('claims the least of what its mode wants only where no other candidate has less', () => {
    for (const mode of modeSchema.options) {
      for (const gigabytes of [0.2, 1, 20, 300]) {
        const sized = profile({ rowCountEstimate: gigabytes * 2_500_000, totalBytes: gigabytes * 1e9 });
        const { explanation, recommended: chosen, scoredCandidates = [] } = recommended({ mode, profile: sized });
        const figure = objectiveOf(mode) as (estimate: typeof chosen) => number;
        const least = Math.min(...scoredCandidates.map(({ estimate }) => figure(estimate)));
        expect(explanation?.includes('within 2 % of the least')).toBe(figure(chosen) > least);
      }
    }
  });

  it('holds cheapest, fastest and balanced on the Pareto front of all that it lists, in the order their names promise', () => {
    for (const gigabytes of [0.2, 1, 20, 300]) {
      const sized = profile({ rowCountEstimate: gigabytes * 2_500_000, totalBytes: gigabytes * 1e9 });
      const { cheapest, fastest, balanced, scoredCandidates = [] } = recommended({ profile: sized });
      if (cheapest === undefined || fastest === undefined || balanced === undefined) throw new Error('one is missing');
      for (const chosen of [cheapest, fastest, balanced]) {
        expect(scoredCandidates.find(({ estimate }) => estimate === chosen)?.onParetoFront).toBe(true);
        const betters = scoredCandidates.filter(
          ({ estimate: { estimatedDurationSec: time, estimatedCostMicroUsd: cost } }) =>
            time <= chosen.estimatedDurationSec &&
            cost <= chosen.estimatedCostMicroUsd &&
            (time < chosen.estimatedDurationSec || cost < chosen.estimatedCostMicroUsd),
        );
        expect(betters).toEqual([]);
      }
      expect(cheapest.estimatedCostMicroUsd).toBeLessThanOrEqual(balanced.estimatedCostMicroUsd);
      expect(fastest.estimatedDurationSec).toBeLessThanOrEqual(balanced.estimatedDurationSec);
    }
  });

  it('names its assumptions, measured ones as measured', () => {
    expect(recommended().recommended.assumptions?.join()).toMatch(/assumed for postgres, not measured/);
    const readThroughput = {
      warm: false,
      connections: 4,
      bytesRead: 1e8,
      durationMs: 1000,
      mbPerSecPerConnection: 30,
      mbPerSecTotal: 60,
    };
    const measured = recommended({ profile: profile({ readThroughput }) }).recommended.assumptions?.join();
    expect(measured).toMatch(/measured at 30 MB\/s a connection \(cold read over 4/);
    expect(measured).toMatch(/measured at 60 MB\/s in all/);
  });

  it('takes one reader where the table cannot be split, and says why', () => {
    const keyless = profile({ primaryKey: [], indexedColumns: [] });
    const { recommended: chosen } = recommended({ profile: keyless });
    expect(chosen.candidate).toMatchObject({ workerCount: 1, shardCount: 1 });
    expect(chosen.assumptions?.join()).toMatch(/one reader.*no primary key and no index/);
  });

  it('reckons with the fullest range of a skewed key', () => {
    const histogram = ['0', ...Array.from({ length: 9 }, (_, index) => String(99_000 + index * 100)), '100000'];
    const skewed = profile({ columns: [{ name: 'id', type: 'bigint', nullable: false, histogram }] });
    const even = recommended({ mode: 'FAST_LOAD' }).recommended.estimatedDurationSec;
    expect(recommended({ mode: 'FAST_LOAD', profile: skewed }).recommended.estimatedDurationSec).toBeGreaterThan(even);
  });

  it('never plans for more connections than the source grants', () => {
    const few = recommended({ mode: 'FAST_LOAD', profile: profile({ freeConnections: 10 }) });
    for (const { estimate } of few.scoredCandidates ?? []) {
      expect(estimate.candidate.maxConcurrentShards).toBeLessThanOrEqual(8);
    }
  });

  it('offers FlexRS only where somebody can wait six hours', () => {
    const isFlex = (fields: Partial<RecommendInput>) =>
      recommended({ mode: 'COST_OPTIMAL', ...fields }).recommended.candidate.flexRs;
    expect(isFlex({})).toBeUndefined();
    expect(isFlex({ policy: policy({ maxDurationSec: 3600 }) })).toBeUndefined();
    expect(isFlex({ policy: policy({ maxDurationSec: 12 * 3600 }) })).toBe(true);
    expect(isFlex({ policy: policy({ maxDurationSec: 12 * 3600, deadlineSec: 7200 }) })).toBeUndefined();
    expect(isFlex({ load: load({ environment: { flexrsGoal: 'FLEXRS_COST_OPTIMIZED' } }) })).toBe(true);
  });
});

describe('a refusal', () => {
  it('of a region without prices says how to add it, and so it can be added', () => {
    const outcome = refused({ region: 'europe-west1' });
    expect(outcome.violations[0]).toMatchObject({ code: 'PRICES_UNKNOWN', path: '/region' });
    expect(outcome.violations[0]?.message).toContain('npm run prices -- --region europe-west1');
    const iowa = shippedPriceBook.regions['us-central1'];
    if (iowa === undefined) throw new Error('no us-central1');
    const priceBook = extendPriceBook(shippedPriceBook, { ...shippedPriceBook, regions: { 'europe-west1': iowa } });
    expect(recommended({ region: 'europe-west1', priceBook }).recommended.assumptions?.join()).toContain(
      'europe-west1/batch',
    );
  });

  it('names every guardrail that all candidates break, and the nearest candidate', () => {
    const { violations, nearest } = refused({ policy: policy({ maxDurationSec: 100, maxCostMicroUsd: 10 }) });
    expect(violations.map(({ code }) => code).sort()).toEqual([
      'guardrail.maxCostMicroUsd',
      'guardrail.maxDurationSec',
    ]);
    expect(nearest?.estimatedDurationSec).toBeGreaterThan(100);
  });

  it.each([
    ['maxVcpus', { maxVcpus: 1 }],
    ['machineFamilies', { machineFamilies: ['zz'] }],
    ['machineTypes', { machineTypes: ['n2-standard-4'], machineFamilies: ['e2'] }],
  ] as const)('by %s, of every machine, names the rule and the candidate that comes nearest', (rule, bounds) => {
    const requestGuardrails = { maxCostMicroUsd: 1, ...bounds } as NonNullable<RecommendInput['requestGuardrails']>;
    const { violations, nearest } = refused({ requestGuardrails });
    const codes = violations.map(({ code }) => code);
    expect(codes).toContain('NO_CANDIDATE');
    expect(codes).toContain(`guardrail.${rule}`);
    expect(codes).toContain('guardrail.maxCostMicroUsd');
    expect(nearest).toBeDefined();
  });

  it('by vCPUs comes nearest with the smallest fleet', () => {
    const { nearest } = refused({ requestGuardrails: { maxVcpus: 1 } });
    expect(nearest?.candidate).toMatchObject({ workerCount: 1, virtualCpus: 2 });
  });

  it('quotes the values of the nearest candidate', () => {
    const { violations, nearest } = refused({ policy: policy({ maxCostMicroUsd: 10 }) });
    expect(violations.map(({ message }) => message).join()).toContain(
      `${nearest?.estimatedCostMicroUsd}, allowed is 10`,
    );
  });

  it('cannot be escaped by a request: its bounds only tighten', () => {
    const bounds = { policy: policy({ maxWorkers: 2 }), requestGuardrails: { maxWorkers: 50 } };
    const workers = recommended({ mode: 'FAST_LOAD', ...bounds }).scoredCandidates?.map(
      ({ estimate }) => estimate.candidate.workerCount,
    );
    expect(Math.max(...(workers ?? []))).toBeLessThanOrEqual(2);
  });

  it('tells a policy that leaves no machine', () => {
    expect(refused({ policy: policy({ machineFamilies: ['a2'] }) }).violations[0]?.code).toBe('NO_CANDIDATE');
    expect(refused({ policy: policy({ machineTypes: ['n2-standard-5'] }) }).violations[0]?.code).toBe('MACHINE_TYPE');
    expect(refused({ policy: policy({ regions: ['europe-west1'] }) }).violations[0]?.code).toBe('guardrail.regions');
  });

  it('counts what was spent today against the daily budget', () => {
    const budget = policy({ dailyBudgetMicroUsd: 1_000_000 });
    expect(recommended({ policy: budget }).recommended).toBeDefined();
    expect(refused({ policy: budget, spentTodayMicroUsd: 999_999 }).violations[0]?.code).toBe(
      'guardrail.dailyBudgetMicroUsd',
    );
  });

  it('passes on what forbids to read the table as configured', () => {
    const outcome = refused({ load: load({ partitionColumn: 'nope' }) });
    expect(outcome.violations[0]?.code).toBe('PARTITION_COLUMN_UNKNOWN');
  });
});

describe('after runs', () => {
  const ran = (machineType: string, workerCount: number, readers: number, runningSec: number, index: number) =>
    record({
      executionId: `exe-${index}`,
      endedAt: index,
      candidate: { machineType, workerCount, shardCount: 64, maxConcurrentShards: readers },
      readers,
      raw: { startupSec: 220, runningSec: 300, costMicroUsd: 100_000 },
      actual: { startupSec: 330, runningSec, costMicroUsd: 200_000 },
    });

  it('uses them and says so', () => {
    const cohorts = [cohortOf('n2', [ran('n2-standard-4', 2, 8, 900, 1)])];
    const { explanation, recommended: chosen } = recommended({ cohorts, policy: policy({ machineFamilies: ['n2'] }) });
    expect(explanation).toMatch(/Learnt from 1 clean run on this family: running time x [\d.]+, start-up x 1\.50/);
    expect(chosen.startupSec).toBeCloseTo(330, 6);
  });

  it('knows that more workers do not help when a bigger fleet was no faster', () => {
    const families = policy({ machineFamilies: ['n2'] });
    const before = recommended({ mode: 'FAST_LOAD', policy: families }).recommended;
    const cohorts = [
      cohortOf('n2', [
        ran('n2-standard-4', 1, 4, 1000, 1),
        ran('n2-standard-4', 4, 16, 1000, 2),
        ran('n2-standard-4', 8, 32, 1000, 3),
      ]),
    ];
    const after = recommended({ mode: 'FAST_LOAD', policy: families, cohorts }).recommended;
    const fleet = ({ candidate }: Recommendation['recommended']) =>
      candidate.workerCount * (candidate.virtualCpus ?? 0);
    expect(fleet(after)).toBeLessThan(fleet(before));
    expect(after.estimatedDurationSec).toBeGreaterThan(1000);
  });

  it('follows runs that agree, however far from the assumption, and none that stands alone', () => {
    const families = policy({ machineTypes: ['n2-standard-4'], maxWorkers: 1 });
    const raw = recommended({ policy: families }).recommended.runningSec as number;
    const learntFrom = (ratios: readonly number[]) => {
      const records = ratios.map((ratio, index) => ran('n2-standard-4', 1, 4, raw * ratio, index));
      return (
        (recommended({ policy: families, cohorts: [cohortOf('n2', records)] }).recommended.runningSec as number) / raw
      );
    };
    expect(learntFrom(Array<number>(20).fill(60))).toBeCloseTo(60, 6);
    expect(learntFrom([1, 1, 60])).toBeCloseTo(1, 6);
    expect(learntFrom([60])).toBeLessThan(5);
  });

  it('keeps the raw estimate what it was without them: nothing corrected is ever learnt from', () => {
    const families = policy({ machineTypes: ['n2-standard-4'], maxWorkers: 1 });
    const raws = (cohorts: RecommendInput['cohorts']) =>
      recommended({ policy: families, cohorts }).scoredCandidates?.map(({ estimate }) => [
        estimate.candidate.label,
        estimate.raw,
      ]);
    const cohorts = [cohortOf('n2', [ran('n2-standard-4', 1, 4, 5000, 1)])];
    expect(new Map(raws(cohorts) as [string, unknown][])).toEqual(new Map(raws([]) as [string, unknown][]));
  });
});
