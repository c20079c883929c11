// What there is to move: bytes, how it can be read, by how many readers at most; and what had to be assumed to say so.

import type { Violation } from '../base/errors.ts';
import type { Partition } from '../plan/partition.ts';
import { connectionLimit } from '../plan/plan-shards.ts';
import { shardSettings } from '../plan/shard-rules.ts';
import { measureSkew } from '../plan/skew.ts';
import { sourceHandler } from '../plan/sources/registry.ts';
import { tableRead } from '../plan/table-read.ts';
import { splitsOf } from '../plan/templates/catalogue.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';

export type Workload = {
  readonly sizeBytes: number;
  readonly rowBytes: number;
  /** False where nothing is known of the rows and a stand-in is counted with. */
  readonly rowBytesKnown: boolean;
  readonly rows: number;
  readonly readMode: 'split' | 'query' | 'files';
  /** Connections this job may hold; Infinity when the source is not a database. */
  readonly maxReaders: number;
  /** Share of the rows in the fullest of n equal ranges. */
  readonly fullestShare: (ranges: number) => number;
  readonly assumptions: readonly string[];
};

export type WorkloadResult =
  | { readonly ok: true; readonly workload: Workload }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** Stand-ins for an unknown size, always named in the assumptions: a million rows of a kilobyte. */
const standInRows = 1_000_000;
const standInRowBytes = 1000;

/** The workload of a load with the profile at hand, or why the table cannot be read as configured. Pure. */
export function workloadOf(
  load: EffectiveLoad,
  profile: TableProfile | undefined,
  policy: Pick<Policy, 'connectionHeadroomRatio'>,
): WorkloadResult {
  const reading = readingOf(load, profile);
  if (!reading.ok) return reading;
  const assumptions = [...reading.assumptions];
  const rows = profile?.rowCountExact ?? profile?.rowCountEstimate ?? load.rowCountEstimate ?? load.expectedRows;
  const rowBytes = profile?.averageRowBytes ?? load.averageRowBytes ?? undefined;
  const total = profile?.totalBytes ?? undefined;
  const sizeBytes =
    rows !== undefined && rowBytes !== undefined
      ? rows * rowBytes
      : (total ?? (rows ?? standInRows) * (rowBytes ?? standInRowBytes));
  if (rows === undefined && total === undefined) assumptions.push(`row count unknown: ${standInRows} rows assumed`);
  if (rowBytes === undefined && total === undefined)
    assumptions.push(`row size unknown: ${standInRowBytes} bytes assumed`);
  if (load.incremental?.from !== undefined) assumptions.push('the incremental window is counted as the whole table');
  if (load.columns !== undefined) assumptions.push('a selection of columns is counted as whole rows');
  const meanRowBytes = rowBytes ?? (rows ? sizeBytes / rows : standInRowBytes);
  return {
    ok: true,
    workload: {
      sizeBytes,
      rowBytes: meanRowBytes,
      rowBytesKnown: rowBytes !== undefined || (rows !== undefined && rows > 0 && total !== undefined),
      rows: rows ?? Math.round(sizeBytes / Math.max(1, meanRowBytes)),
      readMode: reading.readMode,
      maxReaders: maxReadersOf(load, profile, policy, assumptions),
      fullestShare: memoised(reading.fullestShare),
      assumptions,
    },
  };
}

type Reading =
  | {
      readonly ok: true;
      readonly readMode: Workload['readMode'];
      readonly fullestShare: (ranges: number) => number;
      readonly assumptions: readonly string[];
    }
  | { readonly ok: false; readonly violations: readonly Violation[] };

const evenShare = (ranges: number): number => 1 / ranges;

function readingOf(load: EffectiveLoad, profile: TableProfile | undefined): Reading {
  const handler = sourceHandler(load.source.type);
  if (handler.kind !== 'database') return { ok: true, readMode: 'files', fullestShare: evenShare, assumptions: [] };
  const oneReader = (why: string): Reading => ({
    ok: true,
    readMode: 'query',
    fullestShare: evenShare,
    assumptions: [`one reader, and every row passes the shuffle: ${why}`],
  });
  if (load.table === undefined) return oneReader('the load reads a query');
  const dialect = handler.dialectOf(load.source);
  const read = tableRead(load, profile, dialect, shardSettings.maxShards, splitsOf(load));
  if (read.mode === 'refused') return { ok: false, violations: read.violations };
  if (read.mode === 'query') return oneReader(`the table cannot be split (${read.reason})`);
  return { ok: true, readMode: 'split', ...evenness(read.partition) };
}

function evenness(partition: Extract<Partition, { kind: 'split' }>) {
  const { profiled, columnType, column } = partition;
  const known = profiled === undefined ? undefined : measureSkew(profiled, columnType, 2);
  if (profiled === undefined || known === undefined) {
    return { fullestShare: evenShare, assumptions: [`ranges of ${column} taken as even: no histogram of it`] };
  }
  return {
    fullestShare: (ranges: number) => measureSkew(profiled, columnType, ranges)?.fullestShare ?? 1 / ranges,
    assumptions: [`evenness of ranges read from the histogram of ${column}`],
  };
}

function memoised(share: (ranges: number) => number): (ranges: number) => number {
  const known = new Map<number, number>();
  return (ranges) => {
    const found = known.get(ranges) ?? Math.max(1 / ranges, share(ranges));
    known.set(ranges, found);
    return found;
  };
}

function maxReadersOf(
  load: Pick<EffectiveLoad, 'source'>,
  profile: TableProfile | undefined,
  policy: Pick<Policy, 'connectionHeadroomRatio'>,
  assumptions: string[],
): number {
  if (sourceHandler(load.source.type).kind !== 'database') return Number.POSITIVE_INFINITY;
  const known = [load.source.connectionBudget, profile?.freeConnections].filter((limit) => limit !== undefined);
  if (known.length === 0) {
    assumptions.push(`free connections unknown: at most ${unknownConnections} used`);
    return unknownConnections;
  }
  return connectionLimit(Math.min(...known), policy.connectionHeadroomRatio);
}

/** PostgreSQL ships with max_connections = 100 and MySQL with 151; a fifth of the smaller hurts nobody. */
const unknownConnections = 20;
