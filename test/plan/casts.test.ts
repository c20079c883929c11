// Which column types each database's dialect casts, splits by, and leaves alone.

import { describe, expect, test } from 'vitest';
import { mysqlDialect } from '../../shared/plan/sources/mysql-dialect.ts';
import { oracleDialect } from '../../shared/plan/sources/oracle-dialect.ts';
import { postgresDialect } from '../../shared/plan/sources/postgres-dialect.ts';
import { sqlserverDialect } from '../../shared/plan/sources/sqlserver-dialect.ts';

const castOf = (dialect: typeof postgresDialect) => (type: string) => dialect.castOf(type, 'c')?.sql;

describe('PostgreSQL', () => {
  test.each([
    ['int8', 'integer', undefined],
    ['BIGINT', 'integer', undefined],
    ['numeric(18,0)', 'integer', undefined],
    ['numeric(19,0)', 'decimal', undefined],
    ['numeric', 'decimal', undefined],
    ['double precision', 'float', undefined],
    ['date', 'date', undefined],
    ['timestamp without time zone', 'timestamp', undefined],
    ['timestamp(3)', 'timestamp', undefined],
    ['timestamp with time zone', 'timestamptz', "(c at time zone 'UTC')"],
    ['timestamptz(3)', 'timestamptz', "(c at time zone 'UTC')"],
    ['character varying(20)', 'text', undefined],
    ['boolean', 'other', undefined],
    ['bytea', 'other', undefined],
    ['integer[]', 'other', undefined],
    ['_int4', 'other', undefined],
    ['jsonb', 'other', 'cast(c as text)'],
    ['interval', 'other', 'cast(c as text)'],
    ['inet', 'other', 'cast(c as text)'],
    ['time without time zone', 'other', 'cast(c as text)'],
    ['my_enum', 'other', 'cast(c as text)'],
  ])('%s is %s, cast %s', (type, kind, cast) => {
    expect(postgresDialect.kindOf(type)).toBe(kind);
    expect(castOf(postgresDialect)(type)).toBe(cast);
  });
});

describe('MySQL', () => {
  test.each([
    ['bigint unsigned', 'integer', undefined],
    ['tinyint(1)', 'integer', undefined],
    ['decimal(10,0)', 'integer', undefined],
    ['decimal(10,2)', 'decimal', undefined],
    ['datetime(6)', 'timestamp', undefined],
    ['timestamp', 'timestamptz', undefined],
    ['year', 'other', 'cast(c as unsigned)'],
    ['time', 'other', 'cast(c as char)'],
    ['json', 'other', 'cast(c as char)'],
    ['point', 'other', 'st_astext(c)'],
    ["enum('a','b')", 'text', undefined],
  ])('%s is %s, cast %s', (type, kind, cast) => {
    expect(mysqlDialect.kindOf(type)).toBe(kind);
    expect(castOf(mysqlDialect)(type)).toBe(cast);
  });
});

describe('Oracle', () => {
  test.each([
    ['NUMBER(10)', 'integer', undefined],
    ['NUMBER', 'decimal', undefined],
    ['NUMBER(10,-2)', 'integer', undefined],
    ['NUMBER(18,-10)', 'decimal', undefined],
    ['NUMBER(10,2)', 'decimal', undefined],
    ['DATE', 'timestamp', 'cast(c as timestamp)'],
    ['TIMESTAMP(6)', 'timestamp', undefined],
    ['TIMESTAMP(6) WITH TIME ZONE', 'timestamptz', 'cast(sys_extract_utc(c) as timestamp)'],
    ['INTERVAL DAY(2) TO SECOND(6)', 'other', 'to_char(c)'],
    ['NCLOB', 'text', 'to_clob(c)'],
    ['VARCHAR2(20)', 'text', undefined],
  ])('%s is %s, cast %s', (type, kind, cast) => {
    expect(oracleDialect.kindOf(type)).toBe(kind);
    expect(castOf(oracleDialect)(type)).toBe(cast);
  });

  test('takes no "as" before an alias', () => {
    expect(oracleDialect.derived('select 1 from dual', 'x')).toBe('(select 1 from dual) x');
  });
});

describe('SQL Server', () => {
  test.each([
    ['bigint', 'integer', undefined],
    ['money', 'decimal', undefined],
    ['datetime', 'timestamp', undefined],
    ['datetime2(7)', 'timestamp', 'convert(varchar(33), c, 126)'],
    ['datetimeoffset', 'timestamptz', "convert(varchar(33), switchoffset(c, '+00:00'), 127)"],
    ['uniqueidentifier', 'other', 'convert(varchar(36), c)'],
    ['geography', 'other', 'c.ToString()'],
    ['nvarchar(max)', 'text', undefined],
  ])('%s is %s, cast %s', (type, kind, cast) => {
    expect(sqlserverDialect.kindOf(type)).toBe(kind);
    expect(castOf(sqlserverDialect)(type)).toBe(cast);
  });
});
