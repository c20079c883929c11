// DONE is not correct: rows loaded against the rows the profile, the configuration or an exact count promised. Pure.

import type { Execution, Failure, MetricsSummary } from '../schema/execution.ts';

/** How far a statistic (not a count) may be off before a shortfall is a failure: reltuples lags behind until the next ANALYZE. */
const statisticSlack = 0.5;

/**
 * The failure of a load that ended short of what was promised, or undefined. An exact promise is held to the policy's tolerance; a
 * statistic only exposes a gross shortfall. Where the template itself counts rows in and out, fewer out than in is a shortfall too,
 * whatever was promised; Dataflow's element counts are too coarse for that (summarise-metrics.ts).
 */
export function incompleteness(execution: Execution, metrics: MetricsSummary | undefined): Failure | undefined {
  const tolerance = execution.rowCountTolerance ?? 0;
  const loaded = metrics?.rowsWritten ?? metrics?.rowsRead;
  if (loaded === undefined) return undefined;
  const { expectedRows } = execution;
  if (expectedRows !== undefined) {
    const slack = expectedRows.exact ? tolerance : Math.max(tolerance, statisticSlack);
    if (loaded < expectedRows.count * (1 - slack)) {
      return short(loaded, expectedRows.count, expectedRows.exact ? 'counted' : 'expected from statistics', slack);
    }
  }
  const read = countedRows(metrics, 'rowsRead');
  const written = countedRows(metrics, 'rowsWritten');
  if (read !== undefined && written !== undefined && written < read * (1 - tolerance))
    return short(written, read, 'read from the source', tolerance);
  return undefined;
}

/**
 * What a load that succeeded is to be told with: that nobody can say whether it is complete, or that it fell short of a statistic by more
 * than the policy tolerates. That is no failure, since a statistic may be old, but nothing to be silent about.
 */
export function completenessWarning(execution: Execution, metrics: MetricsSummary | undefined): string | undefined {
  return uncheckedCompleteness(execution, metrics) ?? shortOfStatistic(execution, metrics);
}

function shortOfStatistic(execution: Execution, metrics: MetricsSummary | undefined): string | undefined {
  const { expectedRows, rowCountTolerance: tolerance = 0, load } = execution;
  const read = metrics?.rowsRead ?? metrics?.rowsWritten;
  if (expectedRows === undefined || expectedRows.exact || read === undefined) return undefined;
  if (read >= expectedRows.count * (1 - tolerance)) return undefined;
  const missing = expectedRows.count - read;
  const still = metrics?.tentative === true ? ', by counts that are tentative still' : '';
  return (
    `${read} rows were read${still}, ${missing} fewer than the ${expectedRows.count} of the source's statistics ` +
    `(${percent(missing / expectedRows.count)}; ${percent(tolerance)} are tolerated); statistics may be out of date, so this is no failure: ` +
    `for a strict check set loads.${load}.expectedRows, or bring a profile with rowCountExact`
  );
}

function uncheckedCompleteness(execution: Execution, metrics: MetricsSummary | undefined): string | undefined {
  if (metrics?.rowsWritten === undefined && metrics?.rowsRead === undefined) {
    return 'completeness is not checked: the job left no row counter and no element count of a read or write step';
  }
  const counted = countedRows(metrics, 'rowsRead') !== undefined && countedRows(metrics, 'rowsWritten') !== undefined;
  if (execution.expectedRows !== undefined || counted) return undefined;
  return 'completeness is not checked: no number of rows was promised; set loads.<name>.expectedRows, or profile the table';
}

/** A figure that comes from the template's own counter. */
function countedRows(metrics: MetricsSummary | undefined, name: 'rowsRead' | 'rowsWritten'): number | undefined {
  const counted = Object.keys(metrics?.userCounters ?? {}).some((key) => key.endsWith(`/${name}`));
  return counted ? metrics?.[name] : undefined;
}

function short(loaded: number, promised: number, origin: string, tolerance: number): Failure {
  const missing = promised - loaded;
  const summary =
    `${loaded} rows were loaded of ${promised} ${origin}: ${missing} are missing (${percent(missing / promised)}, ` +
    `${percent(tolerance)} are tolerated); look for NULLs in the partition column, bounds that do not cover the table, or rows the target refused`;
  return { class: 'incomplete', code: 'INCOMPLETE', summary, evidence: [] };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
