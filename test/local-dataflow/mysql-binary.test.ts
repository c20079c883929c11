// MySQL's column metadata and binary rows without a server: what kind a column is, and which numbers its bytes become.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRow } from '../../local/dataflow/mysql/binary.ts';
import { epochMsOf, longOf } from '../../local/dataflow/mysql/bounds.ts';
import { type MysqlField, mysqlColumn, type ReadingRules } from '../../local/dataflow/mysql/columns.ts';
import { epochDays, putEpochMicros } from '../../local/dataflow/mysql/dates.ts';
import { mysqlError, mysqlPoolError } from '../../local/dataflow/mysql/errors.ts';
import { type WireColumn, type WireForm, wire } from '../../local/dataflow/mysql/wire.ts';
import { createColumnBuffer, putNumber } from '../../local/dataflow/parquet/column-buffer.ts';

const rules: ReadingRules = { driver: 'mysql', tinyInt1isBit: true, yearIsDateType: true, useColumnAlias: false };
const field = (columnType: number, more: Partial<MysqlField> = {}): MysqlField => ({
  ...{ name: 'alias', orgName: 'name', columnType, flags: 0, characterSet: 63, columnLength: 11, decimals: 0 },
  ...more,
});
const kindOf = (columnType: number, more: Partial<MysqlField> = {}, other: Partial<ReadingRules> = {}) =>
  mysqlColumn(field(columnType, more), { ...rules, ...other }).column.value;

