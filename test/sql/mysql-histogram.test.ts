// The histograms of MySQL and MariaDB, in the forms their manuals give, become equi-depth bounds.

import type { Connection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { measureSkew } from '../../shared/plan/skew.ts';
import { mysqlHistograms } from '../../shared/sql/mysql-histogram.ts';

/** A server that answers MySQL's question, or refuses it and answers MariaDB's. */
const server = (kind: 'mysql' | 'mariadb' | 'neither', histogram: unknown, nulls: number | null = null) =>
  ({
    query: async ({ sql }: { sql: string }) => {
      const isMysqls = sql.includes('COLUMN_STATISTICS');
      if (kind === 'neither' || isMysqls !== (kind === 'mysql')) throw new Error('Unknown table or no right');
      return [[{ name: 'id', histogram, nulls }], []];
    },
  }) as unknown as Connection;
const read = async (connection: Connection) =>
  (await mysqlHistograms(connection, { schema: 's', name: 't', timeoutMs: 1000 })).get('id');

describe('the histogram', () => {
  test('of MySQL, equi-height, counts values without the NULLs', async () => {
    const buckets = [
      [0, 9, 0.4, 10],
      [10, 1000, 0.8, 50],
    ];
    const found = await read(server('mysql', { 'histogram-type': 'equi-height', 'null-values': 0.2, buckets }));
    expect(found?.nullFraction).toBe(0.2);
    expect(found?.histogram).toHaveLength(101);
    expect([0, 1, 50, 51, 100].map((index) => found?.histogram[index])).toEqual(['0', '9', '9', '1000', '1000']);
  });

  test('of MySQL, singleton, as text, repeats a value as often as it stands', async () => {
    const buckets = [
      [1, 0.9],
      [100, 1],
    ];
    const found = await read(server('mysql', JSON.stringify({ 'histogram-type': 'singleton', buckets })));
    expect(found?.histogram.filter((bound) => bound === '1')).toHaveLength(91);
    expect(measureSkew({ histogram: [...(found?.histogram ?? [])] }, 'long', 10)?.fullestShare).toBeCloseTo(0.9, 1);
  });

  test('of MariaDB takes the start of the next bucket for the end of one', async () => {
    const bars = [
      { start: '2026-01-01', size: 0.75, ndv: 3 },
      { start: '2026-02-01', end: '2026-12-31', size: 0.25, ndv: 9 },
    ];
    const found = await read(server('mariadb', JSON.stringify({ histogram_hb: bars }), 0.1));
    expect([0, 75, 76].map((index) => found?.histogram[index])).toEqual(['2026-01-01', '2026-02-01', '2026-12-31']);
    expect(found?.nullFraction).toBe(0.1);
  });

  test.each([
    ['no right to either', 'neither', ''],
    ['no JSON', 'mariadb', '{'],
    ['another form', 'mysql', { buckets: 3 }],
  ] as const)('is none with %s', async (_, kind, histogram) => {
    expect(await read(server(kind, histogram))).toBeUndefined();
  });
});
