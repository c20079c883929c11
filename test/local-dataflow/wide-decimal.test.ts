// The cast of a text into a decimal of many digits: the same values and the same refusals as one plain cast, without its price.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wideDecimal } from '../../local/dataflow/warehouse/wide-decimal.ts';

type Shape = { readonly precision: number; readonly scale: number };
type Judged = { readonly text: string | null; readonly quick: string | null; readonly plain: string | null };

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run('CREATE TABLE texts (i INTEGER, t VARCHAR)');
});
afterAll(() => {
  connection?.closeSync();
  instance?.closeSync();
});

const plainCast = ({ precision, scale }: Shape) => `CAST(t AS DECIMAL(${precision},${scale}))`;
const quickCast = (shape: Shape) => wideDecimal('t', { is: 'decimal', ...shape });

/** The texts whose casts differ, in value or in that one of them fails. */
async function different(texts: readonly (string | null)[], shape: Shape): Promise<Judged[]> {
  await fill(texts);
  const refused = `t IS NOT NULL AND try_cast(t AS DECIMAL(${shape.precision},${shape.scale})) IS NULL`;
  const cast = `SELECT t AS "text", (${quickCast(shape)})::VARCHAR AS quick, (${plainCast(shape)})::VARCHAR AS plain FROM texts`;
  const taken = await rows<Judged>(`${cast} WHERE NOT (${refused})`);
  const differing = taken.filter(({ quick, plain }) => quick !== plain);
  // One by one: the first that is refused ends a statement. TRY() would go on, but not over a coalesce (DuckDB 1.5).
  for (const { i, text } of await rows<{ i: number; text: string }>(
    `SELECT i, t AS "text" FROM texts WHERE ${refused}`,
  )) {
    const outcome = `SELECT (${quickCast(shape)})::VARCHAR AS quick FROM texts WHERE i = ${i}`;
    const quick = await rows<{ quick: string }>(outcome).then(
      ([row]) => row?.quick,
      () => undefined,
    );
    if (quick !== undefined) differing.push({ text, quick, plain: null });
  }
  return differing;
}

async function fill(texts: readonly (string | null)[]): Promise<void> {
  await connection.run('DELETE FROM texts');
  const appender = await connection.createAppender('texts');
  for (const [index, text] of texts.entries()) {
    appender.appendInteger(index);
    if (text === null) appender.appendNull();
    else appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

const rows = async <T>(sql: string): Promise<T[]> =>
  (await connection.runAndReadAll(sql)).getRowObjectsJson() as unknown as T[];

const shapes: readonly Shape[] = [
  { precision: 38, scale: 18 },
  { precision: 38, scale: 9 },
  { precision: 38, scale: 13 },
  { precision: 38, scale: 12 },
  { precision: 38, scale: 17 },
  { precision: 38, scale: 0 },
  { precision: 38, scale: 19 },
  { precision: 38, scale: 38 },
  { precision: 20, scale: 18 },
  { precision: 19, scale: 18 },
  { precision: 19, scale: 0 },
  { precision: 18, scale: 18 },
  { precision: 12, scale: 2 },
];

const awkward = [
  null,
  '',
  ' ',
  '-',
  '+',
  '.',
  '-.',
  '0',
  '-0',
  '+0',
  '-0.0',
  '0.5',
  '-0.5',
  '+0.5',
  '.5',
  '-.5',
  '+.5',
  '5.',
  '-5.',
  '5.e1',
  '1.5',
  '-1.5',
  ' 1.5',
  '1.5 ',
  ' -1.5 ',
  '1.5\n',
  '\t-1.5',
  '--1',
  '+-1',
  '1-',
  '1.-5',
  '1.+5',
  '1.2.3',
  '1..2',
  '1,5',
  '1_000.5',
  '1.0_5',
  '0x10',
  '0b11',
  '1.5e3',
  '1.5E3',
  '1.5e-3',
  '-1.5e-30',
  '15e-1',
  '.0000000000000000002e19',
  '-0.00000000000000000026E19',
  '1e5',
  '-1E+5',
  '1e',
  '1.5e',
  '1e37',
  '1e38',
  '1e400',
  '1e-400',
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  'inf',
  'abc',
  'true',
  '１.５',
  '00012.5',
  '-00012.50',
  `${'0'.repeat(40)}1.5`,
  `-0.${'0'.repeat(40)}1`,
  '0.999999999999999999',
  '-0.999999999999999999',
  '0.9999999999999999994',
  '0.9999999999999999995',
  '-0.9999999999999999995',
  '9.9999999999999999999',
  '-9.9999999999999999999',
  '99.9999999999999999995',
  '-99.99999999999999999949',
  '0.4999999999999999995',
  '0.0000000000000000005',
  '-0.0000000000000000005',
  '-0.00000000000000000049',
  '123456789012345678.123456789012345678',
  '-123456789012345678.123456789012345678',
  '999999999999999999.999999999999999999',
  '999999999999999999.9999999999999999995',
  '-999999999999999999.9999999999999999995',
  '1234567890123456789.5',
  '9223372036854775807.5',
  '9223372036854775808.5',
  '-9223372036854775808.5',
  '12345678901234567890.123456789012345678',
  '-99999999999999999999.999999999999999999',
  '99999999999999999999.9999999999999999995',
  '100000000000000000000',
  '-100000000000000000000',
  '12345678901234567890123456789012345678',
  '-12345678901234567890123456789012345678',
  '99999999999999999999999999999999999999',
  '1234567890123456789012345678901234567.8',
  `1.${'3'.repeat(30)}`,
  `-1.${'6'.repeat(60)}`,
  '99',
  '-99.5',
  '100',
  '9.5',
  '10',
];

describe.each(shapes)('into DECIMAL($precision,$scale)', (shape) => {
  test('awkward texts become the same, or fail as one', async () => {
    expect(await different(awkward, shape)).toEqual([]);
  });
});

const digits = (most: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: most });
const nearly = fc
  .tuple(fc.constantFrom('0', '4', '5', '9'), fc.integer({ min: 0, max: 24 }))
  .map(([digit, times]) => digit.repeat(times));
const written = fc
  .tuple(
    fc.constantFrom('', '', '', '-', '-', '+', ' ', '- '),
    fc.oneof(digits(12), digits(22), digits(40), nearly),
    fc.constantFrom('.', '.', '.', '', '..'),
    fc.oneof(
      digits(6),
      digits(24),
      digits(40),
      nearly,
      fc.tuple(nearly, digits(3)).map((parts) => parts.join('')),
    ),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.integer({ min: -45, max: 45 }).map((power) => `e${power}`) },
    ),
  )
  .map((parts) => parts.join(''));
