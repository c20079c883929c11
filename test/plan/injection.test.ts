// Whatever stands in names and watermarks, the SQL keeps its shape: nothing of a configuration becomes SQL.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { readStatementOf } from '../../shared/plan/read-statement.ts';
import { ansiDialect } from '../../shared/plan/sources/ansi-dialect.ts';
import type { Dialect } from '../../shared/plan/sources/dialect.ts';
import { parseTableName, plainName, quoteName } from '../../shared/plan/sources/identifiers.ts';
import { typedLiteral } from '../../shared/plan/sources/literals.ts';
import { mysqlDialect } from '../../shared/plan/sources/mysql-dialect.ts';
import { oracleDialect } from '../../shared/plan/sources/oracle-dialect.ts';
import { postgresDialect } from '../../shared/plan/sources/postgres-dialect.ts';
import { sqlserverDialect } from '../../shared/plan/sources/sqlserver-dialect.ts';
import { column, load, parametersOf, planned, profile } from './support.ts';

const dialects = [postgresDialect, mysqlDialect, oracleDialect, sqlserverDialect, ansiDialect] as const;
const dialect = fc.constantFrom<Dialect>(...dialects);

const quotedName = { '"': /"(?:[^"]|"")*"/g, '`': /`(?:[^`]|``)*`/g, '[': /\[(?:[^\]]|\]\])*\]/g };

/** The SQL with every quoted name as N and every quoted text as S: what a server would take as keywords, operators and numbers. */
function shape(sql: string, { names, literals }: Dialect): string {
  const text = literals.backslashEscapes ? /'(?:[^'\\]|\\.|'')*'/gs : /'(?:[^']|'')*'/g;
  const both = new RegExp(`(${text.source})|(${quotedName[names.open].source})`, 'gs');
  return sql.replaceAll(both, (_, literal: string | undefined) => (literal === undefined ? 'N' : 'S'));
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    `x'; drop table t; --`,
    `x" or 1=1 --`,
    'x` or 1=1 #',
    'x] or 1=1 --',
    "\\' or 1=1 --",
    "''",
    '$$; drop',
    'a\u0000b',
    '\u2019; drop',
    '/*',
    "' union select 1 --",
  ),
);
const legalName = hostile.filter((name) => !/[\p{Cc}\p{Cs}]/u.test(name));

describe('names', () => {
  property.prop([dialect, legalName])('are one quoted name, whatever they hold', (one, name) => {
    expect(shape(quoteName(one.names, name), one)).toBe('N');
  });

  property.prop([dialect, legalName])('stand bare only when they are plain words', (one, name) => {
    const written = plainName(one.names, name);
    expect(written === name ? /^\w+$/.test(name) : shape(written, one) === 'N').toBe(true);
  });

  test.each([
    ['orders', ['orders']],
    ['public.orders', ['public', 'orders']],
    ['"Sales.Data"."Order ""x"""', ['Sales.Data', 'Order "x"']],
    ['db.dbo.[Odd Name]', ['db', 'dbo', 'Odd Name']],
    ['`shop`.`order`', ['shop', 'order']],
    ['created_at_updates', ['created_at_updates']],
  ])('%s is read as its parts', (text, parts) => {
    expect(parseTableName(text)).toEqual(parts);
  });

  test.each([
    '',
    ' ',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a.b.c.d',
    'orders; drop table x',
    '"open',
    'a\u0000',
    'orders where 1=1',
    '(select 1)',
  ])('%j is no table name', (text) => {
    expect(typeof parseTableName(text)).toBe('string');
  });

  test('reserved words are quoted, ordinary names are not', () => {
    expect(plainName(postgresDialect.names, 'order')).toBe('"order"');
    expect(plainName(postgresDialect.names, 'public')).toBe('public');
    expect(plainName(postgresDialect.names, 'Orders')).toBe('"Orders"');
    expect(plainName(oracleDialect.names, 'bookings')).toBe('bookings');
    expect(plainName(oracleDialect.names, 'date')).toBe('"DATE"');
    expect(quoteName(oracleDialect.names, 'booking_id')).toBe('"BOOKING_ID"');
  });
});

