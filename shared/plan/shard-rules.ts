// The size rule, the machine step and the data floor of the shard planner, with the constants of the original.

import type { MachineType } from './machine-types.ts';

/** Constants of the shard planner. Source: sahoosar/streamnova, agent/shardplanner defaults (its code and tests, not its application.yml). */
export type ShardSettings = {
  readonly targetMbPerShard: number;
  readonly maxMbPerShard: number;
  readonly maxRowsPerShardWhenSizeUnknown: number;
  readonly maxShards: number;
  readonly connectionHeadroomRatio: number;
};

export const shardSettings: ShardSettings = {
  targetMbPerShard: 200,
  maxMbPerShard: 500,
  maxRowsPerShardWhenSizeUnknown: 200_000,
  maxShards: 256,
  connectionHeadroomRatio: 0.8,
};

/** How a class of machines is used: readers a vCPU carries, and rows a shard should hold when the row size is unknown. */
export type ShardProfile = {
  readonly kind: 'highcpu' | 'highmem' | 'standard';
  readonly readersPerVcpu: number;
  readonly rowsPerShard: number;
};

/** The profile of a machine type, told by its name as the original does: `highcpu`, `highmem`, anything else is standard. */
export function shardProfileOf(machine: Pick<MachineType, 'name'>): ShardProfile {
  if (machine.name.includes('highcpu')) return { kind: 'highcpu', readersPerVcpu: 2, rowsPerShard: 20_000 };
  if (machine.name.includes('highmem')) return { kind: 'highmem', readersPerVcpu: 1, rowsPerShard: 100_000 };
  return { kind: 'standard', readersPerVcpu: 1, rowsPerShard: 50_000 };
}

export type TableSize = {
  /** Rows, or 0 when unknown. */
  readonly rows: number;
  /** MiB, or undefined when rows or row size are unknown. */
  readonly mib: number | undefined;
  /** Shards by size alone. */
  readonly bySize: number;
};
type Say = (step: string) => void;

/** More ranges than this many times the even number do not help against skew: the fullest value cannot be split any further. */
const maxSkewFactor = 4;

/** How many times the even number of ranges to read in, by the ratio of the fullest range to the mean: 1 where they count as even. */
export const skewFactor = (ratio: number): number => (ratio < skewWorthActing ? 1 : Math.min(maxSkewFactor, ratio));

/** One shard per 200 MiB. Unknown size: one shard, and the later steps count rows. Numbers are doubles: nothing wraps, unlike the original. */
export function sizeRule(
  profile: {
    readonly rowCountEstimate: number | null;
    readonly averageRowBytes: number | null;
    readonly skewRatio?: number | undefined;
  },
  settings: ShardSettings,
  say: Say,
): TableSize {
  const rows = positive(profile.rowCountEstimate);
  const rowBytes = positive(profile.averageRowBytes);
  if (rows === 0 || rowBytes === 0) {
    const what = rows === 0 ? 'the row count is unknown or zero' : `${rows} rows of unknown size`;
    say(`${what}: the size rule gives 1 shard, the machine decides`);
    return { rows, mib: undefined, bySize: 1 };
  }
  const mib = (rows * rowBytes) / 1_048_576;
  const even = Math.max(1, Math.ceil(mib / settings.targetMbPerShard));
  say(
    `${rows} rows × ${rowBytes} bytes = ${rounded(mib)} MiB; one shard per ${settings.targetMbPerShard} MiB: ${even}`,
  );
  const skew = skewFactor(profile.skewRatio ?? 1);
  if (skew === 1) return { rows, mib, bySize: even };
  const bySize = Math.ceil(even * skew);
  say(
    `the fullest range holds ${rounded(profile.skewRatio ?? 1)} × the mean: ${bySize} shards, so that ranges are evener`,
  );
  return { rows, mib: mib * skew, bySize };
}

/** Below this ratio (fullest range over mean) equal-width ranges count as even. */
export const skewWorthActing = 1.5;

export type Fleet = {
  readonly workers: number;
  readonly vcpus: number;
  readonly machineMax: number;
  readonly profile: ShardProfile;
};

/** What the machine makes of the size: highcpu fills its readers, highmem never exceeds the size rule, standard uses at least its vCPUs. */
export function machineStep(table: TableSize, fleet: Fleet, say: Say): number {
  const { machineMax, profile, workers, vcpus } = fleet;
  const byRows = Math.ceil(table.rows / profile.rowsPerShard);
  const sizeKnown = table.mib !== undefined;
  const text = `${profile.kind} machine, at most ${workers} × ${vcpus} × ${profile.readersPerVcpu} = ${machineMax} readers`;
  let shards: number;
  if (profile.kind === 'highcpu') {
    shards = Math.max(table.bySize, machineMax, sizeKnown ? 0 : byRows);
  } else if (profile.kind === 'highmem') {
    shards = Math.min(table.bySize, machineMax, sizeKnown ? table.bySize : byRows);
  } else {
    const bySize = sizeKnown ? table.bySize : Math.max(table.bySize, byRows);
    shards = Math.min(Math.max(bySize, Math.min(Math.max(1, workers * vcpus), machineMax)), machineMax);
  }
  say(sizeKnown ? `${text}: ${shards}` : `${text}; one shard per ${profile.rowsPerShard} rows: ${shards}`);
  return shards;
}

/** No shard above the largest size allowed, and at least one per worker. */
export function dataFloor(
  table: TableSize,
  workers: number,
  settings: ShardSettings,
  shards: number,
  say: Say,
): number {
  const bySize =
    table.mib === undefined
      ? Math.ceil(table.rows / settings.maxRowsPerShardWhenSizeUnknown)
      : Math.ceil(table.mib / settings.maxMbPerShard);
  const floor = Math.max(bySize, workers);
  if (floor > shards) {
    const limit =
      table.mib === undefined ? `${settings.maxRowsPerShardWhenSizeUnknown} rows` : `${settings.maxMbPerShard} MiB`;
    say(`at most ${limit} a shard and at least one shard a worker: ${floor}`);
  }
  return Math.max(shards, floor);
}

const positive = (value: number | null): number => (value !== null && Number.isFinite(value) && value > 0 ? value : 0);
const rounded = (value: number): string => (value >= 100 ? Math.round(value).toString() : value.toFixed(1));
