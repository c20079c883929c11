// The protocol's times and the faults of a storm: the same rules as in production, scaled so that a run takes minutes.

import type { FaultInput } from '../../local/dataflow/fault-schema.ts';
import type { Recommendation } from '../../shared/schema/recommendation.ts';

export const projectId = 'storm';
export const region = 'us-central1';
export const outcomesTopic = 'executions';

/**
 * Settings of the functions (shared/base/config.ts). All processes share one clock, so skew is small; the slack covers a create on an
 * emulator whose machine is starved. The lease follows: slack + deadline + lateness + 2 × skew = 6.1 s. No fault below exceeds these bounds.
 */
export const protocolTimes = {
  LAUNCH_DEADLINE_MS: 2_000,
  LAUNCH_LATENESS_MS: 1_500,
  CLOCK_SKEW_MS: 50,
  LAUNCH_SLACK_MS: 2_500,
  LIST_LAG_MS: 1_500,
  POLL_YOUNG_MS: 1_500,
  POLL_STEADY_MS: 2_000,
  QUEUE_RETRY_MS: 1_000,
  SETTLE_AFTER_MS: 2_000,
  TICK_BUDGET_MS: 2_000,
} as const;

/** What Dataflow does wrong. Nothing that ends a job: a failed job is a second attempt by design, and here every job is to be the only one. */
export function stormFaults(seed: number): FaultInput[] {
  const { LAUNCH_DEADLINE_MS, LAUNCH_LATENESS_MS, LIST_LAG_MS } = protocolTimes;
  const late = LAUNCH_DEADLINE_MS + LAUNCH_LATENESS_MS - 500;
  const launch = { method: 'LaunchFlexTemplate' } as const;
  const faults: FaultInput[] = [
    { kind: 'loseLaunchAnswer', how: 'unavailable', probability: 0.05 },
    { kind: 'loseLaunchAnswer', how: 'deadline', probability: 0.02 },
    { kind: 'loseLaunchAnswer', how: 'hang', probability: 0.02 },
    { kind: 'loseLaunchAnswer', how: 'cut', probability: 0.005 },
    { kind: 'refuseLaunch', code: 'UNAVAILABLE', probability: 0.03 },
    { kind: 'refuseLaunch', code: 'RESOURCE_EXHAUSTED', probability: 0.03 },
    { kind: 'refuseLaunch', code: 'INTERNAL', probability: 0.02 },
    // The caller has given up by then; the request is applied all the same, within the lease.
    { kind: 'delayRequest', ...launch, delayMs: late, probability: 0.03 },
    { kind: 'delayAnswer', ...launch, delayMs: 1_000, probability: 0.05 },
    { kind: 'hideFromLists', forMs: LIST_LAG_MS - 200, probability: 0.2 },
    { kind: 'getJobNotFound', forMs: 1_500, probability: 0.1 },
    { kind: 'partialList', probability: 0.05 },
    { kind: 'failCall', method: 'ListJobs', probability: 0.03 },
    { kind: 'failCall', method: 'GetJob', probability: 0.03 },
    { kind: 'failCall', method: 'GetJobMetrics', code: 'DEADLINE_EXCEEDED', probability: 0.02 },
  ];
  return faults.map((fault, index) => ({ ...fault, seed: seed * 100 + index }));
}

const loads = ['orders', 'customers', 'invoices', 'returns'];

/** Four loads on scripted jobs (no data, real life cycle). The last one's source has a connection budget, so its executions queue. */
export function stormConfig(): string {
  const load = (name: string, index: number) => `
  ${name}:
    source: ${index === loads.length - 1 ? 'narrow' : 'wide'}
    target: warehouse
    table: public.${name}
    partitionColumn: id
    template:
      containerSpecGcsPath: gs://templates/scripted/${name}
      parameters: { queuedMs: "50", pendingMs: "50", runningMs: "${800 + 300 * index}" }`;
  return `
sources:
  wide: { type: postgres, host: db.internal, database: shop, username: reader }
  narrow: { type: postgres, host: old.internal, database: shop, username: reader, connectionBudget: 200 }
targets:
  warehouse: { type: bigquery, dataset: sales }
loads:${loads.map(load).join('')}
policy: { profileAtExecute: false }
`;
}

/** The recommendation of one run. */
export function stormRecommendation(index: number): Recommendation {
  return {
    schemaVersion: 1,
    runId: `storm-${index}`,
    load: loads[index % loads.length] ?? 'orders',
    mode: 'BALANCED',
    createdAt: new Date().toISOString(),
    recommended: {
      candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 },
      estimatedDurationSec: 2,
      estimatedCostMicroUsd: 1_000,
      effectiveThroughputMbPerSec: 10,
      bottleneck: 'source',
    },
  };
}
