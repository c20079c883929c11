// What there is to move: bytes, how it can be read, by how many readers at most; and what had to be assumed to say so.

import { connectionLimit } from '../plan/plan-shards.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';

export type Workload = {
  readonly sizeBytes: number;
  readonly rowBytes: number;
  readonly rows: number;
  /** False: neither catalogue nor configuration knows the size, and a stand-in is used. */
  readonly sizeKnown: boolean;
  readonly readMode: 'split' | 'query' | 'files';
  /** Connections this job may hold; Infinity when the source is not a database. */
  readonly maxReaders: number;
  /** Share of the rows in the fullest of n equal ranges. */
  readonly fullestShare: (ranges: number) => number;
  readonly assumptions: readonly string[];
};

/** Stand-ins for an unknown size, always named in the assumptions: a million rows of a kilobyte. */
const standInRows = 1_000_000;
const standInRowBytes = 1000;

/** The workload of a load with the profile at hand. Pure. */
export function workloadOf(
  load: Pick<
    EffectiveLoad,
    | 'source'
    | 'query'
    | 'table'
    | 'rowCountEstimate'
    | 'averageRowBytes'
    | 'incremental'
    | 'columns'
    | 'partitionBounds'
  >,
  profile: TableProfile | undefined,
  policy: Pick<Policy, 'connectionHeadroomRatio'>,
): Workload {
  const assumptions: string[] = [];
  const rows = profile?.rowCountExact ?? profile?.rowCountEstimate ?? load.rowCountEstimate ?? undefined;
  const rowBytes = profile?.averageRowBytes ?? load.averageRowBytes ?? undefined;
  const counted = rows !== undefined && rowBytes !== undefined ? rows * rowBytes : undefined;
  const total = profile?.totalBytes ?? undefined;
  const sizeBytes = counted ?? total ?? (rows ?? standInRows) * (rowBytes ?? standInRowBytes);
  if (rows === undefined) assumptions.push(`row count unknown: ${standInRows} rows assumed`);
  if (rowBytes === undefined) assumptions.push(`row size unknown: ${standInRowBytes} bytes assumed`);
  if (load.incremental?.from !== undefined) assumptions.push('incremental window counted as the whole table');
  if (load.partitionBounds !== undefined) assumptions.push('partition bounds counted as the whole table');
  if (load.columns !== undefined) assumptions.push('a selection of columns counted as whole rows');
  const readMode = readModeOf(load);
  if (readMode === 'query') assumptions.push('a query is read by one reader and its rows pass the shuffle');
  return {
    sizeBytes,
    rowBytes: rowBytes ?? (rows ? sizeBytes / rows : standInRowBytes),
    rows: rows ?? (rowBytes ? Math.round(sizeBytes / rowBytes) : standInRows),
    sizeKnown: counted !== undefined || total !== undefined,
    readMode,
    maxReaders: readMode === 'query' ? 1 : maxReadersOf(load, profile, policy, assumptions),
    fullestShare: evenShare,
    assumptions,
  };
}

const evenShare = (ranges: number): number => 1 / ranges;

function readModeOf(load: Pick<EffectiveLoad, 'source' | 'query' | 'table'>): Workload['readMode'] {
  if (load.source.type === 'gcs' || load.source.type === 'bigquery') return 'files';
  return load.query !== undefined && load.table === undefined ? 'query' : 'split';
}

function maxReadersOf(
  load: Pick<EffectiveLoad, 'source'>,
  profile: TableProfile | undefined,
  policy: Pick<Policy, 'connectionHeadroomRatio'>,
  assumptions: string[],
): number {
  if (load.source.type === 'gcs' || load.source.type === 'bigquery') return Number.POSITIVE_INFINITY;
  const known = [load.source.connectionBudget, profile?.freeConnections].filter((limit) => limit !== undefined);
  if (known.length === 0) {
    assumptions.push(`free connections unknown: at most ${unknownConnections} used`);
    return unknownConnections;
  }
  return connectionLimit(Math.min(...known), policy.connectionHeadroomRatio);
}

/** PostgreSQL ships with max_connections = 100 and MySQL with 151; a fifth of the smaller hurts nobody. */
const unknownConnections = 20;
