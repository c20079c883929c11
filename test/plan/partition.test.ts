// What a table is split by: never a column that would lose rows.

import { describe, expect, test } from 'vitest';
import { column, load, parametersOf, planned, profile, refused } from './support.ts';

const splitBy = (more: Parameters<typeof profile>[0], shardCount = 8) => {
  const plan = planned({
    profile: profile(more),
    candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount },
  });
  const { partitionColumn, partitionColumnType } = parametersOf(plan);
  return { by: partitionColumn, type: partitionColumnType, plan };
};

describe('without a configured column', () => {
  test('the primary key is taken before any other index', () => {
    const columns = [column('id', 'int8'), column('status', 'int2', { distinctCount: 100 })];
    expect(splitBy({ columns, indexedColumns: ['status', 'id'] }).by).toBe('id');
  });

  test('the leading column of a composite key is taken', () => {
    const columns = [column('tenant', 'int4', { distinctCount: 5000 }), column('number', 'int4')];
    expect(splitBy({ columns, primaryKey: ['tenant', 'number'], indexedColumns: ['tenant'] }).by).toBe('tenant');
  });

  test('a text key gives way to an indexed whole number, and that to nothing better', () => {
    const columns = [column('id', 'uuid'), column('created', 'timestamp'), column('number', 'int8')];
    const { by, plan } = splitBy({ columns, indexedColumns: ['id', 'created', 'number'] });
    expect(by).toBe('number');
    expect(plan.steps.join('\n')).toContain('not by id: uuid is neither a whole number nor a time');
  });

  test('a time is taken when there is no whole number', () => {
    const columns = [column('id', 'uuid'), column('created', 'timestamp')];
    expect(splitBy({ columns, indexedColumns: ['id', 'created'] })).toMatchObject({ by: 'created', type: 'datetime' });
  });

  test('nullable, rare and fractional columns are passed over with their reasons', () => {
    const columns = [
      column('a', 'int8', { nullable: true }),
      column('b', 'int2', { distinctCount: 3 }),
      column('c', 'numeric(10,2)'),
      column('d', 'numeric'),
      column('e', 'timestamptz'),
    ];
    const plan = planned({ profile: profile({ columns, primaryKey: [], indexedColumns: ['a', 'b', 'c', 'd', 'e'] }) });
    expect(plan.readMode).toBe('query');
    const text = plan.warnings.join('\n');
    for (const reason of [
      'a: it may be NULL',
      'b: only about 3 distinct',
      'c: numeric(10,2) may hold fractions',
      'd: numeric',
      'e: its values must be cast',
    ]) {
      expect(text).toContain(reason);
    }
  });

  test('a column that the load names in another case is among its columns', () => {
    expect(parametersOf(planned({ load: load({ columns: ['ID', 'customer'] }) })).partitionColumn).toBe('id');
  });

  test('a table without an index is read by one query, and the plan says what that costs', () => {
    const plan = planned({ profile: profile({ primaryKey: [], indexedColumns: [] }) });
    expect(plan).toMatchObject({ readMode: 'query', shardCount: 1, maxConcurrentShards: 1 });
    expect(parametersOf(plan)).toMatchObject({ query: 'select * from "public"."orders"' });
    expect(parametersOf(plan).table).toBeUndefined();
    expect(plan.warnings.join('\n')).toContain('one reader on one connection reads everything');
  });
});

