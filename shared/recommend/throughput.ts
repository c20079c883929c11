// What limits a load and how long its reading takes: the smallest of the source, its connections, CPU, network and target.

import type { Speeds } from './speeds.ts';

/** A fleet at work, as a candidate describes it. */
export type FleetShape = {
  readonly workers: number;
  readonly vcpusPerWorker: number;
  /** A vCPU's speed relative to n2. */
  readonly vcpuSpeed: number;
  /** Ranges read at the same time, fleet-wide = connections held. */
  readonly readers: number;
  /** Ranges in all. */
  readonly ranges: number;
};

/** The same with what follows from the shape alone, worked out once for many speeds. */
export type Fleet = FleetShape & {
  /** Busy vCPUs in n2 vCPUs: a reader is one thread, so vCPUs beyond the readers add nothing. */
  readonly n2Vcpus: number;
  /** Share of the source's total that this many readers get. */
  readonly sourceShare: number;
  /** MB/s. */
  readonly network: number;
};

export type Bottleneck = 'SOURCE' | 'CONNECTIONS' | 'CPU' | 'NETWORK' | 'SINK';

export type Throughput = { readonly mbPerSec: number; readonly bottleneck: Bottleneck };

/** Compute Engine egress: 2 Gbit/s per vCPU, at most 10 Gbit/s on the smaller types (recalled); 1 Gbit/s = 125 MB/s. */
const networkPerVcpu = 250;
const networkPerWorkerMax = 1250;

/** Readers of one table get in each other's way: beyond this many, each doubling takes this share of the source's total. Assumed. */
const uncrowdedReaders = 16;
const crowding = 0.05;

/** A fleet of that shape. */
export function fleetOfShape(shape: FleetShape): Fleet {
  return {
    ...shape,
    n2Vcpus: Math.min(shape.workers * shape.vcpusPerWorker, shape.readers) * shape.vcpuSpeed,
    sourceShare: 1 / (1 + crowding * Math.max(0, Math.log2(shape.readers / uncrowdedReaders))),
    network: shape.workers * Math.min(networkPerVcpu * shape.vcpusPerWorker, networkPerWorkerMax),
  };
}

/**
 * The throughput of a fleet in MB/s and what limits it most: the smallest limit, less a little where a second one is close, because a
 * fleet waits now for the one, now for the other. The minimum is softened with exponent 6 (assumed): 11 % less where two limits are
 * equal, nothing where they are far apart.
 */
export function throughputOf(speeds: Speeds, fleet: Fleet): Throughput {
  const source = speeds.sourceTotal * fleet.sourceShare;
  const connections = speeds.perConnection * fleet.readers;
  const cpu = speeds.cpuPerVcpu * fleet.n2Vcpus;
  const { network } = fleet;
  const { sink } = speeds;
  let least = source;
  let bottleneck: Bottleneck = 'SOURCE';
  if (connections < least) [least, bottleneck] = [connections, 'CONNECTIONS'];
  if (cpu < least) [least, bottleneck] = [cpu, 'CPU'];
  if (network < least) [least, bottleneck] = [network, 'NETWORK'];
  if (sink < least) [least, bottleneck] = [sink, 'SINK'];
  const crowd =
    sixth(least / source) +
    sixth(least / connections) +
    sixth(least / cpu) +
    sixth(least / network) +
    sixth(least / sink);
  return { mbPerSec: least / Math.sqrt(Math.cbrt(crowd)), bottleneck };
}

function sixth(ratio: number): number {
  const cube = ratio * ratio * ratio;
  return cube * cube;
}

/**
 * How much longer ranges take than a perfectly divisible read at the same throughput, at least 1: readers work in whole ranges
 * (9 ranges on 8 readers are two rounds), and no fleet ends before its fullest range. `fullestShare(n)` is the share of the rows in
 * the fullest of n ranges, 1/n when they are even.
 */
export function rangeStretch(fleet: Fleet, fullestShare: (ranges: number) => number): number {
  const { ranges, readers } = fleet;
  const rounds = Math.ceil(ranges / readers);
  return Math.max((rounds * readers) / ranges, fullestShare(ranges) * readers);
}
