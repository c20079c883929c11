// Values on their way: MySQL's types through the driver's and the template's rendering into BigQuery's types.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mariadbFor } from '../support/start-mariadb.ts';
import { type MysqlLoading, startMysqlLoading } from './mysql-loading.ts';

let it: MysqlLoading;
let tables = 0;

type Arrival = readonly [sourceType: string, literal: string, targetType: string, expected: string | null];

/** One load of one table with a column for each case, the value in the first row and NULL in the second; then one test for each. */
function arrivals(cases: readonly Arrival[], changes: Record<string, string> = {}): void {
  const name = `v${++tables}`;
  let loaded: Readonly<Record<string, unknown>>[] = [];
  beforeAll(async () => {
    const definitions = cases.map(([type], index) => `v${index} ${type} NULL`);
    await it.sql(`SET sql_mode = ''; CREATE TABLE ${name} (id int, ${definitions.join(', ')})`);
    await it.sql(`INSERT INTO ${name} VALUES (1, ${cases.map(([, literal]) => literal).join(', ')})`);
    await it.sql(`INSERT INTO ${name} (id) VALUES (2)`);
    const columns = cases.map(([, , type], index): [string, string] => [`v${index}`, type]);
    const schema = it.schema(name, { id: 'INT64', ...Object.fromEntries(columns) });
    const job = await it.load(name, { ...schema, ...changes });
    expect(job.errors).toEqual([]);
    const texts = cases.map(([, , type], index) => `${shown(type, `v${index}`)} AS v${index}`);
    loaded = await it.rows(`SELECT ${texts.join(', ')} FROM shop.${name} ORDER BY id`);
  });
  test.each(cases.map((one, index): [...Arrival, number] => [...one, index]))(
    '%s %s into %s',
    (_, __, ___, expected, index) => {
      expect(loaded[0]?.[`v${index}`]).toBe(expected);
      expect(loaded[1]?.[`v${index}`]).toBeNull();
    },
  );
}

const shown = (type: string, column: string): string => (type === 'BYTES' ? `hex(${column})` : `${column}::VARCHAR`);

/** The error of a load of one value. */
async function refusal(
  sourceType: string,
  literal: string,
  targetType: string,
  changes: Record<string, string> = {},
): Promise<string> {
  const name = `v${++tables}`;
  await it.sql(`SET sql_mode = ''; CREATE TABLE ${name} (id int, v ${sourceType} NULL)`);
  await it.sql(`INSERT INTO ${name} VALUES (1, ${literal}), (2, NULL)`);
  const job = await it.load(name, { ...it.schema(name, { id: 'INT64', v: targetType }), ...changes });
  expect(job.state).toBe('JOB_STATE_FAILED');
  return job.errors.join('\n');
}

