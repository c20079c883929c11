// DONE is not correct: rows loaded against the rows the profile, the configuration or an exact count promised. Pure.

import type { Execution, Failure, MetricsSummary } from '../schema/execution.ts';

/** How far a statistic (not a count) may be off before a shortfall means anything: reltuples lags behind until the next ANALYZE. */
const statisticSlack = 0.5;

/**
 * The failure of a load that ended short of what was promised, or undefined. An exact promise is held to the policy's tolerance; a
 * statistic only exposes a gross shortfall. Rows written fewer than rows read are a shortfall too, whatever was promised.
 */
export function incompleteness(execution: Execution, metrics: MetricsSummary | undefined): Failure | undefined {
  const tolerance = execution.rowCountTolerance ?? 0;
  const read = metrics?.rowsRead;
  const loaded = metrics?.rowsWritten ?? read;
  if (loaded === undefined) return undefined;
  const { expectedRows } = execution;
  if (expectedRows !== undefined) {
    const slack = expectedRows.exact ? tolerance : Math.max(tolerance, statisticSlack);
    if (loaded < expectedRows.count * (1 - slack)) {
      return short(loaded, expectedRows.count, expectedRows.exact ? 'counted' : 'expected from statistics', slack);
    }
  }
  if (read !== undefined && loaded < read * (1 - tolerance))
    return short(loaded, read, 'read from the source', tolerance);
  return undefined;
}

function short(loaded: number, promised: number, origin: string, tolerance: number): Failure {
  const missing = promised - loaded;
  const summary =
    `${loaded} rows were loaded of ${promised} ${origin}: ${missing} are missing (${((100 * missing) / promised).toFixed(2)} %, ` +
    `${(100 * tolerance).toFixed(2)} % are tolerated); look for NULLs in the partition column, bounds that do not cover the table, or rows the target refused`;
  return { class: 'incomplete', code: 'INCOMPLETE', summary, evidence: [] };
}
