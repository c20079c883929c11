// Which fleets are worth estimating: machine ladder x workers x threads, allowed by the policy, useful for the table.

import { checkGuardrails } from '../plan/guardrails.ts';
import { findMachineType, knownRegions, type MachineType, machineTypes } from '../plan/machine-types.ts';
import { shardProfileOf, shardSettings, skewFactor } from '../plan/shard-rules.ts';
import type { Candidate } from '../schema/candidate.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { Workload } from './workload.ts';

export type CandidateInput = {
  readonly workload: Workload;
  readonly region: string;
  /** The policy's bounds tightened by the request's. */
  readonly guardrails: Guardrails;
  readonly fetchSize?: number;
  /** Delayed, cheaper scheduling: not offered, offered beside the ordinary one, or what the load insists on. */
  readonly flexRs: 'never' | 'also' | 'only';
};

export type SizedCandidate = { readonly candidate: Candidate; readonly machine: MachineType };

/** Families offered unless the policy names others: those Dataflow's documentation names or that are known to run, x86. */
const ladderFamilies = ['n2', 'n2d', 'e2', 'n1', 'c3', 't2d'];
/** Workers above 32 vCPUs cost more to lose than they gain; a policy that names a bigger type gets it. */
const ladderMaxVcpus = 32;
const workerLadder = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100, 200, 400, 700, 1000];
/** What a candidate may be at most (candidateSchema), whatever the policy allows. */
const mostWorkers = 1000;
const mostShards = 100_000;
/** Without a bound in the policy: a load from one database rarely feeds more. */
const defaultMaxWorkers = 32;
/** Ranges for each reader, so that a slow range does not leave the fleet idle; the fullest wins against 4 more rounds. */
const rangesPerReader = 4;
/** JDBC's fetchSize default in Google's templates. */
const defaultFetchSize = 50_000;
/** Bytes a fetched row takes on the heap for each byte in the table, and the part of a worker's memory that is heap. Assumed. */
const heapPerByte = 3;
const heapShare = 0.7;

/**
 * Every candidate worth estimating, cheapest machine first within a family; never one with more readers than ranges or
 * connections, nor with workers that would have nothing to read. Deterministic, no duplicates.
 */
export function generateCandidates(input: CandidateInput): SizedCandidate[] {
  const found: SizedCandidate[] = [];
  const maxWorkers = Math.min(mostWorkers, input.guardrails.maxWorkers ?? defaultMaxWorkers);
  const workerCounts = workerLadder.filter((count) => count < maxWorkers).concat(maxWorkers);
  for (const machine of ladderOf(input)) {
    for (const workerCount of workerCounts) {
      if (machine.vcpus * workerCount > (input.guardrails.maxVcpus ?? Number.POSITIVE_INFINITY)) break;
      if (workerCount > usefulReaders(input)) break;
      for (const threads of threadLadder(machine, workerCount, input)) {
        const candidate = candidateOf(machine, workerCount, threads, input);
        if (input.flexRs !== 'only') found.push({ candidate, machine });
        if (input.flexRs !== 'never')
          found.push({ candidate: { ...candidate, flexRs: true, label: `${candidate.label}-flexrs` }, machine });
      }
    }
  }
  return found;
}

function ladderOf(input: CandidateInput): MachineType[] {
  const { machineTypes: named, machineFamilies } = input.guardrails;
  const custom = (named ?? []).map(findMachineType).flatMap((found) => (found.ok ? [found.machineType] : []));
  const possible = [...new Set([...machineTypes, ...custom])].filter(
    (type) =>
      !type.sharedCore &&
      type.architecture === 'X86_64' &&
      (type.regions === undefined || type.regions.includes(input.region) || !knownRegions.includes(input.region)) &&
      isAllowed(type, { ...(named && { machineTypes: named }), ...(machineFamilies && { machineFamilies }) }),
  );
  if (named !== undefined) return possible;
  const ladder = possible.filter(
    (type) =>
      (machineFamilies !== undefined || ladderFamilies.includes(type.family)) &&
      type.vcpus >= 2 &&
      type.vcpus <= ladderMaxVcpus,
  );
  const useful = ladder.filter((type) => maxThreadsByMemory(type, input) >= 1 && !hasLeanerTwin(type, ladder, input));
  // Rows so wide that no machine holds one fetch of them: a smaller fetchSize is what helps, not a refusal.
  return useful.length > 0 ? useful : ladder;
}

function isAllowed(machine: MachineType, guardrails: Guardrails): boolean {
  const candidate = { machineType: machine.name, workerCount: 1, shardCount: 1 };
  return checkGuardrails({ candidate, machine, regions: [], guardrails }).length === 0;
}

/** Readers whose fetched rows a worker's heap holds at the same time. */
function maxThreadsByMemory(machine: MachineType, input: CandidateInput): number {
  if (input.workload.readMode === 'files') return Number.POSITIVE_INFINITY;
  const perReader = (input.fetchSize ?? defaultFetchSize) * input.workload.rowBytes * heapPerByte;
  return Math.floor((machine.memoryGib * 2 ** 30 * heapShare) / perReader);
}

/** highmem costs more and reads no faster where the standard shape of the same size has memory enough. */
function hasLeanerTwin(machine: MachineType, ladder: readonly MachineType[], input: CandidateInput): boolean {
  if (!machine.name.includes('-highmem-')) return false;
  const name = machine.name.replace('-highmem-', '-standard-');
  return ladder.some((twin) => twin.name === name && maxThreadsByMemory(twin, input) >= twin.vcpus);
}

function usefulReaders(input: CandidateInput): number {
  return Math.min(input.workload.readMode === 'query' ? 1 : maxShards(input), input.workload.maxReaders);
}

const maxShards = (input: CandidateInput): number =>
  Math.min(mostShards, input.guardrails.maxShards ?? shardSettings.maxShards);

/** Readers on each worker: half, all, and all x readers a vCPU carries; bounded by memory and by this worker's share of the connections. */
function threadLadder(machine: MachineType, workers: number, input: CandidateInput): number[] {
  const share = Math.floor(usefulReaders(input) / workers);
  const most = Math.min(share, Math.max(1, maxThreadsByMemory(machine, input)));
  const full = machine.vcpus * shardProfileOf(machine).readersPerVcpu;
  const wanted = [machine.vcpus / 2, machine.vcpus, full].map((threads) => Math.min(Math.ceil(threads), most));
  return [...new Set(wanted)].filter((threads) => threads >= 1).sort((a, b) => a - b);
}

function candidateOf(machine: MachineType, workers: number, threads: number, input: CandidateInput): Candidate {
  const readers = workers * threads;
  const shards = shardsFor(readers, input);
  return {
    machineType: machine.name,
    workerCount: workers,
    shardCount: shards,
    maxConcurrentShards: Math.min(readers, shards),
    suggestedPoolSize: Math.min(readers, shards),
    virtualCpus: machine.vcpus,
    label: `${machine.name}-${workers}w-${threads}t-${shards}s`,
  };
}

function shardsFor(readers: number, input: CandidateInput): number {
  if (input.workload.readMode === 'query') return 1;
  const bySize = Math.ceil(input.workload.sizeBytes / (shardSettings.targetMbPerShard * 2 ** 20));
  const even = Math.max(readers * rangesPerReader, bySize);
  const wanted = Math.ceil(even * skewFactor(input.workload.fullestShare(even) * even));
  const byRows = Math.max(readers, Math.ceil(input.workload.rows / 1000));
  return Math.max(1, Math.min(wanted, byRows, maxShards(input)));
}
