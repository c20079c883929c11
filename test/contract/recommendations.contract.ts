// What every Recommendations store must do.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Recommendations } from '../../shared/engine/ports.ts';
import { aRecommendation } from '../support/execution.ts';

export type RecommendationsUnderTest = {
  readonly recommendations: Recommendations;
  /** Lays a document down past the port, as any producer may. */
  writeRaw(runId: string, document: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
};

export function recommendationsContract(name: string, makeStore: () => Promise<RecommendationsUnderTest>): void {
  describe(`Recommendations on ${name}`, () => {
    let store: RecommendationsUnderTest;
    beforeEach(async () => {
      store = await makeStore();
    });
    afterEach(() => store.close());

    test('two stores do not see each other', async () => {
      const other = await makeStore();
      await store.recommendations.write(aRecommendation());
      expect(await other.recommendations.read('run-1')).toBeUndefined();
      await other.close();
    });

    test('one that is not there (yet) reads as undefined', async () => {
      expect(await store.recommendations.read('run-1')).toBeUndefined();
    });

    test('one that was written reads back equal, with every field', async () => {
      const { recommended } = aRecommendation();
      const full = aRecommendation({
        cheapest: recommended,
        fastest: { ...recommended, assumptions: ['warm source'] },
        balanced: recommended,
        scoredCandidates: [{ estimate: recommended, passesGuardrails: true, onParetoFront: false, violations: [] }],
        guardrailViolations: ['maxWorkers'],
        explanation: 'the cheapest that ends in time',
      });
      expect(await store.recommendations.write(full)).toBe('written');
      expect(await store.recommendations.read('run-1')).toEqual(full);
    });

    test('writing an equal one again is no conflict, whatever the order of its fields', async () => {
      await store.recommendations.write(aRecommendation());
      const reordered = Object.fromEntries(Object.entries(aRecommendation()).reverse());
      expect(await store.recommendations.write({ ...aRecommendation(), ...reordered })).toBe('written');
    });

    test('another one under the same runId conflicts and leaves the first', async () => {
      await store.recommendations.write(aRecommendation());
      expect(await store.recommendations.write(aRecommendation({ load: 'customers' }))).toBe('conflict');
      expect(await store.recommendations.read('run-1')).toEqual(aRecommendation());
    });

    test.each(['a/b/c', '..', '__x__', 'with space and Grüße', 'x'.repeat(256)])(
      'runId %j is as good as any',
      async (runId) => {
        expect(await store.recommendations.write(aRecommendation({ runId }))).toBe('written');
        expect(await store.recommendations.read(runId)).toEqual(aRecommendation({ runId }));
        expect(await store.recommendations.read('a')).toBeUndefined();
      },
    );

    test('a damaged one is named with every place that does not fit', async () => {
      await store.writeRaw('run-1', { ...aRecommendation(), load: 'no such/name', mode: 'CHEAP' });
      const attempt = store.recommendations.read('run-1');
      await expect(attempt).rejects.toMatchObject({ code: 'CORRUPT_RECORD', message: /run-1.*\/load.*\/mode/s });
    });

    test('fields of newer producers are left out, not refused', async () => {
      await store.writeRaw('run-1', { ...aRecommendation(), confidence: 0.9 });
      expect(await store.recommendations.read('run-1')).toEqual(aRecommendation());
    });
  });
}
