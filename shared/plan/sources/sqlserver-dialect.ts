// SQL Server's SQL: type names, and the casts that keep values whole through the template.

import { type Cast, type ColumnKind, type Dialect, decimalKind, typeParts } from './dialect.ts';
import { nameRules } from './identifiers.ts';

export const sqlserverDialect: Dialect = {
  name: 'sqlserver',
  names: nameRules.sqlserver,
  literals: {
    backslashEscapes: false,
    date: (text) => `cast('${text}' as date)`,
    timestamp: (text) => `cast('${text.replace(' ', 'T')}' as datetime2)`,
    timestamptz: (utc) => `cast('${utc.replace(' ', 'T')}+00:00' as datetimeoffset)`,
  },
  kindOf,
  castOf,
  derived: (subquery, alias) => `(${subquery}) as ${alias}`,
};

function kindOf(type: string): ColumnKind {
  const { base, precision, scale } = typeParts(type);
  if (/^(tinyint|smallint|int|bigint)$/.test(base)) return 'integer';
  if (base === 'decimal' || base === 'numeric') return decimalKind(precision, scale);
  if (base === 'money' || base === 'smallmoney') return 'decimal';
  if (base === 'float' || base === 'real') return 'float';
  if (base === 'date') return 'date';
  if (/^(datetime|datetime2|smalldatetime)$/.test(base)) return 'timestamp';
  if (base === 'datetimeoffset') return 'timestamptz';
  return /^(n?varchar|n?char|n?text)$/.test(base) ? 'text' : 'other';
}

function castOf(type: string, quoted: string): Cast | undefined {
  const { base } = typeParts(type);
  if (base === 'datetime2' || base === 'smalldatetime') {
    const why = `the template writes ${base} as epoch milliseconds, which BigQuery reads as seconds`;
    return { sql: `convert(varchar(33), ${quoted}, 126)`, why };
  }
  if (base === 'datetimeoffset') {
    const why = 'the template has no form for datetimeoffset; ISO 8601 in UTC is certain';
    return { sql: `convert(varchar(33), switchoffset(${quoted}, '+00:00'), 127)`, why };
  }
  if (base === 'time') return { sql: `cast(${quoted} as varchar(16))`, why: 'the driver drops the fraction of a time' };
  if (base === 'uniqueidentifier')
    return { sql: `convert(varchar(36), ${quoted})`, why: 'the text of a uniqueidentifier is certain' };
  if (base === 'xml' || base === 'sql_variant')
    return { sql: `cast(${quoted} as nvarchar(max))`, why: `${base} is a driver object` };
  if (/^(hierarchyid|geography|geometry)$/.test(base))
    return { sql: `${quoted}.ToString()`, why: `${base} is a binary driver object` };
  return undefined;
}
