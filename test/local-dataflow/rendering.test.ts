// Values on their way: PostgreSQL's types through the template's rendering into BigQuery's types.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Loading, startLoading } from './loading.ts';

let it: Loading;
let tables = 0;
beforeAll(async () => {
  it = await startLoading();
  await it.sql("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN price AS numeric(10, 2)");
});
afterAll(() => it.stop());

type Arrival = readonly [sourceType: string, literal: string, targetType: string, expected: string];

/** One load of one table with a column for each case, the value in the first row and NULL in the second; then one test for each. */
function arrivals(cases: readonly Arrival[]): void {
  const name = `v${++tables}`;
  let loaded: Readonly<Record<string, unknown>>[] = [];
  beforeAll(async () => {
    await it.sql(`CREATE TABLE ${name} (id int, ${cases.map(([type], index) => `v${index} ${type}`).join(', ')})`);
    await it.sql(
      `INSERT INTO ${name} VALUES (1, ${cases.map(([, literal]) => literal).join(', ')}); INSERT INTO ${name} VALUES (2)`,
    );
    const columns = cases.map(([, , type], index): [string, string] => [`v${index}`, type]);
    const job = await it.load(name, it.schema(name, { id: 'INT64', ...Object.fromEntries(columns) }));
    expect(job.errors).toEqual([]);
    const texts = cases.map((_, index) => `v${index}::VARCHAR AS v${index}`);
    loaded = await it.rows(`SELECT ${texts.join(', ')} FROM shop.${name} ORDER BY id`);
  });
  test.each(cases.map((one, index): [...Arrival, number] => [...one, index]))(
    '%s %s into %s',
    (_, __, targetType, expected, index) => {
      expect(loaded[0]?.[`v${index}`]).toBe(expected);
      expect(loaded[1]?.[`v${index}`]).toBe(targetType.endsWith('REPEATED') ? '[]' : null);
    },
  );
}

/** The error of a load of one value. */
async function refusal(sourceType: string, literal: string, targetType: string): Promise<string> {
  const name = `v${++tables}`;
  await it.sql(`CREATE TABLE ${name} (id int, v ${sourceType}); INSERT INTO ${name} VALUES (1, ${literal}), (2, NULL)`);
  const job = await it.load(name, it.schema(name, { id: 'INT64', v: targetType }));
  expect(job.state).toBe('JOB_STATE_FAILED');
  return job.errors.join('\n');
}

