// What limits a load and how long its reading takes: the smallest of the source, its connections, CPU, network and target.

import type { Speeds } from './speeds.ts';

/** A fleet at work. */
export type Fleet = {
  readonly workers: number;
  readonly vcpusPerWorker: number;
  /** A vCPU's speed relative to n2. */
  readonly vcpuSpeed: number;
  /** Ranges read at the same time, fleet-wide = connections held. */
  readonly readers: number;
  /** Ranges in all. */
  readonly ranges: number;
};

export const bottlenecks = ['SOURCE', 'CONNECTIONS', 'CPU', 'NETWORK', 'SINK'] as const;
export type Bottleneck = (typeof bottlenecks)[number];

export type Throughput = { readonly mbPerSec: number; readonly bottleneck: Bottleneck };

/** Compute Engine egress: 2 Gbit/s per vCPU, at most 10 Gbit/s on the smaller types (recalled); 1 Gbit/s = 125 MB/s. */
const networkPerVcpu = 250;
const networkPerWorkerMax = 1250;

/** The throughput of a fleet in MB/s and what limits it. A reader is one thread, so idle vCPUs beyond the readers add nothing. */
export function throughputOf(speeds: Speeds, fleet: Fleet): Throughput {
  const busyVcpus = Math.min(fleet.workers * fleet.vcpusPerWorker, fleet.readers);
  const limits: Readonly<Record<Bottleneck, number>> = {
    SOURCE: speeds.sourceTotal,
    CONNECTIONS: speeds.perConnection * fleet.readers,
    CPU: speeds.cpuPerVcpu * fleet.vcpuSpeed * busyVcpus,
    NETWORK: fleet.workers * Math.min(networkPerVcpu * fleet.vcpusPerWorker, networkPerWorkerMax),
    SINK: speeds.sink,
  };
  let bottleneck: Bottleneck = 'SOURCE';
  for (const name of bottlenecks) if (limits[name] < limits[bottleneck]) bottleneck = name;
  return { mbPerSec: limits[bottleneck], bottleneck };
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
