// Plain ANSI SQL for databases the planner does not know: quoted names, ISO literals, no casts.

import { type ColumnKind, type Dialect, decimalKind, typeParts } from './dialect.ts';
import { nameRules } from './identifiers.ts';

export const ansiDialect: Dialect = {
  name: 'ansi',
  names: nameRules.ansi,
  literals: {
    backslashEscapes: false,
    date: (text) => `date '${text}'`,
    timestamp: (text) => `timestamp '${text}'`,
    timestamptz: (utc) => `timestamp '${utc}+00:00'`,
  },
  kindOf,
  castOf: () => undefined,
  derived: (subquery, alias) => `(${subquery}) as ${alias}`,
};

function kindOf(type: string): ColumnKind {
  const { base, precision, scale } = typeParts(type);
  if (/^(smallint|integer|int|bigint)$/.test(base)) return 'integer';
  if (base === 'decimal' || base === 'numeric') return decimalKind(precision, scale);
  if (/^(float|real|double precision|double)$/.test(base)) return 'float';
  if (base === 'date') return 'date';
  if (base.startsWith('timestamp')) return base.includes('with time zone') ? 'timestamptz' : 'timestamp';
  return /char|text|clob/.test(base) ? 'text' : 'other';
}