describe('into the type that fits, a value arrives as it is', () => {
  arrivals([
    ['smallint', '-7', 'INT64', '-7'],
    ['bigint', '9223372036854775807', 'INTEGER', '9223372036854775807'],
    ['oid', '4000000000', 'INT64', '4000000000'],
    ['double precision', "'1e-300'", 'FLOAT64', '1e-300'],
    ['double precision', "'NaN'", 'FLOAT', 'nan'],
    ['double precision', "'-Infinity'", 'FLOAT', '-inf'],
    ['real', '1.5', 'FLOAT64', '1.5'],
    ['bigint', '3', 'FLOAT64', '3.0'],
    ['numeric(12, 2)', '-1234567890.12', 'NUMERIC', '-1234567890.120000000'],
    ['numeric', '12345678901234567890123456789.123456789', 'NUMERIC', '12345678901234567890123456789.123456789'],
    ['numeric', '0.1234567895', 'NUMERIC', '0.123456790'],
    ['numeric', '12345678901234567890.123456789012345678', 'BIGNUMERIC', '12345678901234567890.123456789012345678'],
    ['price', '9.99', 'NUMERIC', '9.990000000'],
    ['numeric(15, 0)', '-999999999999999', 'NUMERIC', '-999999999999999.000000000'],
    ['numeric(15, 6)', '999999999.999999', 'NUMERIC', '999999999.999999000'],
    ['numeric(15, 5)', '-0.00001', 'NUMERIC', '-0.000010000'],
    ['numeric(15, 15)', '0.123456789512345', 'NUMERIC', '0.123456790'],
    ['numeric(12, 3)', '100000000', 'NUMERIC', '100000000.000000000'],
    ['numeric(5, 1)', '0', 'NUMERIC', '0.000000000'],
    ['numeric(16, 6)', '1234567890.123456', 'NUMERIC', '1234567890.123456000'],
    ['numeric(4, -2)', '123456', 'NUMERIC', '123500.000000000'],
    ['bigint', '12', 'NUMERIC', '12.000000000'],
    ['boolean', 'true', 'BOOL', 'true'],
    ['text', "''", 'STRING', ''],
    ['text', "'NULL'", 'STRING', 'NULL'],
    ['text', "E'\\\\N'", 'STRING', '\\N'],
    [
      'text',
      "E'tab\\t line\\n cr\\r bell\\b feed\\f vert\\v quote\" comma, back\\\\slash \\\\n'",
      'STRING',
      'tab\t line\n cr\r bell\b feed\f vert\v quote" comma, back\\slash \\n',
    ],
    ['text', "E'\\\\\\\\\\n\\\\'", 'STRING', '\\\\\n\\'],
    ['text', "'Grüße 🚚'", 'STRING', 'Grüße 🚚'],
    ['varchar(10)', "'abc'", 'STRING', 'abc'],
    ['char(5)', "'abc'", 'STRING', 'abc  '],
    ['mood', "'glad'", 'STRING', 'glad'],
    ['uuid', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'STRING', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['date', "'2024-02-29'", 'DATE', '2024-02-29'],
    ['date', "'0001-01-01'", 'DATE', '0001-01-01'],
    ['date', "'9999-12-31'", 'DATE', '9999-12-31'],
    ['timestamp', "'0001-01-01 00:00:00'", 'TIMESTAMP', '0001-01-01 00:00:00+00'],
    ['timestamp', "'9999-12-31 23:59:59.999999'", 'TIMESTAMP', '9999-12-31 23:59:59.999999+00'],
    ['timestamp', "'2024-02-29 23:59:59.123456'", 'TIMESTAMP', '2024-02-29 23:59:59.123456+00'],
    ['timestamp', "'1969-12-31 23:59:59.5'", 'TIMESTAMP', '1969-12-31 23:59:59.5+00'],
    ['time', "'12:34:56.789'", 'TIME', '12:34:56'],
    ['timetz', "'01:30:00+02:30'", 'TIME', '23:00:00'],
    ['bytea', "'\\x00ff5c0a'", 'BYTES', '\\x00\\xFF\\x5C\\x0A'],
    ['integer[]', "'{1,2}'", 'INT64 REPEATED', '[1, 2]'],
    ['text[]', "ARRAY['a\"b', E'c\\\\d', 'e,f']", 'STRING REPEATED', `['a"b', c\\d, 'e,f']`],
  ]);
});

describe('into STRING, a value arrives as the text the template makes of it', () => {
  arrivals([
    ['integer', '42', 'STRING', '42'],
    ['numeric(6, 3)', '1.500', 'STRING', '1.500'],
    ['boolean', 'false', 'STRING', 'false'],
    ['date', "'2024-02-29'", 'STRING', '2024-02-29'],
    ['timestamp', "'2024-02-29 23:59:59.5'", 'STRING', '2024-02-29 23:59:59.500000Z'],
    ['time', "'12:34:56.789'", 'STRING', '12:34:56'],
    // Nothing names timestamptz, so it is epoch milliseconds.
    ['timestamptz', "'2024-01-01 01:00:00.1239+01'", 'STRING', '1704067200123'],
    ['bytea', "'\\x68656c6c6f'", 'STRING', 'aGVsbG8='],
  ]);
});

describe('what the driver has no class for is an object of type and value', () => {
  arrivals([
    ['jsonb', `'{"a": [1, "x\\\\y"]}'`, 'JSON', '{"type":"jsonb","value":"{\\"a\\": [1, \\"x\\\\\\\\y\\"]}"}'],
    ['inet', "'10.0.0.1'", 'JSON', '{"type":"inet","value":"10.0.0.1"}'],
  ]);

  test('so it fits no scalar column, until the query casts it', async () => {
    expect(await refusal('jsonb', `'{}'`, 'STRING')).toContain('JSON object specified for non-record field: v');
    await it.sql(`CREATE TABLE cast_json AS SELECT 1 AS id, '{"a": 1}'::jsonb AS v`);
    const table = '(select id, v::text as v from cast_json) as t';
    const job = await it.load('cast_json', { table, ...it.schema('cast_json', { id: 'INT64', v: 'STRING' }) });
    expect(job.state).toBe('JOB_STATE_DONE');
    expect(await it.rows('SELECT v FROM shop.cast_json')).toEqual([{ v: '{"a": 1}' }]);
  });
});

describe('other readings of BigQuery', () => {
  arrivals([
    ['text', "'123'", 'INT64', '123'],
    ['numeric', '7.00', 'INT64', '7'],
    ['text', "'2024-01-01 00:00:00+01'", 'TIMESTAMP', '2023-12-31 23:00:00+00'],
    ['text', "'2024-01-01T10:00:00'", 'DATETIME', '2024-01-01 10:00:00'],
    ['text', "'yes'", 'BOOL', 'true'],
    ['text', "'2.5'", 'NUMERIC', '2.500000000'],
    // Epoch milliseconds read as seconds: right by accident only near 1970.
    ['timestamptz', "'1970-01-01 00:00:01Z'", 'TIMESTAMP', '1970-01-01 00:16:40+00'],
  ]);

  test.each([
    ['text', "'12a'", 'INT64', 'Could not convert value to integer. Field: v; Value: 12a'],
    ['numeric', '1.5', 'INT64', 'Could not convert value to integer. Field: v; Value: 1.5'],
    [
      'timestamptz',
      "'2024-01-01Z'",
      'TIMESTAMP',
      'Could not convert value to timestamp. Field: v; Value: 1704067200000',
    ],
    [
      'timestamp',
      "'2024-01-01'",
      'DATETIME',
      'Could not convert value to datetime. Field: v; Value: 2024-01-01 00:00:00.000000Z',
    ],
    ['integer', '1', 'DATE', 'Could not convert a JSON number to DATE. Field: v'],
    ['integer', '1', 'INT64 REPEATED', 'Repeated field must be imported as a JSON array'],
    ['integer[]', "'{1,NULL}'", 'INT64 REPEATED', 'Only optional fields can be set to NULL'],
    ['integer[]', "'{1}'", 'INT64', 'Array specified for non-repeated field: v'],
    ['numeric', "'NaN'", 'NUMERIC', 'Error while reading data'],
    ['numeric(6, 2)', "'NaN'", 'NUMERIC', 'column v holds NaN or Infinity'],
    ['timestamp', "'infinity'", 'TIMESTAMP', 'column v holds an infinite time'],
    ['date', "'-infinity'", 'DATE', 'column v holds an infinite date'],
    ['date', "'0044-03-15 BC'", 'DATE', 'column v holds a date outside the years 1 to 9999'],
    ['date', "'10000-01-01'", 'DATE', 'column v holds a date outside the years 1 to 9999'],
    ['timestamp', "'0001-12-31 23:59:59.999999 BC'", 'DATETIME', 'column v holds a time outside the years 1 to 9999'],
    ['timestamptz', "'10000-01-01 00:00+00'", 'TIMESTAMP', 'column v holds a time outside the years 1 to 9999'],
  ])('%s %s into %s fails the load in its words', async (sourceType, literal, targetType, text) => {
    expect(await refusal(sourceType, literal, targetType)).toContain(text);
  });
});

test('a row of many megabytes arrives', async () => {
  await it.sql(
    'CREATE TABLE wide AS SELECT g AS id, repeat(md5(g::text), 100000 * (g % 2)) AS v FROM generate_series(1, 4) g',
  );
  const job = await it.load('wide', it.schema('wide', { id: 'INT64', v: 'STRING' }));
  expect(job.errors).toEqual([]);
  expect(await it.rows('SELECT id, length(v) AS n FROM shop.wide ORDER BY id')).toEqual([
    { id: 1, n: 3_200_000 },
    { id: 2, n: 0 },
    { id: 3, n: 3_200_000 },
    { id: 4, n: 0 },
  ]);
});
