// Reads a table's columns from the source's catalogue, each with the kind of value it holds.

import type { Client } from 'pg';
import { describeMysqlTable } from './mysql-table.ts';
import { isMysql, type SourceClient } from './source-client.ts';

/**
 * What a value is, whatever either side calls its type. `text` holds everything that travels as text, JSON and UUIDs included; `datetime` is a
 * time that travels without a zone.
 */
export type ValueKind =
  | 'integer'
  | 'decimal'
  | 'float4'
  | 'float8'
  | 'boolean'
  | 'date'
  | 'instant'
  | 'datetime'
  | 'bytes'
  | 'text';

export type SourceColumn = {
  readonly name: string;
  readonly kind: ValueKind;
  /** Elements of that kind. */
  readonly isArray: boolean;
  readonly nullable: boolean;
  /** The source's name of the type; of PostgreSQL the (element) type below any domain, e.g. `int8`, `bpchar`. */
  readonly type: string;
  /** Of a decimal with declared digits. */
  readonly precision?: number;
  readonly scale?: number;
};

export type SourceTable = {
  /** Quoted `schema.table`, ready for SQL. */
  readonly sqlName: string;
  readonly schemaName: string;
  readonly tableName: string;
  readonly columns: readonly SourceColumn[];
};

const kinds: Readonly<Record<string, ValueKind>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'decimal',
  float4: 'float4',
  float8: 'float8',
  bool: 'boolean',
  date: 'date',
  timestamp: 'instant',
  timestamptz: 'instant',
  bytea: 'bytes',
};

type Row = {
  schema: string;
  table: string;
  name: string;
  not_null: boolean;
  type: string;
  is_array: boolean;
  modifier: number;
};

/** Domains are followed to their base type (recursively), arrays to their element type. */
const catalogue = `
  WITH RECURSIVE base AS (
    SELECT a.attnum, a.attname, a.attnotnull, a.atttypid AS type_id, a.atttypmod AS modifier
    FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attnum, b.attname, b.attnotnull, t.typbasetype, t.typtypmod
    FROM base b JOIN pg_type t ON t.oid = b.type_id AND t.typtype = 'd'
  )
  SELECT n.nspname AS schema, c.relname AS "table", b.attname AS name, b.attnotnull AS not_null, b.modifier,
         t.typcategory = 'A' AS is_array, coalesce(e.typname, t.typname) AS type
  FROM base b
  JOIN pg_type t ON t.oid = b.type_id AND t.typtype <> 'd'
  LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  JOIN pg_class c ON c.oid = $1::oid JOIN pg_namespace n ON n.oid = c.relnamespace
  ORDER BY b.attnum`;

/** The columns of `table` (`schema.table`, quoted where the database needs it), in order. Undefined: there is no such table. */
export async function describeTable(client: SourceClient, table: string): Promise<SourceTable | undefined> {
  return isMysql(client) ? describeMysqlTable(client, table) : describePostgresTable(client, table);
}

async function describePostgresTable(client: Client, table: string): Promise<SourceTable | undefined> {
  const found = await client.query<{ oid: string | null }>('SELECT to_regclass($1)::oid AS oid', [table]);
  const oid = found.rows[0]?.oid;
  if (oid === null || oid === undefined) return undefined;
  const { rows } = await client.query<Row>(catalogue, [oid]);
  const first = rows[0];
  if (first === undefined) return undefined;
  return {
    sqlName: `${client.escapeIdentifier(first.schema)}.${client.escapeIdentifier(first.table)}`,
    schemaName: first.schema,
    tableName: first.table,
    columns: rows.map(columnOf),
  };
}

function columnOf(row: Row): SourceColumn {
  const kind = kinds[row.type] ?? 'text';
  // numeric(p, s) is stored as ((p << 16) | s) + 4, s in 11 bits with sign; without digits the modifier is -1.
  const digits = row.modifier - 4;
  const declared = kind === 'decimal' && row.modifier >= 4;
  return {
    name: row.name,
    kind,
    isArray: row.is_array,
    nullable: !row.not_null,
    type: row.type,
    ...(declared ? { precision: (digits >> 16) & 0xffff, scale: ((digits & 0x7ff) ^ 1024) - 1024 } : {}),
  };
}