const anything = fc.string({ unit: fc.constantFrom(...'0123456789+-._eExb \nNa'), maxLength: 12 });

property.prop(
  {
    texts: fc.array(fc.oneof({ weight: 9, arbitrary: written }, { weight: 1, arbitrary: anything }), {
      minLength: 50,
      maxLength: 200,
      size: 'max',
    }),
    shape: fc.oneof(
      fc.constantFrom(...shapes),
      fc
        .integer({ min: 1, max: 38 })
        .chain((precision) =>
          fc.record({ precision: fc.constant(precision), scale: fc.integer({ min: 0, max: precision }) }),
        ),
    ),
  },
  { numRuns: 40 },
)('whatever the digits, both casts agree', async ({ texts, shape }) => {
  expect(await different(texts, shape)).toEqual([]);
});

test('what does not fit is refused in the words of the plain cast', async () => {
  const shape = { precision: 20, scale: 18 };
  const words = (cast: string) =>
    rows(`SELECT ${cast} FROM texts`).then(
      () => 'taken',
      // The lines after the first show the statement.
      (error: Error) => error.message.split('\n')[0],
    );
  for (const text of ['NaN', '100', '1.5e40', '-99.9999999999999999995']) {
    await fill([text]);
    expect(await words(plainCast(shape))).toContain(`Could not convert string "${text}" to DECIMAL(20,18)`);
    expect(await words(quickCast(shape))).toBe(await words(plainCast(shape)));
  }
});

test.each([
  ['BIGNUMERIC', { precision: 38, scale: 18 }, '123.45'],
  ['BIGNUMERIC, negative', { precision: 38, scale: 18 }, '-123.45'],
  ['BIGNUMERIC of many digits', { precision: 38, scale: 18 }, '123456789012345.6666666666666666666666'],
  ['NUMERIC', { precision: 38, scale: 9 }, '123.45'],
  ['NUMERIC above a milliard', { precision: 38, scale: 9 }, '123456789012.45'],
])('a value of %s costs a fraction of the plain cast', async (_, shape, text) => {
  await connection.run(`CREATE OR REPLACE TABLE many AS SELECT '${text}' || (range % 10) AS t FROM range(20_000)`);
  const timed = async (cast: string) => {
    const began = performance.now();
    await connection.run(`SELECT sum(${cast}) FROM many`);
    return performance.now() - began;
  };
  const plain = await timed(plainCast(shape));
  // Measured: a twentieth. The best of three, because something else may run beside.
  const quick = Math.min(await timed(quickCast(shape)), await timed(quickCast(shape)), await timed(quickCast(shape)));
  expect(quick).toBeLessThan(plain / 3);
});
