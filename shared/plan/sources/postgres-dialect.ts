// PostgreSQL's SQL: type names, and the casts that keep values whole through the template.

import { type Cast, type ColumnKind, type Dialect, decimalKind, typeParts } from './dialect.ts';
import { nameRules } from './identifiers.ts';

export const postgresDialect: Dialect = {
  name: 'postgres',
  names: nameRules.postgres,
  literals: {
    backslashEscapes: false,
    date: (text) => `date '${text}'`,
    timestamp: (text) => `timestamp '${text}'`,
    timestamptz: (utc) => `timestamptz '${utc}+00'`,
  },
  kindOf,
  castOf,
  derived: (subquery, alias) => `(${subquery}) as ${alias}`,
};

function kindOf(type: string): ColumnKind {
  const { base, precision, scale } = typeParts(type);
  switch (base) {
    case 'smallint':
    case 'int2':
    case 'integer':
    case 'int':
    case 'int4':
    case 'bigint':
    case 'int8':
    case 'smallserial':
    case 'serial':
    case 'bigserial':
    case 'oid':
      return 'integer';
    case 'numeric':
    case 'decimal':
      return decimalKind(precision, scale);
    case 'real':
    case 'float4':
    case 'double precision':
    case 'float8':
      return 'float';
    case 'date':
      return 'date';
    case 'timestamp':
    case 'timestamp without time zone':
      return 'timestamp';
    case 'timestamptz':
    case 'timestamp with time zone':
      return 'timestamptz';
    default:
      return textTypes.has(base) ? 'text' : 'other';
  }
}

const textTypes = new Set([
  'text',
  'varchar',
  'character varying',
  'char',
  'character',
  'bpchar',
  'citext',
  'name',
  '"char"',
]);
/** Types whose driver object the template renders right (templates.md 2.6): numbers, booleans, bytes (base64), texts. */
const renderedRight = new Set(['boolean', 'bool', 'bytea', ...textTypes]);

function castOf(type: string, quoted: string): Cast | undefined {
  const { base } = typeParts(type);
  const kind = kindOf(type);
  if (kind === 'timestamptz') {
    const why = 'the template writes a timestamptz as epoch milliseconds, which BigQuery reads as seconds';
    return { sql: `(${quoted} at time zone 'UTC')`, why };
  }
  if (kind !== 'other' || renderedRight.has(base) || base.endsWith('[]') || base.startsWith('_') || base === 'array')
    return undefined;
  return { sql: `cast(${quoted} as text)`, why: reasonOf(base) };
}

function reasonOf(base: string): string {
  if (base === 'json' || base === 'jsonb') return 'the driver hands JSON out as an object of type and value';
  if (base === 'uuid') return 'a uuid is a driver object; its text is certain';
  if (base === 'interval') return 'an interval is a driver object without a BigQuery form';
  if (base.startsWith('time')) return 'the driver drops the fraction of a time';
  return `${base} reaches the template as a driver object; its text is certain`;
}
