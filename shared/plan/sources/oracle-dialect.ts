// Oracle's SQL: type names, and the casts that keep values whole through the template.

import { type Cast, type ColumnKind, type Dialect, decimalKind, typeParts } from './dialect.ts';
import { nameRules } from './identifiers.ts';

export const oracleDialect: Dialect = {
  name: 'oracle',
  names: nameRules.oracle,
  literals: {
    backslashEscapes: false,
    date: (text) => `date '${text}'`,
    timestamp: (text) => `timestamp '${text}'`,
    timestamptz: (utc) => `timestamp '${utc} +00:00'`,
  },
  kindOf,
  castOf,
  derived: (subquery, alias) => `(${subquery}) ${alias}`,
};

function kindOf(type: string): ColumnKind {
  const { base, precision, scale } = typeParts(type);
  if (base === 'number') return decimalKind(precision, scale);
  if (base === 'integer' || base === 'int' || base === 'smallint') return 'decimal';
  if (base === 'float' || base === 'binary_float' || base === 'binary_double') return 'float';
  // An Oracle DATE holds a time of day too.
  if (base === 'date') return 'timestamp';
  if (base.startsWith('timestamp')) return base.includes('time zone') ? 'timestamptz' : 'timestamp';
  return /^(n?varchar2?|n?char|n?clob|long)$/.test(base) ? 'text' : 'other';
}

function castOf(type: string, quoted: string): Cast | undefined {
  const { base } = typeParts(type);
  if (base === 'date')
    return { sql: `cast(${quoted} as timestamp)`, why: 'the template cuts the time of day off an Oracle DATE' };
  if (kindOf(type) === 'timestamptz') {
    const why = 'the template writes a timestamp with a zone as epoch milliseconds, which BigQuery reads as seconds';
    return { sql: `cast(sys_extract_utc(${quoted}) as timestamp)`, why };
  }
  if (base.startsWith('interval')) return { sql: `to_char(${quoted})`, why: 'an interval is a driver object' };
  if (base === 'nclob') return { sql: `to_clob(${quoted})`, why: 'the template reads CLOB only' };
  if (base === 'rowid' || base === 'urowid')
    return { sql: `rowidtochar(${quoted})`, why: 'a row id is a driver object' };
  if (base === 'xmltype') return { sql: `xmlserialize(content ${quoted} as clob)`, why: 'XML is a driver object' };
  if (base === 'json') return { sql: `json_serialize(${quoted} returning clob)`, why: 'JSON is a driver object' };
  return undefined;
}
