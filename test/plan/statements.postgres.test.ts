// The statements of plans, run on a real PostgreSQL in the form the template puts them: nothing is lost, nothing is misread.

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { column, load, parametersOf, planned, profile } from './support.ts';

let postgres: TestPostgres;
let client: Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`
    create schema "Odd.Schema";
    create type mood as enum ('fine', 'bad');
    create table "Odd.Schema"."Order ""Lines""" (
      "Id" bigint primary key, ref bigint, "order" text not null, at timestamptz, day date, data jsonb, key uuid,
      span interval, address inet, tags text[], clock time, feeling mood, raw bytea
    );
    insert into "Odd.Schema"."Order ""Lines"""
    select n, case when n % 10 = 0 then null else n * 3 end, 'it''s ' || n, timestamptz '2026-01-01 00:00:00.123456+02' + n * interval '1 hour',
      date '2026-01-01' + n::int, jsonb_build_object('n', n), gen_random_uuid(), interval '90 minutes', inet '10.0.0.1',
      array['a', 'b'], time '10:00:00.654321', 'fine', '\\x00ff'
    from generate_series(-50, 949) as n
  `);
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const columns = [
  column('Id', 'int8'),
  column('ref', 'int8', { nullable: true }),
  column('order', 'text'),
  column('at', 'timestamptz', { nullable: true }),
  column('day', 'date', { nullable: true }),
  column('data', 'jsonb', { nullable: true }),
  column('key', 'uuid', { nullable: true }),
  column('span', 'interval', { nullable: true }),
  column('address', 'inet', { nullable: true }),
  column('tags', 'text[]', { nullable: true }),
  column('clock', 'time', { nullable: true }),
  column('feeling', 'mood', { nullable: true }),
  column('raw', 'bytea', { nullable: true }),
];
const odd = (more: Partial<TableProfile> = {}) =>
  profile({
    schemaName: 'Odd.Schema',
    tableName: 'Order "Lines"',
    columns,
    primaryKey: ['Id'],
    indexedColumns: ['Id'],
    ...more,
  });
const table = '"Odd.Schema"."Order ""Lines"""';

/** Reads as the template does: min and max of the column, then ranges [low, high) up to and including max. */
async function readInRanges(more: Partial<EffectiveLoad>, ranges = 7): Promise<Record<string, unknown>[]> {
  const plan = planned({ load: load({ table, targetTable: 't', ...more }), profile: odd() });
  const { table: from, partitionColumn: by } = parametersOf(plan);
  const bounds = await client.query<{ low: string; high: string }>(
    `select min(${by}) as low, max(${by}) as high from ${from}`,
  );
  const low = Number(bounds.rows[0]?.low);
  const high = Number(bounds.rows[0]?.high);
  const width = Math.floor((high - low) / ranges) + 1;
  const rows: Record<string, unknown>[] = [];
  for (let start = low; start <= high; start += width) {
    const range = await client.query<Record<string, unknown>>(
      `select * from ${from} where ${by} >= $1 and ${by} < $2`,
      [start, Math.min(start + width, high + 1)],
    );
    rows.push(...range.rows);
  }
  return rows;
}

describe('on PostgreSQL', () => {
  test('odd names and cast columns are read whole', async () => {
    const rows = await readInRanges({});
    expect(rows).toHaveLength(1000);
    const row = rows.find((one) => one.Id === '1');
    expect(row).toMatchObject({
      order: "it's 1",
      data: '{"n": 1}',
      span: '01:30:00',
      address: '10.0.0.1/32',
      clock: '10:00:00.654321',
      feeling: 'fine',
    });
    expect(Object.keys(row ?? {})).toEqual(columns.map(({ name }) => name));
  });

  test('a timestamptz keeps its instant and its microseconds', async () => {
    const plan = planned({ load: load({ table, targetTable: 't' }), profile: odd() });
    const { table: from } = parametersOf(plan);
    const answer = await client.query<{ text: string }>(`select "at"::text as text from ${from} where "Id" = 0`);
    expect(answer.rows[0]?.text).toBe('2025-12-31 22:00:00.123456');
  });

  test('rows whose partition column is NULL are read too when the load says coalesce', async () => {
    const rows = await readInRanges({ partitionColumn: 'ref', onNullPartitionKey: 'coalesce' });
    expect(rows).toHaveLength(1000);
    expect(rows.filter((row) => row.ref === null)).toHaveLength(100);
  });

  test.each([
    ['numbers', { column: 'Id', from: '-3', to: '4' }, 7],
    ['times with a zone', { column: 'at', from: '2026-01-01T00:00:00+02:00', to: '2026-01-01T03:00:00+02:00' }, 3],
    ['dates', { column: 'day', from: '2026-01-02', to: '2026-01-05' }, 3],
    ['texts', { column: 'order', from: "it's 5", to: "it's 50" }, 1],
  ])('a window of %s holds exactly its rows', async (_, incremental, count) => {
    expect(await readInRanges({ incremental })).toHaveLength(count);
  });

  test('a table that cannot be split is read by its query', async () => {
    const plan = planned({
      load: load({ table, targetTable: 't' }),
      profile: odd({ primaryKey: [], indexedColumns: [] }),
    });
    const answer = await client.query(parametersOf(plan).query ?? '');
    expect(answer.rows).toHaveLength(1000);
  });

  test('quoted text from a hostile watermark finds nothing and breaks nothing', async () => {
    const rows = await readInRanges({
      incremental: { column: 'order', from: `x'; drop schema "Odd.Schema" cascade; --` },
    });
    expect(rows).toEqual([]);
    expect(await readInRanges({})).toHaveLength(1000);
  });
});
