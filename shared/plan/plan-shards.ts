// Decides in how many ranges a table is read by a given fleet: the size rule first, the caps last and never exceeded.

import { findMachineType, type MachineType } from './machine-types.ts';
import { dataFloor, machineStep, type ShardSettings, shardProfileOf, shardSettings, sizeRule } from './shard-rules.ts';

export type ShardInput = {
  readonly machineType: string;
  readonly workerCount: number;
  readonly profile: {
    readonly rowCountEstimate: number | null;
    readonly averageRowBytes: number | null;
    /** Rows of the fullest range over the mean, from the histogram (1: even); more ranges even it out. */
    readonly skewRatio?: number | undefined;
  };
  /** Connections the source grants this job; undefined: no limit. */
  readonly connectionBudget?: number | undefined;
  readonly policy?: { readonly maxShards?: number | undefined; readonly connectionHeadroomRatio?: number | undefined };
  readonly settings?: Partial<ShardSettings> | undefined;
};

export type ShardCaps = {
  /** workers × vCPUs × readers per vCPU, at least 1. */
  readonly machine: number;
  /** floor(budget × headroom), at least 1; null: no limit. */
  readonly connections: number | null;
  /** policy.maxShards, else the default cap. */
  readonly policy: number;
};

export type ShardPlan = {
  readonly shards: number;
  /** Ranges read at once = connections held, fleet-wide: min(shards, workers × threads). */
  readonly maxConcurrentShards: number;
  readonly threadsPerWorker: number;
  readonly caps: ShardCaps;
  readonly steps: readonly string[];
};

export type ShardResult =
  | { readonly ok: true; readonly plan: ShardPlan }
  | { readonly ok: false; readonly message: string; readonly nearest: readonly string[] };

/**
 * The shard plan of a machine type and worker count, with every step in words and numbers; or the reason why the machine type is unknown.
 * Deterministic; for any input 1 ≤ shards ≤ every cap, and shards never fall when the table grows. The rules and constants are those of the
 * original planner (sahoosar/streamnova, shard planner) with the caps applied last: rounding up stops at a cap instead of passing it.
 */
export function planShards(input: ShardInput): ShardResult {
  const found = findMachineType(input.machineType);
  if (!found.ok) return found;
  return { ok: true, plan: planShardsOn(found.machineType, input) };
}

/** The same for a machine type that is known already. */
export function planShardsOn(machine: MachineType, input: Omit<ShardInput, 'machineType'>): ShardPlan {
  const settings = { ...shardSettings, ...input.settings };
  const workers = wholeAtLeast(input.workerCount, 0);
  const profile = shardProfileOf(machine);
  const machineMax = workers * machine.vcpus * profile.readersPerVcpu;
  const caps = capsOf(input, settings, machineMax);
  const cap = Math.max(1, Math.min(caps.machine, caps.connections ?? Number.POSITIVE_INFINITY, caps.policy));
  const steps: string[] = [];
  const say = (step: string) => steps.push(step);

  const table = sizeRule(input.profile, settings, say);
  const fleet = { workers, vcpus: machine.vcpus, machineMax, profile };
  const afterMachine = machineStep(table, fleet, say);
  const afterData = dataFloor(table, workers, settings, afterMachine, say);
  const floor = Math.min(minimumShards, machineMax);
  const wanted = Math.max(Math.min(afterData, machineMax), floor);
  if (wanted !== afterData) say(`between ${floor} and the machine maximum ${machineMax}: ${wanted}`);

  const capped = Math.max(1, Math.min(wanted, cap));
  if (capped < wanted) say(`capped at ${capped} by ${bindingCaps(caps, capped)}`);
  const rounded = nextPowerOfTwo(capped);
  const shards = Math.min(rounded, cap);
  if (shards !== capped)
    say(`rounded up to ${shards}${shards < rounded ? ` (not ${rounded}: a cap binds)` : ', a power of two'}`);

  const fleetThreads = Math.max(1, machine.vcpus * profile.readersPerVcpu);
  const threadsPerWorker = Math.min(fleetThreads, Math.max(1, Math.ceil(shards / Math.max(1, workers))));
  const maxConcurrentShards = Math.min(shards, Math.max(1, workers) * threadsPerWorker);
  say(
    `${shards} shards; ${threadsPerWorker} thread(s) on each of ${workers} worker(s) read ${maxConcurrentShards} at once`,
  );
  return { shards, maxConcurrentShards, threadsPerWorker, caps, steps };
}

/** The original's least number of shards (its MIN_SHARDS), never above the machine maximum. */
const minimumShards = 8;

function capsOf(input: Omit<ShardInput, 'machineType'>, settings: ShardSettings, machineMax: number): ShardCaps {
  const ratio = input.policy?.connectionHeadroomRatio ?? settings.connectionHeadroomRatio;
  const budget = input.connectionBudget;
  return {
    machine: Math.max(1, machineMax),
    connections: budget === undefined ? null : connectionLimit(budget, ratio),
    policy: wholeAtLeast(input.policy?.maxShards ?? settings.maxShards, 1),
  };
}

/** Connections one job may hold of a budget: floor(budget × headroom), at least 1. */
export function connectionLimit(budget: number, headroomRatio: number): number {
  return Math.max(1, Math.floor(wholeAtLeast(budget, 0) * headroomRatio + 1e-9));
}

function bindingCaps(caps: ShardCaps, value: number): string {
  const names = [
    caps.machine <= value ? `the machine maximum ${caps.machine}` : '',
    caps.connections !== null && caps.connections <= value ? `the connection limit ${caps.connections}` : '',
    caps.policy <= value ? `the shard cap ${caps.policy}` : '',
  ];
  return names.filter((name) => name !== '').join(' and ');
}

/** The least power of two that is not below `value`; 1 for anything below 1, at most 2^30 (the original's bounds). */
export function nextPowerOfTwo(value: number): number {
  let power = 1;
  while (power < value && power < 2 ** 30) power *= 2;
  return power;
}

function wholeAtLeast(value: number, least: number): number {
  return Number.isFinite(value) ? Math.max(least, Math.floor(value)) : least;
}
