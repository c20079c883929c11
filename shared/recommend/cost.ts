// What a job's resource usage costs: integer micro-dollars by component, in the units Dataflow's metrics are counted in.

import type { CostMicroUsd } from '../schema/candidate.ts';
import type { Prices } from './price-book.ts';

/** Usage in the units of Dataflow's own metrics (GetJobMetrics, origin `dataflow/v1b3`). */
export type Usage = {
  /** TotalVcpuTime, vCPU-seconds. */
  readonly vcpuSec: number;
  /** TotalMemoryUsage, MiB-seconds (`mem_mb_seconds`; CurrentMemoryUsage / vCPUs of n1-highmem is 6.5 x 1024). */
  readonly memoryMibSec: number;
  /** TotalPdUsage, GB-seconds. */
  readonly pdGbSec: number;
  /** TotalSsdUsage, GB-seconds. */
  readonly ssdGbSec: number;
  /** BillableShuffleDataProcessed, GB (`shuffle_service_chargeable_gb`), not TotalShuffleDataProcessed. */
  readonly billableShuffleGb: number;
};

const secPerHour = 3600;
const mibPerGb = 1024;
const nanoPerMicro = 1000;

/**
 * The cost of `usage` at `prices`, each component rounded half up to a whole micro-dollar; `total` is the sum of the
 * components, so the parts always add up. Dataflow bills per second without a minimum and worker VMs are not billed apart.
 * Throws RangeError naming the field when a usage is negative or not finite: callers hold numbers read from the service.
 */
export function costOf(usage: Usage, prices: Prices): CostMicroUsd {
  const vcpu = microUsd(usage, 'vcpuSec', prices.vcpuHourNanoUsd / secPerHour);
  const memory = microUsd(usage, 'memoryMibSec', prices.memoryGbHourNanoUsd / secPerHour / mibPerGb);
  const pd = microUsd(usage, 'pdGbSec', prices.pdGbHourNanoUsd / secPerHour);
  const ssd = microUsd(usage, 'ssdGbSec', prices.ssdGbHourNanoUsd / secPerHour);
  const shuffle = microUsd(usage, 'billableShuffleGb', prices.shuffleGbNanoUsd);
  const disk = pd + ssd;
  return { vcpu, memory, disk, shuffle, total: vcpu + memory + disk + shuffle };
}

/** Two costs added, component by component. */
export function sumOfCosts(left: CostMicroUsd, right: CostMicroUsd): CostMicroUsd {
  return {
    vcpu: left.vcpu + right.vcpu,
    memory: left.memory + right.memory,
    disk: left.disk + right.disk,
    shuffle: left.shuffle + right.shuffle,
    total: left.total + right.total,
  };
}

function microUsd(usage: Usage, field: keyof Usage, nanoUsdPerUnit: number): number {
  const amount = usage[field];
  if (!Number.isFinite(amount) || amount < 0) {
    throw new RangeError(`usage.${field} is ${amount}; a cost needs a finite number of at least 0`);
  }
  return Math.round((amount * nanoUsdPerUnit) / nanoPerMicro);
}
