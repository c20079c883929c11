// What a database's SQL looks like to the planner: names, literals, column types, and the casts the template needs.

import { type NameRules, plainName, quoteName } from './identifiers.ts';
import type { LiteralRules } from './literals.ts';

/** What a column holds, as far as splitting, casting and literals care. `decimal` may hold fractions or exceed 64 bits. */
export type ColumnKind = 'integer' | 'decimal' | 'float' | 'date' | 'timestamp' | 'timestamptz' | 'text' | 'other';

/** A column's value as the template must be given it: the SQL, and why the bare column would not do. */
export type Cast = { readonly sql: string; readonly why: string };

export type Dialect = {
  readonly name: 'postgres' | 'mysql' | 'oracle' | 'sqlserver' | 'ansi';
  readonly names: NameRules;
  readonly literals: LiteralRules;
  /** The kind of a type name of this database, as its catalogue writes it (any case, with or without length). */
  readonly kindOf: (type: string) => ColumnKind;
  /** The cast a column needs so that the template renders its value right; undefined: none. `quoted` is the quoted column name. */
  readonly castOf: (type: string, quoted: string) => Cast | undefined;
  /** `(subquery) as alias`; Oracle takes no `as` before a table alias. */
  readonly derived: (subquery: string, alias: string) => string;
};

/** `schema.table`, each part bare where that is safe. */
export function tableReference(dialect: Dialect, parts: readonly string[], always: 'quoted' | 'plain'): string {
  const write = always === 'quoted' ? quoteName : plainName;
  return parts.map((part) => write(dialect.names, part)).join('.');
}

/** `numeric(12,2)` → base `numeric`, precision 12, scale 2; white space is folded, case lowered. */
export function typeParts(type: string): {
  readonly base: string;
  readonly precision?: number;
  readonly scale?: number;
} {
  const text = type.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const found = /\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\)/.exec(text);
  const base = text.replace(/\s*\([^)]*\)/, '').trim();
  if (found === null) return { base };
  return { base, precision: Number(found[1]), ...(found[2] === undefined ? {} : { scale: Number(found[2]) }) };
}

/** Decimals that are whole numbers of at most 18 digits fit the template's 64-bit ranges. */
export function decimalKind(precision: number | undefined, scale: number | undefined): ColumnKind {
  const digits = precision === undefined ? undefined : precision - (scale ?? 0);
  return digits !== undefined && digits <= 18 && (scale ?? 0) <= 0 ? 'integer' : 'decimal';
}