describe('a column of MySQL', () => {
  const [unsigned, binary] = [32, 128];
  test.each([
    ['tinyint(1)', kindOf(1, { columnLength: 1 }), { kind: 'boolean' }],
    ['tinyint(1) unsigned', kindOf(1, { columnLength: 1, flags: unsigned }), { kind: 'integer' }],
    ['tinyint(1), tinyInt1isBit=false', kindOf(1, { columnLength: 1 }, { tinyInt1isBit: false }), { kind: 'integer' }],
    ['bit(1)', kindOf(16, { columnLength: 1 }), { kind: 'boolean' }],
    ['bit(8)', kindOf(16, { columnLength: 8 }), { kind: 'bytes' }],
    ['bigint unsigned', kindOf(8, { flags: unsigned }), { kind: 'integer', unsigned: true }],
    ['decimal(12,2)', kindOf(246, { columnLength: 14, decimals: 2 }), { kind: 'decimal', precision: 12, scale: 2 }],
    ['decimal(12)', kindOf(246, { columnLength: 13 }), { kind: 'decimal', precision: 12, scale: 0 }],
    [
      'decimal(5,1) unsigned',
      kindOf(0, { columnLength: 6, decimals: 1, flags: unsigned }),
      { kind: 'decimal', precision: 5, scale: 1 },
    ],
    ['datetime', kindOf(12), { kind: 'datetime' }],
    ['datetime by jdbc:mariadb:', kindOf(12, {}, { driver: 'mariadb' }), { kind: 'timestamp' }],
    ['timestamp', kindOf(7), { kind: 'timestamp' }],
    ['year', kindOf(13), { kind: 'instant' }],
    ['year, yearIsDateType=false', kindOf(13, {}, { yearIsDateType: false }), { kind: 'integer' }],
    ['json', kindOf(245), { kind: 'string' }],
    ['varchar', kindOf(253, { characterSet: 45 }), { kind: 'string' }],
    ['varchar in a binary collation', kindOf(253, { characterSet: 46, flags: binary }), { kind: 'string' }],
    ['varbinary', kindOf(253, { flags: binary }), { kind: 'bytes' }],
    ['text', kindOf(252, { characterSet: 45 }), { kind: 'string' }],
    ['blob', kindOf(252, { flags: binary }), { kind: 'bytes' }],
    ['geometry', kindOf(255, { flags: binary }), { kind: 'bytes' }],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test('has the name of the table, or its alias where the template asks for it', () => {
    const named = (orgName: string, other: Partial<ReadingRules> = {}) =>
      mysqlColumn(field(3, { orgName }), { ...rules, ...other }).column.name;
    expect(named('name')).toBe('name');
    expect(named('name', { useColumnAlias: true })).toBe('alias');
    expect(named('', { driver: 'mariadb' })).toBe('alias');
    expect(() => named('')).toThrow('useColumnAlias');
  });
});

/** The buffer after one row of one column whose value has these bytes. */
function read(form: WireForm, bytes: readonly number[], more: Partial<WireColumn> = {}) {
  const buffer = createColumnBuffer();
  const packet = Buffer.from([0, 0, ...bytes]);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  readRow([{ name: 'v', form, scale: 0, zeroDates: 'refused', buffer, ...more }], packet, view, 0, 0);
  return buffer;
}
const int64 = (form: WireForm, bytes: readonly number[], more: Partial<WireColumn> = {}): bigint =>
  Buffer.from(read(form, bytes, more).data).readBigInt64LE();
const text = (value: string): number[] => [value.length, ...Buffer.from(value)];

describe('a value of a binary row', () => {
  test('is NULL by its bit, also beyond the first byte of the bitmap', () => {
    const columns = Array.from(
      { length: 9 },
      (): WireColumn => ({ name: 'v', form: wire.tiny, scale: 0, zeroDates: 'refused', buffer: createColumnBuffer() }),
    );
    // Columns 1 and 8 are NULL; their bits are the numbers 3 and 10.
    const packet = Buffer.from([0, 0b1000, 0b100, ...[1, 3, 4, 5, 6, 7, 8]]);
    readRow(columns, packet, new DataView(packet.buffer, packet.byteOffset, packet.length), 0, 0);
    expect(columns.map(({ buffer }) => (buffer.nulls === 1 ? null : buffer.data[0]))).toEqual([
      1,
      null,
      3,
      4,
      5,
      6,
      7,
      8,
      null,
    ]);
  });

  test('of a decimal keeps all of fifteen digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
        fc.integer({ min: 0, max: 15 }),
        (unscaled, scale) => {
          const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
          const whole = digits.slice(0, digits.length - scale);
          const shown = `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`}`;
          expect(int64(wire.decimal, text(shown), { scale })).toBe(unscaled);
        },
      ),
    );
  });

  test.each([
    ['00007.50', '7.50'],
    ['0000.05', '0.05'],
    ['-12345678901234567890.5', '-12345678901234567890.5'],
    ['0', '0'],
  ])('of a long decimal is its digits: %s is %s', (sent, expected) => {
    const { data, position } = read(wire.digits, text(sent));
    expect(Buffer.from(data.subarray(4, position)).toString()).toBe(expected);
  });

  test.each([
    [250, [250]],
    [251, [252, 251, 0]],
    [65_536, [253, 0, 0, 1]],
    [16_777_216, [254, 0, 0, 0, 1, 0, 0, 0, 0]],
  ])('of %i bytes is found behind its length', (length, head) => {
    const buffer = createColumnBuffer();
    const packet = Buffer.concat([Buffer.from([0, 0, ...head]), Buffer.alloc(length, 0x61)]);
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    readRow([{ name: 'v', form: wire.bytes, scale: 0, zeroDates: 'refused', buffer }], packet, view, 0, 0);
    expect(buffer.position).toBe(length + 4);
    expect(Buffer.from(buffer.data).readUInt32LE()).toBe(length);
    expect([buffer.data[4], buffer.data[length + 3]]).toEqual([0x61, 0x61]);
  });

  test('of any moment is its microseconds', () => {
    const range = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(range), fc.integer({ min: 0, max: 999_999 }), (moment, micros) => {
        const year = moment.getUTCFullYear();
        const parts = [
          moment.getUTCMonth() + 1,
          moment.getUTCDate(),
          moment.getUTCHours(),
          moment.getUTCMinutes(),
          moment.getUTCSeconds(),
        ];
        const fraction = [micros & 0xff, (micros >> 8) & 0xff, micros >> 16, 0];
        const seconds = BigInt(Math.floor(moment.getTime() / 1000));
        expect(int64(wire.datetime, [11, year & 0xff, year >> 8, ...parts, ...fraction])).toBe(
          seconds * 1_000_000n + BigInt(micros),
        );
        expect(read(wire.date, [4, year & 0xff, year >> 8, ...parts.slice(0, 2)]).words[0]).toBe(
          Math.floor(moment.getTime() / 86_400_000),
        );
      }),
    );
  });

  test('of a time counts from midnight; beyond a day it is refused, or wrapped as MariaDB’s driver does', () => {
    const time = (sign: number, days: number, hours: number) => [8, sign, days, 0, 0, 0, hours, 30, 0];
    expect(int64(wire.time, [0])).toBe(0n);
    expect(int64(wire.time, time(0, 0, 23))).toBe(84_600_000_000n);
    expect(() => read(wire.time, time(1, 1, 2))).toThrow("'-26:30:00' is an invalid TIME value");
    expect(int64(wire.wrappedTime, time(0, 1, 1))).toBe(5_400_000_000n);
    expect(int64(wire.wrappedTime, time(1, 0, 1))).toBe(81_000_000_000n);
  });

  test('of nothing but zeros is refused, NULL or the first day of all', () => {
    expect(() => read(wire.date, [0])).toThrow('Zero date value prohibited');
    expect(read(wire.datetime, [0], { zeroDates: 'null' }).nulls).toBe(1);
    expect(read(wire.date, [0], { zeroDates: 'rounded' }).words[0]).toBe(-719_162);
    expect(() => read(wire.date, [4, 0xe8, 7, 2, 30])).toThrow('column v holds 2024-2-30, which is no date');
  });
});

test('numbers of 64 bits and days are exact at their ends', () => {
  const words = new Int32Array(2);
  const value = () => new BigInt64Array(words.buffer)[0];
  for (const number of [0, -1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]) {
    putNumber(words, 0, number);
    expect(value()).toBe(BigInt(number));
  }
  putEpochMicros(words, 0, -62_167_219_200, 999_999);
  expect(value()).toBe(-62_167_219_199_000_001n);
  expect([epochDays(1970, 1, 1), epochDays(2000, 2, 29), epochDays(1900, 2, 29), epochDays(2024, 4, 31)]).toEqual([
    0,
    11_016,
    undefined,
    undefined,
  ]);
});

test.each([
  [() => longOf('-12.9', 246), -12n],
  [() => longOf('1.5e3', 5), 1500n],
  [() => longOf('9223372036854775807', 8), 9_223_372_036_854_775_807n],
  [() => epochMsOf('1969-12-31 23:59:59.999999', 12), -1n],
  [() => epochMsOf('2024-02-29', 10), 1_709_164_800_000n],
])('a bound is read as the driver would: %s', (read, expected) => {
  expect(read()).toBe(expected);
});

describe('an error of MySQL', () => {
  const thrown = (more: object) => Object.assign(new Error('what it said'), more);
  test.each([
    ['too many connections', { code: 'ER_CON_COUNT_ERROR', errno: 1040, sqlState: '08004' }, true],
    ['the server shuts down', { errno: 1053, sqlState: '08S01' }, true],
    ['a lock was waited for too long', { errno: 1205, sqlState: 'HY000' }, true],
    ['a deadlock', { errno: 1213, sqlState: '40001' }, true],
    ['the connection was cut', { code: 'ECONNRESET', errno: -104 }, true],
    ['the server closed the connection', { code: 'PROTOCOL_CONNECTION_LOST' }, true],
    ['wrong syntax', { errno: 1064, sqlState: '42000' }, false],
    ['access denied', { errno: 1045, sqlState: '28000' }, false],
    ['nobody listens', { code: 'ECONNREFUSED', errno: -111 }, false],
  ])('%s may pass or not', (_, fields, transient) => {
    expect(mysqlError('Failed', thrown(fields)).transient).toBe(transient);
    expect(mysqlPoolError(thrown(fields), 'h:1').transient).toBe(transient);
  });

  test('is told in the words of the driver', () => {
    expect(mysqlError('Failed', thrown({ errno: 1064, sqlState: '42000' })).message).toBe(
      'Failed: java.sql.SQLSyntaxErrorException: what it said',
    );
    expect(mysqlPoolError(thrown({ errno: 1040 }), 'h:1').message).toContain(
      '(Data source rejected establishment of connection,  message from server: "what it said")',
    );
    expect(mysqlError('Failed', thrown({ code: 'PROTOCOL_CONNECTION_LOST' })).message).toContain(
      'Communications link failure',
    );
  });
});
