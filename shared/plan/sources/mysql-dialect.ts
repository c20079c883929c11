// MySQL's and MariaDB's SQL: type names, and the casts that keep values whole through the template.

import { type Cast, type ColumnKind, type Dialect, decimalKind, typeParts } from './dialect.ts';
import { nameRules } from './identifiers.ts';

export const mysqlDialect: Dialect = {
  name: 'mysql',
  names: nameRules.mysql,
  literals: {
    backslashEscapes: true,
    date: (text) => `date '${text}'`,
    timestamp: (text) => `timestamp '${text}'`,
    // MySQL's TIMESTAMP compares in the session's zone; convert_tz with fixed offsets needs no zone tables.
    timestamptz: (utc) => `convert_tz(timestamp '${utc}', '+00:00', @@session.time_zone)`,
  },
  kindOf,
  castOf,
  derived: (subquery, alias) => `(${subquery}) as ${alias}`,
};

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'integer', 'bigint']);
const texts = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set']);
const spatial = /^(geometry|point|linestring|polygon|multi\w+|geometrycollection|geomcollection)$/;

function kindOf(type: string): ColumnKind {
  const parts = typeParts(type);
  const base = parts.base.replace(/ (unsigned|zerofill|signed)\b/g, '').trim();
  if (integers.has(base)) return 'integer';
  if (base === 'decimal' || base === 'numeric') return decimalKind(parts.precision, parts.scale);
  if (base === 'float' || base === 'double' || base === 'double precision' || base === 'real') return 'float';
  if (base === 'date') return 'date';
  if (base === 'datetime') return 'timestamp';
  if (base === 'timestamp') return 'timestamptz';
  return texts.has(base) ? 'text' : 'other';
}

function castOf(type: string, quoted: string): Cast | undefined {
  const { base } = typeParts(type);
  if (base === 'year') return { sql: `cast(${quoted} as unsigned)`, why: 'the driver turns a year into a date' };
  if (base === 'time')
    return {
      sql: `cast(${quoted} as char)`,
      why: 'the driver drops the fraction of a time and refuses more than 24 h',
    };
  if (base === 'json') return { sql: `cast(${quoted} as char)`, why: 'the text of a JSON value is certain' };
  if (spatial.test(base)) return { sql: `st_astext(${quoted})`, why: 'a geometry is a binary driver object' };
  return undefined;
}