describe('a configured column', () => {
  const configured = (partitionColumn: string, more = {}) => load({ partitionColumn, ...more });

  test('that may be NULL is refused, because its rows would be lost', () => {
    const columns = [column('id', 'int8'), column('ref', 'int8', { nullable: true, nullFraction: 0.125 })];
    expect(refused({ load: configured('ref'), profile: profile({ columns }) })).toEqual([
      expect.objectContaining({
        code: 'PARTITION_COLUMN_NULLABLE',
        path: '/loads/orders/partitionColumn',
        message: expect.stringContaining('12.5 %'),
      }),
    ]);
  });

  test('that may be NULL is wrapped when the load says coalesce, and the plan shows it', () => {
    const columns = [column('id', 'int8'), column('ref', 'int8', { nullable: true, histogram: ['17', '90'] })];
    const plan = planned({
      load: configured('ref', { onNullPartitionKey: 'coalesce' }),
      profile: profile({ columns }),
    });
    expect(parametersOf(plan).partitionColumn).toBe('coalesce("ref", 17)');
    expect(plan.steps.join('\n')).toContain('rows whose ref is NULL are read');
    expect(plan.warnings.join('\n')).toContain('index on it is not used');
  });

  test('that does not exist is refused with the nearest one', () => {
    expect(refused({ load: configured('customr') })).toContainEqual(
      expect.objectContaining({
        code: 'PARTITION_COLUMN_UNKNOWN',
        message: expect.stringContaining('did you mean "customer"?'),
      }),
    );
  });

  test.each([['total'], ['customer']])('%s of an unfit type is refused', (name) => {
    expect(refused({ load: configured(name) })).toContainEqual(
      expect.objectContaining({ code: 'PARTITION_COLUMN_TYPE' }),
    );
  });

  test('without an index is used, with a warning', () => {
    const columns = [column('id', 'int8'), column('number', 'int8')];
    expect(planned({ load: configured('number'), profile: profile({ columns }) }).warnings.join('\n')).toContain(
      'number has no index',
    );
  });

  test('must be among the columns of the load', () => {
    expect(refused({ load: configured('id', { columns: ['customer'] }) })).toEqual([
      expect.objectContaining({ code: 'PARTITION_COLUMN_HIDDEN' }),
    ]);
  });

  test('without a profile is taken at its word, and the plan says so', () => {
    const plan = planned({ load: configured('Id', { partitionColumnType: 'datetime' }), profile: undefined });
    expect(parametersOf(plan)).toMatchObject({ partitionColumn: '"Id"', partitionColumnType: 'datetime' });
    expect(plan.warnings.join('\n')).toContain('rows whose Id is NULL would be lost');
  });
});

describe('explicit bounds', () => {
  const bounded = (incremental?: { column: string; from?: string; to?: string }) =>
    load({
      partitionColumn: 'id',
      partitionBounds: { lower: '0', upper: '1000' },
      ...(incremental === undefined ? {} : { incremental }),
    });

  test('are refused when nothing proves that they cover the table', () => {
    expect(refused({ load: bounded() })).toEqual([
      expect.objectContaining({ code: 'PARTITION_BOUNDS', message: expect.stringContaining('nothing proves') }),
    ]);
  });

  test('are sent when a window on the same column lies within them', () => {
    const parameters = parametersOf(planned({ load: bounded({ column: 'id', from: '10', to: '900' }) }));
    expect(parameters).toMatchObject({ lowerBound: '0', upperBound: '1000' });
  });

  test('are refused when the window reaches beyond them, or is open', () => {
    expect(refused({ load: bounded({ column: 'id', from: '10', to: '1001' }) })).toHaveLength(1);
    expect(refused({ load: bounded({ column: 'id', from: '10' }) })).toHaveLength(1);
  });

  test('of a time are sent in the template’s form', () => {
    const columns = [column('id', 'int8'), column('at', 'timestamp')];
    const plan = planned({
      load: load({
        partitionColumn: 'at',
        partitionBounds: { lower: '2026-01-01', upper: '2026-02-01T00:00:00+01:00' },
        incremental: { column: 'at', from: '2026-01-02T00:00:00', to: '2026-01-03T00:00:00' },
      }),
      profile: profile({ columns, indexedColumns: ['id', 'at'] }),
    });
    expect(parametersOf(plan)).toMatchObject({
      lowerBound: '2026-01-01 00:00:00.000+00:00',
      upperBound: '2026-01-31 23:00:00.000+00:00',
    });
  });

  test.each([
    ['5', '5', 'lower must be below upper'],
    ['a', '5', 'must be whole numbers'],
  ])('%s to %s is refused', (lower, upper, message) => {
    expect(refused({ load: load({ partitionColumn: 'id', partitionBounds: { lower, upper } }) })).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });
});
