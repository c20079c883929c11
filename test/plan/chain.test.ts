// Three-stage loads: two legs, the second made from the first one's outcome.

import { describe, expect, test } from 'vitest';
import { isChain, legRunId, planChain } from '../../shared/plan/plan-chain.ts';
import { planLoad } from '../../shared/plan/plan-load.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import { effective, everything } from '../config/support.ts';
import { input } from './support.ts';

const load = effective(everything(), 'customers-via-lake');
const parent = 'exe-0123456789abcdef0123456789abcdef';

function chainOf(one: EffectiveLoad) {
  const result = planChain(one, parent);
  if (!result.ok) throw new Error(result.violations.map(({ message }) => message).join('\n'));
  return result.chain;
}

describe('a load via Cloud Storage', () => {
  test('is two loads, the first into a folder of the parent execution', () => {
    const { first, folder } = chainOf(load);
    expect(isChain(load)).toBe(true);
    expect(isChain(first)).toBe(false);
    expect(folder).toBe(`gs://acme-lake/exports/${parent}`);
    expect(first).toMatchObject({
      sourceName: 'crm',
      target: { type: 'gcs', path: folder },
      table: 'public.customers',
    });
  });

  test('hands the rows of the first leg to the second as those it must load', () => {
    const { second, folder } = chainOf(load);
    expect(second({ rowsWritten: 1234 })).toMatchObject({
      source: { type: 'gcs', path: `${folder}/part*.parquet` },
      target: { dataset: 'raw' },
      targetTable: 'customers_from_lake',
      expectedRows: 1234,
    });
    expect(second({}).expectedRows).toBeUndefined();
  });

  test('plans both legs', () => {
    const { first, second } = chainOf(load);
    for (const leg of [first, second({ rowsWritten: 10 })]) {
      const result = planLoad(input({ load: leg, profile: undefined }));
      expect(result).toMatchObject({ ok: true, plan: { templateName: 'Yaml_Template' } });
    }
  });

  test('has legs with run ids of their own, functions of the parent', () => {
    expect([legRunId(parent, 1), legRunId(parent, 2)]).toEqual([`${parent}/leg-1`, `${parent}/leg-2`]);
  });

  test('cannot be planned as one execution', () => {
    expect(planLoad(input({ load }))).toMatchObject({ ok: false, violations: [{ code: 'CHAIN' }] });
  });
});

describe('what cannot be a chain', () => {
  test.each<[string, Partial<EffectiveLoad>, string]>([
    ['via BigQuery', { via: { type: 'bigquery', dataset: 'x' } }, 'must name a gcs target'],
    ['into Cloud Storage', { target: { type: 'gcs', bucket: 'b' } }, 'ends in BigQuery'],
    ['from files', { source: { type: 'gcs', path: 'gs://a/b' } }, 'need no via'],
    ['with a template', { template: { name: 'Yaml_Template' } }, 'takes no template'],
  ])('%s', (_, more, message) => {
    const result = planChain({ ...load, ...more }, parent);
    expect(result).toMatchObject({ ok: false, violations: [{ message: expect.stringContaining(message) }] });
  });

  test('a load without via', () => {
    const { via: _, viaName: __, ...plain } = load;
    expect(planChain(plain, parent).ok).toBe(false);
  });
});
