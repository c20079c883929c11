// Writes what the template is to read: a table name, a subquery with casts and watermark, or one query.

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { ProfileColumn, TableProfile } from '../schema/profile.ts';
import { didYouMean } from './nearest-names.ts';
import { findColumn } from './partition.ts';
import { type Dialect, tableReference } from './sources/dialect.ts';
import { badName, parseTableName, quoteName } from './sources/identifiers.ts';
import { kindOfText, typedLiteral } from './sources/literals.ts';

export type ReadStatement = {
  /** For a split read: the table name, or a subquery in parentheses with an alias. */
  readonly table: string;
  /** For a read by one reader: a complete select. */
  readonly query: string;
  /** The whole table as it is: no cast, no choice of columns, no watermark. */
  readonly bare: boolean;
  /** Columns carry aliases, so the template must name fields by label. */
  readonly aliased: boolean;
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
};

export type ReadStatementResult =
  | { readonly ok: true; readonly statement: ReadStatement }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** Alias of the subquery; a name no table of a user is likely to have. */
const alias = 'streamnova_source';

/**
 * The statement that reads a load's table. Names come from the catalogue or are quoted; watermarks are typed literals: nothing of the
 * configuration reaches SQL unchecked. Columns the template would render wrongly are cast, and each cast is a step.
 */
export function readStatementOf(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  dialect: Dialect,
): ReadStatementResult {
  const violations: Violation[] = [];
  const parts = tableParts(load, profile, violations);
  const columns = selectedColumns(load, profile, violations);
  const filter = watermark(load, profile, dialect, violations);
  if (violations.length > 0 || parts === undefined) return { ok: false, violations };

  const quote = (name: string) => quoteName(dialect.names, name);
  const steps: string[] = [...filter.steps];
  const casts = (columns ?? []).map((column) => {
    const cast = column.type === undefined ? undefined : dialect.castOf(column.type, quote(column.name));
    if (cast !== undefined) steps.push(`${column.name} (${column.type}) is read as ${cast.sql}: ${cast.why}`);
    return cast;
  });
  const aliased = casts.some((cast) => cast !== undefined);
  const explicit = columns !== undefined && (aliased || load.columns !== undefined);
  const list = explicit
    ? columns
        .map((column, index) =>
          casts[index] === undefined ? quote(column.name) : `${casts[index].sql} as ${quote(column.name)}`,
        )
        .join(', ')
    : '*';
  const from = tableReference(dialect, parts, 'quoted');
  const query = `select ${list} from ${from}${filter.sql === '' ? '' : ` where ${filter.sql}`}`;
  const bare = !explicit && filter.sql === '';
  const table = bare ? tableReference(dialect, parts, 'plain') : dialect.derived(query, alias);
  return { ok: true, statement: { table, query, bare, aliased, steps, warnings: filter.warnings } };
}

type Selected = { readonly name: string; readonly type?: string };

function tableParts(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  violations: Violation[],
): readonly string[] | undefined {
  const parsed = parseTableName(load.table ?? '');
  if (typeof parsed === 'string') {
    violations.push({ code: 'TABLE_NAME', path: `/loads/${load.name}/table`, message: parsed });
    return undefined;
  }
  if (profile === undefined) return parsed;
  // The catalogue's spelling wins: the profile was taken for this very table.
  const database = parsed.length === 3 ? parsed.slice(0, 1) : [];
  return [...database, ...(profile.schemaName === '' ? [] : [profile.schemaName]), profile.tableName];
}

function selectedColumns(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  violations: Violation[],
): Selected[] | undefined {
  const path = `/loads/${load.name}/columns`;
  for (const name of load.columns ?? []) {
    const bad = badName(name);
    if (bad !== undefined) violations.push({ code: 'COLUMN_NAME', path, message: `a column name ${bad}` });
  }
  if (profile === undefined) return load.columns?.map((name) => ({ name }));
  if (load.columns === undefined) return profile.columns.map((column) => ({ name: column.name, type: column.type }));
  return load.columns.map((name) => {
    const column = findColumn(profile, name);
    if (column !== undefined) return { name: column.name, type: column.type };
    violations.push({ code: 'UNKNOWN_COLUMN', path, message: unknownColumn(name, profile) });
    return { name };
  });
}

function unknownColumn(name: string, profile: TableProfile): string {
  const names = profile.columns.map((column) => column.name);
  return `the table has no column "${name}"${didYouMean(name, names)}; it has ${names.join(', ')}`;
}

type Filter = { readonly sql: string; readonly steps: readonly string[]; readonly warnings: readonly string[] };

/** `from <= column < to`: windows that follow each other neither miss nor double a row. */
function watermark(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  dialect: Dialect,
  violations: Violation[],
): Filter {
  const incremental = load.incremental;
  if (incremental === undefined) return { sql: '', steps: [], warnings: [] };
  const path = `/loads/${load.name}/incremental`;
  const bad = badName(incremental.column);
  if (bad !== undefined)
    violations.push({ code: 'COLUMN_NAME', path: `${path}/column`, message: `the watermark column ${bad}` });
  const column: ProfileColumn | undefined = profile === undefined ? undefined : findColumn(profile, incremental.column);
  if (profile !== undefined && column === undefined) {
    violations.push({
      code: 'UNKNOWN_COLUMN',
      path: `${path}/column`,
      message: unknownColumn(incremental.column, profile),
    });
  }
  const quoted = quoteName(dialect.names, column?.name ?? incremental.column);
  const conditions: string[] = [];
  for (const [key, operator] of [
    ['from', '>='],
    ['to', '<'],
  ] as const) {
    const text = incremental[key];
    if (text === undefined) continue;
    const literal = typedLiteral(
      dialect.literals,
      column === undefined ? kindOfText(text) : dialect.kindOf(column.type),
      text,
    );
    if (literal.ok) conditions.push(`${quoted} ${operator} ${literal.sql}`);
    else violations.push({ code: 'WATERMARK', path: `${path}/${key}`, message: `${key}: ${literal.message}` });
  }
  const sql = conditions.join(' and ');
  if (sql === '')
    return { sql, steps: [], warnings: ['incremental load without from and to: the whole table is read'] };
  const warnings = column?.nullable === true ? [`rows whose ${column.name} is NULL are in no incremental window`] : [];
  return { sql, steps: [`incremental: only rows with ${sql}`], warnings };
}