describe.skipIf(!mariadbFor('rendering of MySQL types'))('of MySQL', () => {
  beforeAll(async () => {
    it = await startMysqlLoading();
  });
  afterAll(() => it?.stop());

  describe('into the type that fits, a value arrives as it is', () => {
    arrivals([
      ['tinyint', '-128', 'INT64', '-128'],
      ['tinyint unsigned', '255', 'INT64', '255'],
      ['tinyint(1)', '0', 'BOOL', 'false'],
      ['tinyint(1)', '1', 'BOOL', 'true'],
      // As ODBC and Visual Basic have it: -1 is true as well, other negative numbers are not.
      ['tinyint(1)', '-1', 'BOOL', 'true'],
      ['tinyint(1)', '-2', 'BOOL', 'false'],
      ['tinyint(1)', '7', 'BOOL', 'true'],
      ['tinyint(1) unsigned', '7', 'INT64', '7'],
      ['smallint', '-32768', 'INT64', '-32768'],
      ['smallint unsigned', '65535', 'INT64', '65535'],
      ['mediumint', '-8388608', 'INT64', '-8388608'],
      ['mediumint unsigned', '16777215', 'INT64', '16777215'],
      ['int', '-2147483648', 'INT64', '-2147483648'],
      ['int unsigned', '4294967295', 'INT64', '4294967295'],
      ['int(10) unsigned zerofill', '42', 'INT64', '42'],
      ['bigint', '-9223372036854775808', 'INT64', '-9223372036854775808'],
      ['bigint unsigned', '9223372036854775807', 'INT64', '9223372036854775807'],
      ['bigint unsigned', '18446744073709551615', 'NUMERIC', '18446744073709551615.000000000'],
      ['bigint unsigned', '18446744073709551615', 'BIGNUMERIC', '18446744073709551615.000000000000000000'],
      ['float', '1.1', 'FLOAT64', '1.1'],
      ['float', '16777216', 'FLOAT64', '16777216.0'],
      ['float', '-3.402823466e38', 'FLOAT64', '-3.4028235e+38'],
      ['double', '-2.2250738585072014e-308', 'FLOAT64', '-2.2250738585072014e-308'],
      ['double', '0.1', 'FLOAT64', '0.1'],
      ['decimal(12, 2)', '-1234567890.12', 'NUMERIC', '-1234567890.120000000'],
      ['decimal(15, 15)', '-0.123456789512345', 'NUMERIC', '-0.123456790'],
      ['decimal(15, 0)', '999999999999999', 'NUMERIC', '999999999999999.000000000'],
      ['decimal(12, 2) unsigned zerofill', '7.5', 'NUMERIC', '7.500000000'],
      ['decimal(20, 2) unsigned zerofill', '7.5', 'NUMERIC', '7.500000000'],
      [
        'decimal(38, 9)',
        '-12345678901234567890123456789.123456789',
        'NUMERIC',
        '-12345678901234567890123456789.123456789',
      ],
      [
        'decimal(65, 30)',
        '12345678901234567890.123456789012345678',
        'BIGNUMERIC',
        '12345678901234567890.123456789012345678',
      ],
      ['bit(1)', "b'1'", 'BOOL', 'true'],
      ['bit(1)', "b'0'", 'BOOL', 'false'],
      ['bit(8)', "b'10000001'", 'BYTES', '81'],
      ['bit(64)', "b'1'", 'BYTES', '0000000000000001'],
      ['char(5)', "'abc'", 'STRING', 'abc'],
      ['varchar(20)', "''", 'STRING', ''],
      ['varchar(20)', "'NULL'", 'STRING', 'NULL'],
      ['varchar(20) CHARACTER SET latin1', "'Grüße'", 'STRING', 'Grüße'],
      ['varchar(20) COLLATE utf8mb4_bin', "'Grüße 🚚'", 'STRING', 'Grüße 🚚'],
      ['tinytext', "'tab\\t line\\n quote\\' back\\\\slash'", 'STRING', "tab\t line\n quote' back\\slash"],
      ['text', "repeat('ab', 30000)", 'STRING', 'ab'.repeat(30_000)],
      ['mediumtext', "repeat('x', 70000)", 'STRING', 'x'.repeat(70_000)],
      ['longtext', "'🚚'", 'STRING', '🚚'],
      ['json', `'{"b": [1, "x"]}'`, 'STRING', '{"b": [1, "x"]}'],
      ["enum('small', 'large')", "'large'", 'STRING', 'large'],
      ["set('red', 'blue', 'green')", "'green,red'", 'STRING', 'red,green'],
      ['binary(4)', "x'00ff'", 'BYTES', '00FF0000'],
      ['varbinary(10)', "x'00ff5c0a'", 'BYTES', '00FF5C0A'],
      ['varbinary(10)', "''", 'BYTES', ''],
      ['blob', "x'00'", 'BYTES', '00'],
      ['longblob', "repeat(x'ff', 3)", 'BYTES', 'FFFFFF'],
      ['point', "ST_GeomFromText('POINT(1 2)')", 'BYTES', '000000000101000000000000000000F03F0000000000000040'],
      ['date', "'2024-02-29'", 'DATE', '2024-02-29'],
      ['date', "'1000-01-01'", 'DATE', '1000-01-01'],
      ['date', "'9999-12-31'", 'DATE', '9999-12-31'],
      ['datetime', "'2024-02-29 00:00:00'", 'DATETIME', '2024-02-29 00:00:00'],
      ['datetime(6)', "'9999-12-31 23:59:59.999999'", 'DATETIME', '9999-12-31 23:59:59.999999'],
      ['datetime(3)', "'1000-01-01 00:00:00.5'", 'DATETIME', '1000-01-01 00:00:00.5'],
      ['datetime(6)', "'1969-12-31 23:59:59.000001'", 'TIMESTAMP', '1969-12-31 23:59:59.000001+00'],
      ['timestamp(6)', "'2024-02-29 23:59:59.123456'", 'TIMESTAMP', '2024-02-29 23:59:59.123456+00'],
      ['time', "'23:59:59'", 'TIME', '23:59:59'],
      ['time', "'00:00:00'", 'TIME', '00:00:00'],
      // java.sql.Time is written without its fraction.
      ['time(6)', "'12:34:56.999999'", 'TIME', '12:34:56'],
    ]);
  });

  describe('into STRING, a value arrives as the text the template makes of it', () => {
    arrivals([
      ['bigint unsigned', '18446744073709551615', 'STRING', '18446744073709551615'],
      [
        'decimal(65, 30)',
        '-99999999999999999999999999999999999.000000000000000000000000000001',
        'STRING',
        '-99999999999999999999999999999999999.000000000000000000000000000001',
      ],
      ['decimal(20, 2) unsigned zerofill', '7.5', 'STRING', '7.50'],
      ['datetime', "'2024-02-29 23:59:59'", 'STRING', '2024-02-29 23:59:59.000000'],
      ['timestamp', "'2024-02-29 23:59:59'", 'STRING', '2024-02-29 23:59:59.000000Z'],
      ['date', "'2024-02-29'", 'STRING', '2024-02-29'],
      // No rule names a year, so it is the epoch milliseconds of its first day.
      ['year', '1901', 'STRING', '-2177452800000'],
      ['year', '2155', 'STRING', '5838048000000'],
      ['year', '0', 'STRING', '946684800000'],
      ['bit(8)', "b'10000001'", 'STRING', 'gQ=='],
      ['varbinary(10)', "'hello'", 'STRING', 'aGVsbG8='],
      ['tinyint(1)', '1', 'STRING', 'true'],
    ]);
  });

  describe('with properties of the driver', () => {
    const properties = 'tinyInt1isBit=false;yearIsDateType=false;zeroDateTimeBehavior=CONVERT_TO_NULL';
    arrivals(
      [
        ['tinyint(1)', '-2', 'INT64', '-2'],
        ['year', '2024', 'INT64', '2024'],
        ['date', "'0000-00-00'", 'DATE', null],
        ['datetime', "'0000-00-00 00:00:00'", 'DATETIME', null],
        ['timestamp', "'0000-00-00 00:00:00'", 'TIMESTAMP', null],
      ],
      { connectionProperties: properties },
    );
    arrivals([['date', "'0000-00-00'", 'DATE', '0001-01-01']], { connectionProperties: 'zeroDateTimeBehavior=ROUND' });
  });

  test.each([
    [
      'bigint unsigned',
      '9223372036854775808',
      'INT64',
      'Could not convert value to integer. Field: v; Value: 9223372036854775808',
    ],
    [
      'datetime',
      "'2024-01-01'",
      'DATE',
      'Could not convert value to date. Field: v; Value: 2024-01-01 00:00:00.000000',
    ],
    ['timestamp', "'2024-01-01'", 'DATETIME', 'Value: 2024-01-01 00:00:00.000000Z'],
    ['bit(8)', "b'1'", 'INT64', 'Could not convert value to integer'],
    ['date', "'0000-00-00'", 'DATE', 'Zero date value prohibited'],
    ['datetime', "'0000-00-00'", 'DATETIME', 'Zero date value prohibited'],
    ['date', "'2024-00-15'", 'DATE', 'column v holds 2024-0-15, which is no date'],
    ['time', "'-01:00:00'", 'TIME', "The value '-01:00:00' is an invalid TIME value"],
    ['time', "'838:59:59'", 'TIME', "The value '838:59:59' is an invalid TIME value"],
    ['time', "'24:00:00'", 'STRING', "The value '24:00:00' is an invalid TIME value"],
  ])('%s %s into %s fails the load in its words', async (sourceType = '', literal = '', targetType = '', text = '') => {
    expect(await refusal(sourceType, literal, targetType)).toContain(text);
  });
});
