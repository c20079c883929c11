// The checksum of source and warehouse: equal for equal rows of every type in any order, different for every difference.

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { differingColumns } from '../../local/checksum/differing-columns.ts';
import { sourceChecksum } from '../../local/checksum/source-checksum.ts';
import { describeTable, type SourceTable } from '../../local/checksum/source-columns.ts';
import { warehouseChecksum } from '../../local/checksum/warehouse-checksum.ts';
import { openWarehouse, type Warehouse } from '../../local/dataflow/warehouse/warehouse.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let client: pg.Client;
let warehouse: Warehouse;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new pg.Client(postgres.url);
  await client.connect();
  await client.query(`
    CREATE DOMAIN money_amount AS numeric(12, 2);
    CREATE TYPE colour AS ENUM ('red', 'blue');
    CREATE TABLE everything (
      id bigint PRIMARY KEY, small smallint, amount money_amount, free numeric, real_value real, double_value float8,
      flag boolean, on_day date, at_local timestamp, at_instant timestamptz, words text, padded char(5), code uuid,
      document jsonb, raw bytea, colour colour, numbers int[], "Odd ""name" text
    );
    INSERT INTO everything VALUES
      (1, -7, 12.50, 100, 0.1, 0.1, true, '2024-02-29', '2024-02-29 23:59:59.999999', '2024-03-01 01:00:00.5+02',
       'Grüße 🚀', 'ab', '00000000-0000-4000-8000-00000000000a', '{"b": [1, 2], "a": null}', '\\xdeadbeef', 'red', '{1,2,3}', 'x'),
      (9007199254740993, 7, 12.05, 0.000000001, 16777216, 1e300, false, '0001-01-01', '1960-01-01 00:00:00.000001',
       '1960-01-01 00:00:00.000001+00', '', '', 'ffffffff-ffff-4fff-bfff-ffffffffffff', '"text"', '', 'blue', '{}', ','),
      (3, 0, 0, -0.10, '-0', '-0', NULL, '9999-12-31', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (4, 0, 0, 12345678901234567890.5, 'NaN', 'Infinity', true, NULL, NULL, NULL, '-', NULL, NULL, 'null', NULL, NULL, '{0}', NULL)`);
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

/** The same rows as a load leaves them: in another order, decimals wider, instants in UTC, bytes as bytes. */
beforeEach(async () => {
  warehouse = await openWarehouse(':memory:');
  await warehouse.createDataset('lake');
  await warehouse.query(`
    CREATE TABLE lake.everything (
      id BIGINT, small BIGINT, amount DECIMAL(38, 9), free DECIMAL(38, 9), real_value DOUBLE, double_value DOUBLE,
      flag BOOLEAN, on_day DATE, at_local TIMESTAMP, at_instant TIMESTAMPTZ, words VARCHAR, padded VARCHAR, code VARCHAR,
      document VARCHAR, raw BLOB, colour VARCHAR, numbers BIGINT[], "Odd ""name" VARCHAR)`);
  await warehouse.query(`
    INSERT INTO lake.everything VALUES
      (4, 0, 0, 12345678901234567890.5, 'NaN', 'Infinity', true, NULL, NULL, NULL, '-', NULL, NULL, 'null', NULL, NULL, [0], NULL),
      (3, 0, 0, -0.1, 0, 0, NULL, '9999-12-31', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, [], NULL),
      (9007199254740993, 7, 12.05, 0.000000001, 16777216, 1e300, false, '0001-01-01', '1960-01-01 00:00:00.000001',
       '1960-01-01 00:00:00.000001+00', '', '     ', 'ffffffff-ffff-4fff-bfff-ffffffffffff', '"text"', '', 'blue', [], ','),
      (1, -7, 12.50, 100, 0.1, 0.1, true, '2024-02-29', '2024-02-29 23:59:59.999999', '2024-02-29 23:00:00.5+00',
       'Grüße 🚀', 'ab   ', '00000000-0000-4000-8000-00000000000a', '{"a": null, "b": [1, 2]}', '\\xDE\\xAD\\xBE\\xEF', 'red', [1, 2, 3], 'x')`);
  return () => warehouse.close();
});

const describeSource = async (): Promise<SourceTable> => {
  const table = await describeTable(client, 'public.everything');
  if (table === undefined) throw new Error('no table');
  return table;
};
const ofSource = async () => sourceChecksum(client, await describeSource());
const ofWarehouse = async () =>
  warehouseChecksum(warehouse, { dataset: 'lake', table: 'everything' }, (await describeSource()).columns);

test('equal rows of every type have equal checksums on both sides, whatever their order', async () => {
  const source = await ofSource();
  expect(source.rows).toBe(4);
  expect(source.checksum).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
  expect(await ofWarehouse()).toEqual(source);
});

