// How PostgreSQL sends the values of a column: in the binary form of its type where postgres-binary.ts reads that, else cast in SQL.

import { type ColumnValue, fileTypeOf, type ScalarValue } from '../load/source-reader.ts';
import { type WireColumn, wire } from './binary.ts';

/** Types whose binary form is read; text types are sent as their bytes. */
const forms: Readonly<Record<string, WireColumn['form']>> = {
  int2: wire.int2,
  int4: wire.int4,
  int8: wire.int8,
  oid: wire.oid,
  float8: wire.float8,
  bool: wire.bool,
  date: wire.date,
  time: wire.time,
  timetz: wire.timetz,
  timestamp: wire.timestamp,
  timestamptz: wire.timestamp,
  text: wire.bytes,
  varchar: wire.bytes,
  bpchar: wire.bytes,
  name: wire.bytes,
  bytea: wire.bytes,
};

const castsAsPrinted = new Set(['json', 'jsonb', 'uuid']);

/** The form in which `sentAs` makes the column come. */
export function wireFormOf(value: ColumnValue, typeName: string): WireColumn['form'] {
  if (value.kind === 'decimal') return fileTypeOf(value).is === 'DECIMAL' ? wire.numeric : wire.bytes;
  if (value.kind === 'float') return wire.float8;
  return forms[typeName] ?? wire.bytes;
}

/** The expression that is copied: the column itself, or its text, or the JSON of an array. */
export function sentAs(value: ColumnValue, typeName: string, column: string): string {
  if (value.kind === 'array') return arrayJson(value.element, column);
  if (value.kind === 'decimal') return fileTypeOf(value).is === 'DECIMAL' ? column : `${column}::text`;
  // The double nearest to the text of a float4, as Jackson's output has it; its exact value would have more digits.
  if (typeName === 'float4') return `${column}::text::float8`;
  if (forms[typeName] !== undefined) return column;
  // The driver has the text of the output function; a cast says it otherwise for some types (inet), and costs less for the rest.
  if (value.kind === 'string' || castsAsPrinted.has(typeName)) return `${column}::text`;
  return `CASE WHEN ${column} IS NOT NULL THEN format('%s', ${column}) END`;
}

/** Dates and times of arrays are the numbers that java.sql objects become; bytes are base64; the rest is as to_json has it. */
function arrayJson(element: ScalarValue, column: string): string {
  const { kind } = element;
  if (kind === 'integer' || kind === 'float' || kind === 'decimal' || kind === 'boolean') return `to_json(${column})`;
  const each = (expression: string) =>
    `CASE WHEN ${column} IS NOT NULL THEN to_json(ARRAY(SELECT ${expression} FROM unnest(${column}) WITH ORDINALITY AS e(element, place) ORDER BY place)) END`;
  if (kind === 'timestamp' || kind === 'instant' || kind === 'date')
    return each('floor(extract(epoch FROM element) * 1000)::bigint');
  if (kind === 'bytes') return each("translate(encode(element, 'base64'), E'\\n', '')");
  return `to_json(${column}::text[])`;
}
