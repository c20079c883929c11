// Says how many rows a load should bring, and how sure that number is.

import type { EffectiveLoad } from '../schema/load-config.ts';
import type { TableProfile } from '../schema/profile.ts';

/** The load's own promise, else an exact count, else the catalogue's statistic. Undefined for windows and queries: their rows are not the table's. */
export function expectedRowsOf(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
): { readonly count: number; readonly exact: boolean } | undefined {
  if (load.expectedRows !== undefined) return { count: load.expectedRows, exact: true };
  const partial =
    load.query !== undefined || load.incremental?.from !== undefined || load.incremental?.to !== undefined;
  if (partial) return undefined;
  if (profile?.rowCountExact !== undefined) return { count: profile.rowCountExact, exact: true };
  const estimate = profile?.rowCountEstimate ?? load.rowCountEstimate;
  return estimate === undefined ? undefined : { count: estimate, exact: false };
}