test('empty tables have equal checksums', async () => {
  await client.query('BEGIN; DELETE FROM everything');
  const source = await ofSource();
  await client.query('ROLLBACK');
  await warehouse.query('DELETE FROM lake.everything');
  expect(source.rows).toBe(0);
  expect(await ofWarehouse()).toEqual(source);
});

test.each([
  ['a lost row', 'DELETE FROM lake.everything WHERE id = 3'],
  ['a duplicated row', 'INSERT INTO lake.everything SELECT * FROM lake.everything WHERE id = 3'],
  [
    'one row twice and another not at all',
    'INSERT INTO lake.everything SELECT * FROM lake.everything WHERE id = 3; DELETE FROM lake.everything WHERE id = 4',
  ],
  [
    'one row three times (what an exclusive-or hides)',
    'INSERT INTO lake.everything SELECT * FROM lake.everything WHERE id = 3; INSERT INTO lake.everything SELECT * FROM lake.everything WHERE id = 3 LIMIT 1',
  ],
  [
    'values swapped between two rows',
    `UPDATE lake.everything SET words = CASE id WHEN 1 THEN '-' ELSE 'Grüße 🚀' END WHERE id IN (1, 4)`,
  ],
  ['values swapped between two columns', 'UPDATE lake.everything SET at_local = at_instant, at_instant = at_local'],
  ['an empty text for NULL', `UPDATE lake.everything SET words = '' WHERE id = 3`],
  ['a dash for NULL', `UPDATE lake.everything SET "Odd ""name" = '-' WHERE id = 4`],
  ['a microsecond', `UPDATE lake.everything SET at_local = at_local + INTERVAL 1 MICROSECOND WHERE id = 1`],
  ['an hour of time zone', `UPDATE lake.everything SET at_instant = at_instant + INTERVAL 1 HOUR WHERE id = 1`],
  ['a decimal digit', 'UPDATE lake.everything SET free = 0.000000002 WHERE id = 9007199254740993'],
  ['an integer beyond a double', 'UPDATE lake.everything SET id = 9007199254740992 WHERE id = 9007199254740993'],
  ['the last bit of a double', 'UPDATE lake.everything SET double_value = 0.10000000000000002 WHERE id = 1'],
  ['the sign of a number', 'UPDATE lake.everything SET small = -small WHERE id = 1'],
  ['a flag', 'UPDATE lake.everything SET flag = false WHERE id = 3'],
  ['a day', `UPDATE lake.everything SET on_day = '0001-01-02' WHERE id = 9007199254740993`],
  ['trailing blanks lost', `UPDATE lake.everything SET padded = 'ab' WHERE id = 1`],
  ['the case of a text', `UPDATE lake.everything SET words = 'grüße 🚀' WHERE id = 1`],
  ['broken characters', `UPDATE lake.everything SET words = 'GrÃ¼ÃŸe 🚀' WHERE id = 1`],
  ['a byte', `UPDATE lake.everything SET raw = '\\xDE\\xAD\\xBE\\xEE' WHERE id = 1`],
  ['the order in an array', 'UPDATE lake.everything SET numbers = [3, 2, 1] WHERE id = 1'],
  ['elements run together', 'UPDATE lake.everything SET numbers = [12, 3] WHERE id = 1'],
])('%s shows', async (_name, change) => {
  for (const statement of change.split('; ')) await warehouse.query(statement);
  expect((await ofWarehouse()).checksum).not.toBe((await ofSource()).checksum);
});

test('after a difference the columns that differ are named, and none when values are in other rows only', async () => {
  const differing = async () =>
    differingColumns(client, await describeSource(), warehouse, { dataset: 'lake', table: 'everything' });
  await warehouse.query(
    `UPDATE lake.everything SET words = CASE id WHEN 1 THEN '-' ELSE 'Grüße 🚀' END WHERE id IN (1, 4)`,
  );
  expect(await differing()).toEqual([]);
  await warehouse.query('UPDATE lake.everything SET small = 8, flag = false WHERE id = 3');
  expect(await differing()).toEqual(['small', 'flag']);
});

test('a column the warehouse lacks is named', async () => {
  await warehouse.query('ALTER TABLE lake.everything DROP COLUMN colour');
  await expect(ofWarehouse()).rejects.toThrow('lake.everything in the warehouse lacks colour');
});

test('the catalogue gives domains, arrays and declared digits as what they are', async () => {
  const { columns } = await describeSource();
  expect(columns.find(({ name }) => name === 'amount')).toMatchObject({ kind: 'decimal', precision: 12, scale: 2 });
  expect(columns.find(({ name }) => name === 'numbers')).toMatchObject({ kind: 'integer', isArray: true });
  expect(columns.find(({ name }) => name === 'free')).not.toHaveProperty('precision');
  expect(await describeTable(client, 'public.nothing')).toBeUndefined();
});
