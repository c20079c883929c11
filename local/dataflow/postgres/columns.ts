// Tells how the template would render each PostgreSQL column: the driver's type names decide.

import type pg from 'pg';
import type { ColumnValue, ScalarValue, SourceColumn } from '../load/source-reader.ts';

/** Columns of a result whose fields are known, with the names of their types from the catalogue. Domains arrive as their base type. */
export async function postgresColumns(client: pg.Client, fields: readonly pg.FieldDef[]): Promise<SourceColumn[]> {
  const oids = [...new Set(fields.map((field) => field.dataTypeID))];
  const { rows } = await client.query<TypeRow>(
    `SELECT t.oid, t.typname AS name, t.typtype AS type, e.oid AS element_oid, e.typname AS element_name, e.typtype AS element_type
     FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem
     WHERE t.oid = ANY ($1)`,
    [oids],
  );
  const types = new Map(rows.map((row) => [row.oid, row]));
  return fields.map((field) => {
    const type = types.get(field.dataTypeID);
    return { name: field.name, value: columnValue(type, field.dataTypeModifier), typeName: type?.name ?? '' };
  });
}

type TypeRow = {
  oid: number;
  name: string;
  type: string;
  element_oid: number | null;
  element_name: string | null;
  element_type: string | null;
};

function columnValue(type: TypeRow | undefined, modifier: number): ColumnValue {
  if (type === undefined) return { kind: 'string' };
  if (type.element_name !== null)
    return { kind: 'array', element: scalarOf(type.element_name, type.element_type ?? 'b', -1) };
  return scalarOf(type.name, type.type, modifier);
}

/**
 * By pgjdbc's getObject: whole numbers, Float and Double, BigDecimal, Boolean and String are passed on; bytea is a byte array; date,
 * time and timestamp are java.sql objects; everything it has no class for is a PGobject of type and value (json, inet, interval …).
 */
function scalarOf(name: string, type: string, modifier: number): ScalarValue {
  const known = scalars[name];
  if (known !== undefined) return known;
  if (name === 'numeric') return decimalOf(modifier);
  return type === 'e' ? { kind: 'string' } : { kind: 'object', typeName: name };
}

const scalars: Readonly<Record<string, ScalarValue>> = {
  int2: { kind: 'integer' },
  int4: { kind: 'integer' },
  int8: { kind: 'integer' },
  oid: { kind: 'integer' },
  float4: { kind: 'float' },
  float8: { kind: 'float' },
  bool: { kind: 'boolean' },
  text: { kind: 'string' },
  varchar: { kind: 'string' },
  bpchar: { kind: 'string' },
  char: { kind: 'string' },
  name: { kind: 'string' },
  uuid: { kind: 'string' },
  xml: { kind: 'string' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  timetz: { kind: 'time' },
  timestamp: { kind: 'timestamp' },
  timestamptz: { kind: 'instant' },
  bytea: { kind: 'bytes' },
};

/** The type modifier of numeric: (precision << 16 | scale) + 4; -1 without. A scale above 1000 is a negative one of PostgreSQL 15. */
function decimalOf(modifier: number): ScalarValue {
  if (modifier < 4) return { kind: 'decimal' };
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (modifier - 4) & 0x7ff;
  return scale > 1000 ? { kind: 'decimal' } : { kind: 'decimal', precision, scale };
}
