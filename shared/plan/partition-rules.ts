// Says which column types the template can split without losing rows, and why the others cannot be split by.

import type { ProfileColumn } from '../schema/profile.ts';
import type { ColumnKind } from './sources/dialect.ts';

export type SplitKind =
  | { readonly ok: true; readonly type: 'long' | 'datetime'; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/**
 * `long` for whole numbers, `datetime` for dates and timestamps. Fractions are refused because the template reads min and max as 64-bit
 * whole numbers, so rows between a negative minimum and its truncation lie outside every range (templates.md 2.5, Beam's JdbcUtil).
 */
export function splitKind(kind: ColumnKind, column: Pick<ProfileColumn, 'name' | 'type'>, cast: boolean): SplitKind {
  switch (kind) {
    case 'integer':
      return { ok: true, type: 'long', warnings: [] };
    case 'date':
    case 'timestamp':
    case 'timestamptz': {
      const empty = 'on an empty table the template fails for a time column';
      const scans = `${column.name} (${column.type}) must be cast for the template, which no index serves: every range scans the whole table`;
      return { ok: true, type: 'datetime', warnings: cast ? [empty, scans] : [empty] };
    }
    case 'decimal':
    case 'float':
      return {
        ok: false,
        reason: `${column.type} may hold fractions or exceed 64 bits, and the template truncates its bounds to whole numbers: rows would be lost`,
      };
    case 'text':
    case 'other':
      return {
        ok: false,
        reason: `${column.type} is neither a whole number nor a time, which is all the template can split by`,
      };
  }
}
