// What is recommended can be run: the plan takes the candidate as it is, and reads with as many connections as were estimated.

import { describe, expect, it } from 'vitest';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { type RecommendInput, recommend } from '../../shared/recommend/recommend.ts';
import { modeSchema } from '../../shared/schema/recommendation.ts';
import { load, planTarget, policy, profile, question } from './support.ts';

const environment = { tempLocation: 'gs://bucket/temp', maxRuntimeSec: 3600 };
const cases: readonly [string, Partial<RecommendInput>][] = [
  ['a big table', {}],
  ['a small table', { profile: profile({ rowCountEstimate: 1000, averageRowBytes: 100, totalBytes: 100_000 }) }],
  ['an empty table', { profile: profile({ rowCountEstimate: 0, averageRowBytes: 100, totalBytes: 0 }) }],
  ['three free connections', { profile: profile({ freeConnections: 3 }) }],
  ['a table without a key', { profile: profile({ primaryKey: [], indexedColumns: [] }) }],
  ['wide rows', { profile: profile({ averageRowBytes: 60_000, rowCountEstimate: 300_000 }) }],
  ['tight bounds', { policy: policy({ maxWorkers: 3, maxVcpus: 8, maxShards: 12 }) }],
];

describe.each(modeSchema.options)('the recommendation for %s', (mode) => {
  it.each(cases)('of %s is planned without a change', (_name, fields) => {
    const asked = question({ mode, ...fields, load: load({ environment }) });
    const outcome = recommend(asked);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.violations));
    const { recommended: estimate } = outcome.recommendation;
    const planned = planLoad({
      load: asked.load,
      candidate: estimate.candidate,
      policy: asked.policy,
      profile: asked.profile,
      estimate,
      connectionBudget: Math.min(60, asked.profile?.freeConnections ?? 60),
      target: planTarget,
    });
    if (!planned.ok) throw new Error(JSON.stringify(planned.violations));
    expect(planned.plan.shardCount).toBe(estimate.candidate.shardCount);
    expect(planned.plan.maxConcurrentShards).toBe(estimate.readers);
    expect(planned.plan.request.launchParameter.environment.numWorkers).toBe(estimate.candidate.workerCount);
    expect(planned.plan.warnings.filter((warning) => /read nothing|lowered/.test(warning))).toEqual([]);
  });
});
