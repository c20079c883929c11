// Decides how a fleet keeps within a source's connections: by ranges, or by threads on a fixed number of workers.

export type FleetReaders = {
  /** numPartitions to ask for. */
  readonly shardCount: number;
  readonly threadsPerWorker: number;
  /** Ranges read at once = connections held, fleet-wide, at most. */
  readonly maxConcurrentShards: number;
  /** True when the plan must fix workers and threads for the limit to hold. */
  readonly fixed: boolean;
  /** True when threadsPerWorker is not what a worker runs by itself, so that the plan must say it. */
  readonly setThreads: boolean;
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
};

/**
 * Concurrent ranges are counted fleet-wide: min(ranges, workers × threads) (design section 5). With a limit, threads are lowered until they
 * fit; when the workers alone exceed the limit, ranges are. `columnType` datetime counts one range more than asked for, which Beam may
 * emit (JdbcUtil truncates the stride). A worker runs one thread per vCPU by itself; `readersPerVcpu` is how many the machine carries.
 */
export function holdConnections(input: {
  readonly shardCount: number;
  readonly workerCount: number;
  readonly vcpus: number;
  readonly readersPerVcpu: number;
  /** Connections this job may hold; undefined: no limit. */
  readonly limit: number | undefined;
  readonly columnType: 'long' | 'datetime' | undefined;
}): FleetReaders {
  const { shardCount, workerCount, limit } = input;
  const extra = (ranges: number): number => (input.columnType === 'datetime' && ranges > 1 ? 1 : 0);
  const own = Math.max(1, input.vcpus);
  const most = own * Math.max(1, input.readersPerVcpu);
  if (limit === undefined) {
    const threads = Math.max(own, Math.min(most, Math.ceil(shardCount / workerCount)));
    const maxConcurrentShards = Math.min(shardCount + extra(shardCount), workerCount * threads);
    const steps = [
      `${shardCount} ranges on ${workerCount} × ${threads} threads: ${maxConcurrentShards} read at once, no connection limit`,
    ];
    return {
      shardCount,
      threadsPerWorker: threads,
      maxConcurrentShards,
      fixed: false,
      setThreads: threads !== own,
      steps,
      warnings: idleWarnings(shardCount, workerCount),
    };
  }
  if (limit >= workerCount && shardCount + extra(shardCount) > limit) {
    const perWorker = Math.min(most, Math.floor(limit / workerCount));
    const maxConcurrentShards = Math.min(shardCount + extra(shardCount), workerCount * perWorker);
    const steps = [
      `at most ${limit} connections: ${workerCount} workers × ${perWorker} thread(s) = ${maxConcurrentShards} of ${shardCount} ranges at once`,
    ];
    const warnings = idleWarnings(shardCount, workerCount);
    return {
      shardCount,
      threadsPerWorker: perWorker,
      maxConcurrentShards,
      fixed: true,
      setThreads: true,
      steps,
      warnings,
    };
  }
  const ranges = Math.max(1, Math.min(shardCount, limit - extra(limit)));
  const perWorker = Math.min(most, Math.max(1, Math.ceil((ranges + extra(ranges)) / workerCount)));
  const maxConcurrentShards = Math.min(limit, ranges + extra(ranges), workerCount * perWorker);
  const steps = [
    `at most ${limit} connections: ${ranges} ranges on ${workerCount} × ${perWorker} thread(s), ${maxConcurrentShards} at once`,
  ];
  const warnings = idleWarnings(ranges, workerCount);
  if (ranges < shardCount) {
    const why = `${workerCount} workers outnumber the ${limit} connections allowed, so only fewer ranges hold the limit`;
    warnings.unshift(`${shardCount} shards lowered to ${ranges}: ${why}`);
  }
  return {
    shardCount: ranges,
    threadsPerWorker: perWorker,
    maxConcurrentShards,
    fixed: true,
    setThreads: true,
    steps,
    warnings,
  };
}

function idleWarnings(ranges: number, workers: number): string[] {
  return ranges < workers ? [`${workers} workers for ${ranges} ranges: ${workers - ranges} of them read nothing`] : [];
}
