// The backtest's baseline answers what the original itself answered, so that beating it means something.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type OriginalCandidate,
  type OriginalEstimate,
  type OriginalRecord,
  type OriginalTable,
  originalEstimate,
  originalSignals,
} from '../../local/backtest/original.ts';
import { originalChoice, originalPasses, originalScores } from '../../local/backtest/original-choice.ts';
import type { Mode } from '../../shared/schema/recommendation.ts';

type Answer = Omit<OriginalEstimate, 'candidate'> & { readonly label: string };
type Scored = Answer & {
  readonly costScore: number;
  readonly fastScore: number;
  readonly balancedScoreRaw: number;
  readonly passesGuardrails: boolean;
};
type Examples = {
  readonly estimator: readonly {
    readonly id: string;
    readonly note: string;
    readonly in: OriginalTable & { readonly candidates: readonly OriginalCandidate[] };
    readonly out: readonly Answer[];
  }[];
  readonly learning: readonly [
    {
      readonly records: readonly (OriginalRecord & { readonly runId: string })[];
      readonly signals: ReturnType<typeof originalSignals>;
      readonly estimates: readonly Answer[];
    },
    { readonly factorByRun: readonly number[] },
  ];
  readonly recommender: readonly {
    readonly id: string;
    readonly note: string;
    readonly in: Record<string, number | null> & { readonly allowedMachineTypes: readonly string[] | null };
    readonly picks: readonly { readonly mode: Mode; readonly label: string | null }[];
    readonly scored?: readonly Scored[];
  }[];
};
const examples = JSON.parse(
  readFileSync(new URL('./original-examples.json', import.meta.url), 'utf8'),
) as unknown as Examples;

const tenMillionRows = { totalMb: 4768.37158203125, sourceType: 'postgres', loadPattern: 'DIRECT' } as const;
const candidateOf = (label: string): OriginalCandidate => {
  const [, machineType = '', workers, shards] = /^(.*)-(\d+)w-(\d+)s$/.exec(label) ?? [];
  return { machineType, workerCount: Number(workers), shardCount: Number(shards), label };
};
const estimateOf = (scored: Answer): OriginalEstimate => ({ ...scored, candidate: candidateOf(scored.label) });

describe('the original estimator', () => {
  it.each(examples.estimator)('$id: $note', (example) => {
    const history = example.id === 'EST11' ? { history: [10, 0, 30] } : {};
    const answers = example.in.candidates.map((candidate) =>
      originalEstimate(candidate, { ...example.in, ...history }),
    );
    expect(answers).toHaveLength(example.out.length);
    for (const [index, expected] of example.out.entries()) {
      const answer = answers[index];
      expect(answer?.estimatedDurationSec).toBeCloseTo(expected.estimatedDurationSec, 9);
      expect(answer?.estimatedCostUsd).toBeCloseTo(expected.estimatedCostUsd, 12);
      expect(answer?.effectiveThroughputMbPerSec).toBeCloseTo(expected.effectiveThroughputMbPerSec, 9);
      expect(answer?.bottleneck).toBe(expected.bottleneck);
    }
  });
});

describe('the original learning', () => {
  const [means, loop] = examples.learning;

  it('takes mean ratios by family, outliers and all', () => {
    const signals = originalSignals(means.records);
    expect(signals.successCountByMachineType).toEqual(means.signals.successCountByMachineType);
    for (const kind of ['durationCorrectionByMachineFamily', 'costCorrectionByMachineFamily'] as const) {
      expect(Object.keys(signals[kind]).sort()).toEqual(Object.keys(means.signals[kind]).sort());
      for (const [family, factor] of Object.entries(means.signals[kind])) {
        expect(signals[kind][family]).toBeCloseTo(factor, 12);
      }
    }
    for (const expected of means.estimates) {
      const answer = originalEstimate(
        candidateOf(expected.label),
        { ...tenMillionRows, measuredMbPerSec: 50 },
        signals,
      );
      expect(answer.estimatedDurationSec).toBeCloseTo(expected.estimatedDurationSec, 9);
      expect(answer.estimatedCostUsd).toBeCloseTo(expected.estimatedCostUsd, 12);
    }
  });

  it('settles at the square root of the truth, because it compares actuals with corrected estimates', () => {
    const records: OriginalRecord[] = [];
    const factors = loop.factorByRun.map(() => {
      const factor = originalSignals(records).durationCorrectionByMachineFamily.n2 ?? 1;
      records.push({
        machineType: 'n2-standard-4',
        estimatedDurationSec: 100 * factor,
        actualDurationSec: 200,
        estimatedCostUsd: null,
        actualCostUsd: null,
      });
      return factor;
    });
    for (const [run, factor] of loop.factorByRun.entries()) expect(factors[run]).toBeCloseTo(factor, 12);
  });
});

describe('the original choice', () => {
  const chosen = examples.recommender.flatMap((example) =>
    example.scored ? [{ ...example, scored: example.scored }] : [],
  );

  it.each(chosen)('$id: $note', (example) => {
    const estimates = example.scored.map(estimateOf);
    for (const pick of example.picks) {
      expect(originalChoice(estimates, pick.mode, example.in)?.candidate.label ?? null).toBe(pick.label);
    }
    const scores = originalScores(estimates);
    for (const [index, expected] of example.scored.entries()) {
      const estimate = estimates[index];
      if (estimate === undefined) throw new Error('an example without estimate');
      expect(originalPasses(estimate, example.in)).toBe(expected.passesGuardrails);
      expect(scores[index]?.costScore).toBeCloseTo(expected.costScore, 9);
      expect(scores[index]?.fastScore).toBeCloseTo(expected.fastScore, 9);
      expect(scores[index]?.balancedScoreRaw).toBeCloseTo(expected.balancedScoreRaw, 9);
    }
  });

  it('REC06: breaks an exact tie by successes, else by list order', () => {
    const tied = ['n2-standard-4', 'c3-standard-4'].map((machineType) => ({
      ...originalEstimate({ machineType, workerCount: 1, shardCount: 4 }, tenMillionRows),
      estimatedCostUsd: 1,
    }));
    expect(originalChoice(tied, 'BALANCED')?.candidate.machineType).toBe('n2-standard-4');
    expect(originalChoice(tied, 'BALANCED', {}, { 'c3-standard-4': 2 })?.candidate.machineType).toBe('c3-standard-4');
  });
});
