// The BigQuery schema made from a source table: a type for every column that keeps its values whole.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTable } from '../../local/checksum/source-columns.ts';
import { writeSchemaFile } from '../../local/cloud/schema-file.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let client: pg.Client;
const buckets = mkdtempSync(join(tmpdir(), 'buckets-'));
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new pg.Client(postgres.url);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
  rmSync(buckets, { recursive: true, force: true });
});

type Field = { name: string; type: string; mode: string; precision?: string; scale?: string };
async function fieldsOf(tableName: string): Promise<Field[]> {
  const table = await describeTable(client, tableName);
  if (table === undefined) throw new Error(`no table ${tableName}`);
  await writeSchemaFile(client, table, buckets, `gs://local-schemas/${tableName}.json`);
  return JSON.parse(readFileSync(join(buckets, 'local-schemas', `${tableName}.json`), 'utf8')).fields;
}

test('every kind of column gets the type the template writes it as', async () => {
  await client.query(`CREATE TABLE kinds (
    i int8, s int2, n numeric(12, 2), big numeric(38, 20), r real, d float8, b bool, day date, at timestamp, tz timestamptz,
    raw bytea, t text, j jsonb, u uuid, clock time, tags text[], numbers int[])`);
  const fields = await fieldsOf('kinds');
  expect(fields.map(({ name, type, mode }) => [name, mode === 'REPEATED' ? `${type}[]` : type])).toEqual([
    ['i', 'INTEGER'],
    ['s', 'INTEGER'],
    ['n', 'NUMERIC'],
    ['big', 'BIGNUMERIC'],
    ['r', 'FLOAT'],
    ['d', 'FLOAT'],
    ['b', 'BOOLEAN'],
    ['day', 'DATE'],
    ['at', 'TIMESTAMP'],
    ['tz', 'TIMESTAMP'],
    ['raw', 'BYTES'],
    ['t', 'STRING'],
    ['j', 'STRING'],
    ['u', 'STRING'],
    ['clock', 'STRING'],
    ['tags', 'STRING[]'],
    ['numbers', 'INTEGER[]'],
  ]);
  expect(fields[2]).toMatchObject({ precision: '12', scale: '2' });
});

test('a decimal without declared digits is a decimal while its values fit one, else a text that keeps them all', async () => {
  await client.query(`
    CREATE TABLE decimals (fits numeric, zeros numeric, tiny numeric, huge numeric, odd numeric, empty numeric, wide numeric(60, 30));
    INSERT INTO decimals VALUES
      (-12345678901234567890.123456789012345678, 1.50000000000000000000000, 0.1234567890123456789, 123456789012345678901, 'NaN', NULL, 1.5),
      (1, 0, 1, 1, 1, NULL, 0)`);
  expect((await fieldsOf('decimals')).map(({ name, type }) => [name, type])).toEqual([
    ['fits', 'BIGNUMERIC'],
    ['zeros', 'BIGNUMERIC'],
    ['tiny', 'STRING'],
    ['huge', 'STRING'],
    ['odd', 'STRING'],
    ['empty', 'BIGNUMERIC'],
    ['wide', 'BIGNUMERIC'],
  ]);
});
