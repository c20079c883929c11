// Chooses the column a table is split by, or says why it cannot be split: never a column that would lose rows.

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { ProfileColumn, TableProfile } from '../schema/profile.ts';
import { didYouMean } from './nearest-names.ts';
import { splitKind } from './partition-rules.ts';
import type { Dialect } from './sources/dialect.ts';
import { badName } from './sources/identifiers.ts';

export type Partition =
  | {
      readonly kind: 'split';
      readonly column: string;
      readonly columnType: 'long' | 'datetime';
      /** The column as the catalogue knows it; undefined without a profile. */
      readonly profiled?: ProfileColumn;
      /** NULLs are read too, as the lowest value: the load asked for it. */
      readonly coalesceNulls: boolean;
      readonly steps: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'none'; readonly reasons: readonly string[] }
  | { readonly kind: 'refused'; readonly violations: readonly Violation[] };

/**
 * The split of a load's table into ranges. The configured column is used or refused, never replaced; without one the profile decides:
 * primary key first, then indexed columns, NOT NULL, whole numbers before times. `none`: the table can only be read by one reader.
 */
export function choosePartition(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  dialect: Dialect,
  shards: number,
): Partition {
  if (load.partitionColumn !== undefined) return configuredColumn(load, load.partitionColumn, profile, dialect);
  if (profile === undefined) {
    return {
      kind: 'none',
      reasons: ['no profile of the table and no partitionColumn in the load: nothing says what to split by'],
    };
  }
  return chosenColumn(load, profile, dialect, shards);
}

function configuredColumn(
  load: EffectiveLoad,
  name: string,
  profile: TableProfile | undefined,
  dialect: Dialect,
): Partition {
  const path = `/loads/${load.name}/partitionColumn`;
  const refuse = (code: string, message: string): Partition => ({
    kind: 'refused',
    violations: [{ code, path, message }],
  });
  const coalesceNulls = load.onNullPartitionKey === 'coalesce';
  const bad = badName(name);
  if (bad !== undefined) return refuse('COLUMN_NAME', `the partition column ${bad}`);
  if (load.columns !== undefined && !load.columns.some((column) => column.toLowerCase() === name.toLowerCase())) {
    return refuse(
      'PARTITION_COLUMN_HIDDEN',
      `${name} is not among the columns of the load, so the template cannot split by it: add it to columns`,
    );
  }
  if (profile === undefined) {
    const columnType = load.partitionColumnType ?? typeOfBounds(load) ?? 'long';
    const unproven = boundsProblem(load, columnType);
    if (unproven !== undefined) return { kind: 'refused', violations: [unproven] };
    const warnings = [
      `no profile of the table: ${name} is taken to be a NOT NULL ${columnType === 'long' ? 'whole number' : 'time'}; rows whose ${name} is NULL would be lost`,
    ];
    return {
      kind: 'split',
      column: name,
      columnType,
      coalesceNulls,
      steps: [`split by ${name}, as configured`],
      warnings,
    };
  }
  const column = findColumn(profile, name);
  if (column === undefined) {
    const names = profile.columns.map((one) => one.name);
    return refuse(
      'PARTITION_COLUMN_UNKNOWN',
      `the table has no column "${name}"${didYouMean(name, names)}; it has ${names.join(', ')}`,
    );
  }
  const split = splitKind(dialect.kindOf(column.type), column, dialect.castOf(column.type, '') !== undefined);
  if (!split.ok) return refuse('PARTITION_COLUMN_TYPE', `${column.name} cannot split the table: ${split.reason}`);
  if (column.nullable && !coalesceNulls) return refuse('PARTITION_COLUMN_NULLABLE', nullReason(column));
  const bounds = boundsProblem(load, split.type);
  if (bounds !== undefined) return { kind: 'refused', violations: [bounds] };
  const warnings = [...split.warnings];
  if (!profile.indexedColumns.includes(column.name) && !profile.primaryKey.slice(0, 1).includes(column.name)) {
    warnings.push(`${column.name} has no index: every range scans the whole table`);
  }
  if (column.nullable)
    warnings.push(`${column.name} may be NULL: it is wrapped in coalesce, so an index on it is not used`);
  const steps = [`split by ${column.name} (${column.type}), as configured`];
  return {
    kind: 'split',
    column: column.name,
    columnType: split.type,
    profiled: column,
    coalesceNulls: column.nullable,
    steps,
    warnings,
  };
}

