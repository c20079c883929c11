// Whatever a configuration, a catalogue or a producer says: a plan is either legal in every part, or refused with reasons.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { templateMetadata } from '../../shared/plan/templates/metadata.ts';
import { validateParameters } from '../../shared/plan/templates/validate-parameters.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';
import { input, load, profile } from './support.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    'id',
    'public.orders',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00+99:99',
    '0',
    '-9223372036854775808',
    '9'.repeat(30),
    '1e309',
    'Infinity',
    'NaN',
  ),
);
/** Ordinary values most of the time, so that whole plans come about, and anything at all now and then. */
const mostly = (good: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: text });
const rarely = <T>(of: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: of });
const names = mostly(fc.constantFrom('id', 'created', 'customer', 'Odd "Name"', 'order'));
const types = fc.constantFrom(
  'int8',
  'numeric',
  'numeric(18,0)',
  'timestamptz',
  'timestamp',
  'date',
  'text',
  'jsonb',
  'weird(',
  '',
  'int4[]',
  'bigint unsigned',
);
const sizes = fc.oneof(fc.nat(), fc.maxSafeNat());

const columns = fc.uniqueArray(
  fc.record({
    name: names,
    type: types,
    nullable: fc.boolean(),
    nullFraction: fc.double({ min: 0, max: 1, noNaN: true }),
    distinctCount: fc.double({ min: 0, max: 1e15, noNaN: true }),
    histogram: fc.array(mostly(fc.integer().map(String)), { maxLength: 8 }),
  }),
  { maxLength: 6, selector: ({ name }) => name },
);
const profiles: fc.Arbitrary<TableProfile> = columns.chain((list) =>
  fc
    .record({
      rowCountEstimate: fc.option(sizes),
      averageRowBytes: fc.option(sizes),
      totalBytes: fc.option(sizes),
      primaryKey: fc.subarray(list.map(({ name }) => name)),
      indexedColumns: fc.subarray(list.map(({ name }) => name)),
      schemaName: fc.constantFrom('public', '', 'Odd "Schema"'),
      tableName: mostly(fc.constantFrom('orders', 'Order Lines')),
    })
    .map((rest) => profile({ ...rest, columns: list })),
);
const databases = fc.constantFrom('postgres', 'mysql', 'oracle', 'sqlserver', 'jdbc');
const sourceTypes = fc.oneof(
  { weight: 8, arbitrary: databases },
  { weight: 1, arbitrary: fc.constantFrom('gcs', 'bigquery') },
);
const loads = fc
  .record({
    type: sourceTypes,
    target: fc.constantFrom<EffectiveLoad['target']>(
      { type: 'bigquery', dataset: 'raw' },
      { type: 'gcs', bucket: 'b' },
    ),
    host: mostly(fc.constantFrom('h', '10.0.0.1', 'fd00::1')),
    table: mostly(fc.constantFrom('orders', 'public.orders', '"Odd.Schema"."T"')),
    columns: rarely(fc.array(names, { maxLength: 3 })),
    partitionColumn: rarely(names),
    partitionBounds: rarely(fc.record({ lower: text, upper: text })),
    onNullPartitionKey: rarely(fc.constantFrom('refuse', 'coalesce')),
    incremental: rarely(fc.record({ column: names, from: text, to: text })),
    targetTable: rarely(text),
    labels: fc.dictionary(mostly(fc.constantFrom('team', 'Stage')), text, { maxKeys: 2 }),
    properties: rarely(fc.dictionary(text, text, { maxKeys: 2 })),
    parameters: rarely(fc.dictionary(text, text, { maxKeys: 2 })),
    url: rarely(mostly(text.map((tail) => `jdbc:postgresql://h/${tail}`))),
    query: rarely(text),
  })
  .map(({ type, labels, properties, parameters, url, query, host, table, ...rest }): EffectiveLoad => {
    const generic = url ?? (type === 'jdbc' ? 'jdbc:postgresql://h/d' : undefined);
    const place = generic === undefined ? { host, database: 'd' } : { jdbcUrl: generic };
    const { table: _, ...base } = load();
    return {
      ...base,
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
      ...(query === undefined ? { table } : { query, targetTable: 't' }),
      source: {
        type,
        ...place,
        path: 'gs://b/x',
        dataset: 'd',
        driverClassName: 'x',
        driverJars: 'gs://b/j',
        ...(properties === undefined ? {} : { properties }),
      },
      environment: { tempLocation: 'gs://b/t', additionalUserLabels: labels },
      ...(parameters === undefined ? {} : { template: { parameters } }),
    };
  });
const candidates = fc.record({
  machineType: mostly(fc.constantFrom('n2-standard-4', 'n2-highcpu-8', 'custom-4-16384')),
  workerCount: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 1000 }) },
    { weight: 1, arbitrary: fc.double() },
  ),
  shardCount: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 2000 }) },
    { weight: 1, arbitrary: fc.double() },
  ),
});

describe('for any load, candidate and profile', () => {
  property.prop(
    [
      loads,
      candidates,
      fc.option(profiles, { nil: undefined }),
      fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    ],
    { numRuns: 500 },
  )('the answer is a legal plan or a list of reasons', (one, candidate, table, connectionBudget) => {
    const result = planLoad(
      input({ load: one, candidate, profile: table, connectionBudget, policy: policySchema.parse({}) }),
    );
    if (!result.ok) {
      expect(result.violations.length).toBeGreaterThan(0);
      for (const { code, path, message } of result.violations) expect([code, path, message]).not.toContain('');
      return;
    }
    const { plan } = result;
    const { jobName, parameters, environment } = plan.request.launchParameter;
    expect(jobName).toMatch(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
    expect(environment.maxWorkers).toBe(environment.numWorkers);
    expect(environment.additionalExperiments).toContain(`max_workflow_runtime_walltime_seconds=${plan.maxRuntimeSec}`);
    expect(plan.maxConcurrentShards).toBeLessThanOrEqual(Math.max(1, Math.floor((connectionBudget ?? 1e9) * 0.8)));
    const metadata = templateMetadata(plan.templateName);
    expect(metadata === undefined ? [] : validateParameters(metadata, parameters)).toEqual([]);
  });
});
