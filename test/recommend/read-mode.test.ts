// The estimate reads a load the way its plan will: by ranges, or by one reader.

import { describe, expect, it } from 'vitest';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { recommend } from '../../shared/recommend/recommend.ts';
import { workloadOf } from '../../shared/recommend/workload.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';
import { load, planTarget, policy, profile, question } from './support.ts';

const id = { name: 'id', type: 'bigint', nullable: false };
const moment = { name: 'at', type: 'timestamp with time zone', nullable: false };
const lake: Partial<EffectiveLoad> = { targetName: 'lake', target: { type: 'gcs', path: 'gs://lake/orders' } };

const cases: readonly [string, Partial<EffectiveLoad>, Partial<TableProfile>, 'split' | 'query'][] = [
  ['into BigQuery with a cast', {}, { columns: [id, moment] }, 'split'],
  ['into BigQuery, split by time', { partitionColumn: 'at' }, { columns: [id, moment] }, 'split'],
  ['into files as it is', lake, {}, 'split'],
  ['into files with a cast', lake, { columns: [id, moment] }, 'query'],
  ['into files, some columns', { ...lake, columns: ['id'] }, {}, 'query'],
  ['into files, a window', { ...lake, incremental: { column: 'id', from: '1' } }, {}, 'query'],
  [
    'into files, by a key that may be NULL',
    { ...lake, partitionColumn: 'id', onNullPartitionKey: 'coalesce' },
    { columns: [{ ...id, nullable: true }] },
    'query',
  ],
  [
    'into files, split by time',
    { ...lake, partitionColumn: 'at' },
    { columns: [id, { ...moment, type: 'timestamp' }] },
    'query',
  ],
  ['into files, a query', { ...lake, query: 'select 1' }, {}, 'query'],
];

describe('a table', () => {
  it.each(cases)('%s is estimated as it is planned', (_name, fields, shape, mode) => {
    const { table, ...rest } = load({ environment: { tempLocation: 'gs://bucket/temp' }, ...fields });
    const asked: EffectiveLoad = { ...rest, ...(fields.query === undefined && table !== undefined ? { table } : {}) };
    const planned = planLoad({
      load: asked,
      candidate: { machineType: 'n2-standard-4', workerCount: 1, shardCount: 8 },
      policy: policy(),
      profile: profile(shape),
      target: planTarget,
    });
    if (!planned.ok) throw new Error(JSON.stringify(planned.violations));
    expect(planned.plan.readMode).toBe(mode);
    expect(workloadOf(asked, profile(shape), policy())).toMatchObject({ ok: true, workload: { readMode: mode } });
  });

  it('that the plan reads by one reader is recommended one worker and one range, and the reason is told', () => {
    const outcome = recommend(question({ load: load(lake), profile: profile({ columns: [id, moment] }) }));
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.violations));
    const { recommended } = outcome.recommendation;
    expect(recommended.candidate).toMatchObject({ workerCount: 1, shardCount: 1 });
    expect(recommended.assumptions?.join()).toMatch(/one reader.*plain tables/);
  });
});
