// BigQuery's types in DuckDB: what a schema file's fields become, and what a column of a table stands for.

/** A field of a BigQuery JSON schema. */
export type BigQueryField = {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly BigQueryField[];
  readonly precision?: string | number;
  readonly scale?: string | number;
};

/**
 * BIGNUMERIC without parameters holds 76 digits, more than any DuckDB decimal: it gets 20 before and 18 after the point, and larger values
 * fail the load. GEOGRAPHY and RANGE stay text.
 */
const scalarTypes: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  INTEGER: 'BIGINT',
  INT64: 'BIGINT',
  FLOAT: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  BIGNUMERIC: 'DECIMAL(38,18)',
  BOOLEAN: 'BOOLEAN',
  BOOL: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
  DATETIME: 'TIMESTAMP',
  DATE: 'DATE',
  TIME: 'TIME',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
  GEOGRAPHY: 'VARCHAR',
  RANGE: 'VARCHAR',
};

/** The DuckDB type of a field, nested ones included; throws for a type BigQuery does not have. */
export function duckTypeOf(field: BigQueryField): string {
  const type = field.type.toUpperCase();
  const scalar =
    type === 'RECORD' || type === 'STRUCT' ? structOf(field) : (decimalOf(type, field) ?? scalarTypes[type]);
  if (scalar === undefined) throw new Error(`Invalid schema: field ${field.name} has the unknown type ${field.type}`);
  return field.mode?.toUpperCase() === 'REPEATED' ? `${scalar}[]` : scalar;
}

function structOf(field: BigQueryField): string {
  const fields = field.fields ?? [];
  if (fields.length === 0) throw new Error(`Invalid schema: field ${field.name} is a ${field.type} without fields`);
  return `STRUCT(${fields.map((one) => `${quoted(one.name)} ${duckTypeOf(one)}`).join(', ')})`;
}

function decimalOf(type: string, field: BigQueryField): string | undefined {
  if ((type !== 'NUMERIC' && type !== 'BIGNUMERIC') || field.precision === undefined) return undefined;
  const precision = Number(field.precision);
  return precision <= 38 ? `DECIMAL(${precision},${Number(field.scale ?? 0)})` : undefined;
}

/** A name as a quoted identifier of DuckDB. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What a column of a DuckDB table means to a load. */
export type TargetType =
  | {
      readonly is:
        | 'string'
        | 'bytes'
        | 'integer'
        | 'float'
        | 'boolean'
        | 'timestamp'
        | 'datetime'
        | 'date'
        | 'time'
        | 'json'
        | 'interval';
    }
  | { readonly is: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly is: 'list'; readonly element: string }
  | { readonly is: 'struct' };

/** The meaning of a DuckDB type as the catalogue names it, e.g. `DECIMAL(38,9)` or `BIGINT[]`; throws for one no load can fill. */
export function targetTypeOf(duckType: string): TargetType {
  if (duckType.endsWith('[]')) return { is: 'list', element: duckType.slice(0, -2) };
  if (duckType.startsWith('STRUCT(')) return { is: 'struct' };
  const decimal = /^DECIMAL\((\d+),\s?(\d+)\)$/.exec(duckType);
  if (decimal !== null) return { is: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const is = plainTargets[duckType];
  if (is === undefined)
    throw new Error(`a column of type ${duckType} has no counterpart in BigQuery and cannot be loaded`);
  return { is };
}

const integerTypes = [
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
];
const plainTargets: Readonly<
  Record<
    string,
    | 'string'
    | 'bytes'
    | 'integer'
    | 'float'
    | 'boolean'
    | 'timestamp'
    | 'datetime'
    | 'date'
    | 'time'
    | 'json'
    | 'interval'
  >
> = {
  ...Object.fromEntries(integerTypes.map((type) => [type, 'integer' as const])),
  VARCHAR: 'string',
  UUID: 'string',
  BLOB: 'bytes',
  FLOAT: 'float',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
  TIMESTAMP: 'datetime',
  DATE: 'date',
  TIME: 'time',
  JSON: 'json',
  INTERVAL: 'interval',
};