describe('watermarks', () => {
  const kinds = ['integer', 'decimal', 'float', 'date', 'timestamp', 'timestamptz', 'text', 'other'] as const;
  const shapes =
    /^(-?\d+(\.\d+)?|S|(date|timestamp|timestamptz) S|cast\(S as \w+\)|convert_tz\(timestamp S, S, @@session\.time_zone\))$/;

  property.prop([dialect, fc.constantFrom(...kinds), hostile])(
    'become one literal or are refused',
    (one, kind, text) => {
      const literal = typedLiteral(one.literals, kind, text);
      expect(literal.ok ? shape(literal.sql, one) : '1').toMatch(shapes);
    },
  );

  test.each([
    ['integer', '42', '42'],
    ['decimal', '-1.50', '-1.50'],
    ['date', '2026-02-28', "date '2026-02-28'"],
    ['timestamp', '2026-02-28T10:00:00', "timestamp '2026-02-28 10:00:00'"],
    ['timestamp', '2026-02-28', "timestamp '2026-02-28 00:00:00'"],
    ['timestamptz', '2026-02-28T10:00:00.123456+01:00', "timestamptz '2026-02-28 09:00:00.123456+00'"],
    ['text', "O'Hara", "'O''Hara'"],
  ] as const)('%s %s is written as %s', (kind, text, sql) => {
    expect(typedLiteral(postgresDialect.literals, kind, text)).toEqual({ ok: true, sql });
  });

  test.each([
    ['integer', '1; drop table x'],
    ['integer', '1e5'],
    ['decimal', '1,5'],
    ['date', '2026-02-30'],
    ['timestamp', '2026-02-28T10:00:00Z'],
    ['timestamptz', '2026-02-28T10:00:00'],
    ['timestamptz', 'now()'],
    ['timestamptz', '9999-12-31T23:00:00-14:00'],
    ['timestamptz', '0000-01-01T00:00:00+01:00'],
    ['timestamp', '2026-02-28T25:00:00'],
    ['text', 'a\u0000b'],
    ['text', 'back\\slash'],
  ] as const)('%s %j is refused', (kind, text) => {
    expect(typedLiteral(postgresDialect.literals, kind, text).ok).toBe(false);
  });
});

describe('a whole statement', () => {
  property.prop([dialect, fc.tuple(legalName, legalName), legalName, legalName, hostile])(
    'keeps its shape without a profile',
    (one, [schema, table], name, watermarkColumn, from) => {
      const quote = (part: string) => `"${part.replaceAll('"', '""')}"`;
      const text = `${quote(schema)}.${quote(table)}`;
      const result = readStatementOf(
        load({ table: text, columns: [name], incremental: { column: watermarkColumn, from } }),
        undefined,
        one,
      );
      if (!result.ok) return;
      expect(shape(result.statement.query, one)).toMatch(
        /^select N from N\.N where N >= (-?\d+(\.\d+)?|S|(date|timestamp|timestamptz) S|cast\(S as \w+\)|convert_tz\(timestamp S, S, @@session\.time_zone\))$/,
      );
    },
  );

  test('casts what the template would render wrongly, and says why', () => {
    const columns = [
      column('id', 'int8'),
      column('at', 'timestamptz'),
      column('data', 'jsonb'),
      column('key', 'uuid'),
      column('tags', 'text[]'),
      column('state', 'order_state'),
    ];
    const plan = planned({ profile: profile({ columns }) });
    expect(parametersOf(plan)).toMatchObject({
      table:
        '(select "id", ("at" at time zone \'UTC\') as "at", cast("data" as text) as "data", cast("key" as text) as "key", "tags", cast("state" as text) as "state" from "public"."orders") as streamnova_source',
      useColumnAlias: 'true',
    });
    expect(plan.steps.filter((step) => step.includes('is read as'))).toHaveLength(4);
  });

  test('reads a window with quoted names and typed literals', () => {
    const columns = [column('id', 'int8'), column('updated', 'timestamp')];
    const plan = planned({
      load: load({ incremental: { column: 'updated', from: '2026-01-01T00:00:00', to: '2026-02-01T00:00:00' } }),
      profile: profile({ columns }),
    });
    expect(parametersOf(plan).table).toBe(
      `(select * from "public"."orders" where "updated" >= timestamp '2026-01-01 00:00:00' and "updated" < timestamp '2026-02-01 00:00:00') as streamnova_source`,
    );
  });
});
