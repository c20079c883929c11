// How a table is read: by ranges of a column, or by one reader; one answer for the plan that does it and the estimate that reckons with it.

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { TableProfile } from '../schema/profile.ts';
import { choosePartition, type Partition } from './partition.ts';
import { type ReadStatement, readStatementOf } from './read-statement.ts';
import type { Dialect } from './sources/dialect.ts';

/** What a template can split: whatever has a partition (tables and subqueries), or plain tables by whole numbers alone (Beam YAML). */
export type Splits = 'any' | 'plain-tables';

type Split = Extract<Partition, { kind: 'split' }>;

export type TableRead =
  | { readonly mode: 'split'; readonly partition: Split; readonly statement: ReadStatement }
  /** `reason`: why it cannot be split. */
  | { readonly mode: 'query'; readonly reason: string; readonly statement: ReadStatement }
  | { readonly mode: 'refused'; readonly violations: readonly Violation[] };

/** The read of a load's table in up to `shards` ranges by a template that splits `splits`, or every reason against it. Pure. */
export function tableRead(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  dialect: Dialect,
  shards: number,
  splits: Splits,
): TableRead {
  const partition = choosePartition(load, profile, dialect, shards);
  const read = readStatementOf(load, profile, dialect);
  if (partition.kind === 'refused' || !read.ok) {
    const violations = [
      ...(partition.kind === 'refused' ? partition.violations : []),
      ...(read.ok ? [] : read.violations),
    ];
    return { mode: 'refused', violations };
  }
  const { statement } = read;
  if (partition.kind === 'none') return { mode: 'query', reason: partition.reasons.join('; '), statement };
  const plain = statement.bare && partition.columnType === 'long' && !partition.coalesceNulls;
  if (splits === 'any' || plain) return { mode: 'split', partition, statement };
  return { mode: 'query', reason: 'Beam YAML splits plain tables by whole numbers only', statement };
}