function chosenColumn(load: EffectiveLoad, profile: TableProfile, dialect: Dialect, shards: number): Partition {
  const primary = profile.primaryKey.length === 1 ? profile.primaryKey : [];
  const names = [...new Set([...primary, ...profile.primaryKey.slice(0, 1), ...profile.indexedColumns])];
  const reasons: string[] = names.length === 0 ? ['the table has no primary key and no index'] : [];
  const suitable: Extract<Partition, { kind: 'split' }>[] = [];
  for (const name of names) {
    const column = findColumn(profile, name);
    if (column === undefined) continue;
    const isKey = primary.includes(name);
    const cast = dialect.castOf(column.type, '') !== undefined;
    const split = splitKind(dialect.kindOf(column.type), column, cast);
    const hidden = load.columns?.every((wanted) => findColumn(profile, wanted) !== column) === true;
    const few = column.distinctCount !== undefined && column.distinctCount < shards && !isKey;
    if (!split.ok) reasons.push(`${name}: ${split.reason}`);
    else if (cast) reasons.push(`${name}: its values must be cast for the template, which no index serves`);
    else if (column.nullable) reasons.push(`${name}: it may be NULL, and rows with NULL would be lost`);
    else if (hidden) reasons.push(`${name}: it is not among the columns of the load`);
    else if (few)
      reasons.push(`${name}: only about ${Math.round(column.distinctCount ?? 0)} distinct values for ${shards} ranges`);
    else {
      const what = isKey ? 'the primary key' : 'indexed';
      const steps = [
        `split by ${column.name} (${column.type}): ${what}, NOT NULL`,
        ...reasons.map((reason) => `not by ${reason}`),
      ];
      suitable.push({
        kind: 'split',
        column: column.name,
        columnType: split.type,
        profiled: column,
        coalesceNulls: false,
        steps,
        warnings: split.warnings,
      });
    }
  }
  return suitable.find((one) => one.columnType === 'long') ?? suitable[0] ?? { kind: 'none', reasons };
}

/** The catalogue's column of that name: exact, else the only one that differs in case alone. */
export function findColumn(profile: TableProfile, name: string): ProfileColumn | undefined {
  const exact = profile.columns.find((column) => column.name === name);
  if (exact !== undefined) return exact;
  const folded = profile.columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return folded.length === 1 ? folded[0] : undefined;
}

function nullReason(column: ProfileColumn): string {
  const share =
    column.nullFraction === undefined || column.nullFraction === 0
      ? ''
      : ` (about ${(column.nullFraction * 100).toFixed(1)} % are)`;
  return `${column.name} may be NULL${share}: the template reads by ranges of it, and rows with NULL would be lost without a message; name a NOT NULL column, or set onNullPartitionKey: coalesce`;
}

function typeOfBounds(load: EffectiveLoad): 'long' | 'datetime' | undefined {
  if (load.partitionBounds === undefined) return undefined;
  return /^-?\d+$/.test(load.partitionBounds.lower) ? 'long' : 'datetime';
}

/**
 * Bounds are filters in the template: rows outside them are lost without a message. They are accepted only where an incremental window on
 * the same column proves that nothing lies outside; otherwise the template measures min and max itself.
 */
export function boundsProblem(load: EffectiveLoad, type: 'long' | 'datetime'): Violation | undefined {
  const bounds = load.partitionBounds;
  if (bounds === undefined) return undefined;
  const path = `/loads/${load.name}/partitionBounds`;
  const lower = position(bounds.lower, type);
  const upper = position(bounds.upper, type);
  if (lower === undefined || upper === undefined) {
    const form = type === 'long' ? 'whole numbers' : 'ISO timestamps with an offset';
    return { code: 'PARTITION_BOUNDS', path, message: `partitionBounds must be ${form}` };
  }
  if (lower >= upper)
    return {
      code: 'PARTITION_BOUNDS',
      path,
      message: 'partitionBounds: lower must be below upper, or Beam refuses the job',
    };
  const window = load.incremental?.column === load.partitionColumn ? load.incremental : undefined;
  const from = window?.from === undefined ? undefined : position(window.from, type);
  const to = window?.to === undefined ? undefined : position(window.to, type);
  if (from !== undefined && to !== undefined && lower <= from && upper >= to) return undefined;
  const message =
    'nothing proves that all rows lie within partitionBounds, and the template drops the others without a message: remove them (it measures min and max itself), or filter by an incremental window on the same column that they cover';
  return { code: 'PARTITION_BOUNDS', path, message };
}

function position(text: string, type: 'long' | 'datetime'): number | bigint | undefined {
  if (type === 'long') return /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  const millis = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)
    ? Date.parse(zoned(text))
    : Number.NaN;
  return Number.isNaN(millis) ? undefined : millis;
}

function zoned(text: string): string {
  const iso = text.replace(' ', 'T');
  return iso.length <= 10 || /(Z|[+-]\d{2}:\d{2})$/.test(iso) ? iso : `${iso}Z`;
}

/** A datetime bound as the template reads it: `yyyy-MM-dd HH:mm:ss.SSS+00:00`. */
export function templateTime(text: string): string {
  return new Date(Date.parse(zoned(text))).toISOString().replace('T', ' ').replace('Z', '+00:00');
}
