// The load configurations and recommendations simulated worlds run on: made once, shared by all of them.

import { type LoadConfig, loadConfigSchema } from '../../shared/schema/load-config.ts';
import { type Recommendation, recommendationSchema } from '../../shared/schema/recommendation.ts';

export type Limits = { readonly maxConcurrentJobs?: number; readonly connectionBudget?: number };

const configs = new Map<string, LoadConfig>();

/** Two databases, three plain loads, a three-stage one and one whose size is configured, and the limits given: on jobs per project, and on the connections of each database. */
export function configOf(limits: Limits): LoadConfig {
  const key = `${limits.maxConcurrentJobs}/${limits.connectionBudget}`;
  const known = configs.get(key);
  if (known !== undefined) return known;
  const budget = limits.connectionBudget === undefined ? {} : { connectionBudget: limits.connectionBudget };
  const load = (source: string, name: string) => ({
    source,
    target: 'lake',
    table: `public.${name}`,
    partitionColumn: 'id',
    partitionColumnType: 'long',
    environment: {
      tempLocation: 'gs://demo-temp/loads',
      ...(name === 'items' ? { workerZone: 'us-central1-b' } : {}),
    },
  });
  const config = loadConfigSchema.parse({
    sources: {
      shop: { type: 'postgres', host: '10.0.0.1', database: 'shop', ...budget },
      depot: { type: 'postgres', host: '10.0.0.2', database: 'depot', ...budget },
    },
    targets: {
      stage: { type: 'gcs', path: 'gs://demo-lake/stage' },
      lake: { type: 'bigquery', project: 'demo', dataset: 'lake' },
    },
    loads: {
      orders: load('shop', 'orders'),
      customers: load('shop', 'customers'),
      items: load('depot', 'items'),
      staged: { ...load('shop', 'staged'), via: 'stage' },
      estimated: { ...load('shop', 'estimated'), rowCountEstimate: 1_000_000, averageRowBytes: 100 },
    },
    policy: {
      profileAtExecute: false,
      maxAttempts: 3,
      ...(limits.maxConcurrentJobs === undefined ? {} : { maxConcurrentJobs: limits.maxConcurrentJobs }),
    },
  });
  configs.set(key, config);
  return config;
}

const recommendations = new Map<string, Recommendation>();

/** The recommendation a producer wrote for this run. */
export function recommendationOf(runId: string, load: string): Recommendation {
  const key = `${runId}/${load}`;
  const known = recommendations.get(key);
  if (known !== undefined) return known;
  const estimate = (workerCount: number, shardCount: number) => ({
    candidate: { machineType: 'n2-standard-4', workerCount, shardCount },
    estimatedDurationSec: 60,
    estimatedCostMicroUsd: 1300,
    effectiveThroughputMbPerSec: 12.5,
    bottleneck: 'source',
    // What a clean run is learnt against.
    raw: { startupSec: 10, runningSec: 50, costMicroUsd: 1_000 },
    sizeBytes: 1_000_000,
    readers: shardCount,
  });
  const recommendation = recommendationSchema.parse({
    schemaVersion: 1,
    runId,
    load,
    mode: 'BALANCED',
    createdAt: '2026-01-02T03:04:05Z',
    recommended: estimate(2, 8),
    balanced: estimate(2, 8),
    // One worker reads as many ranges as it has threads: a bigger machine would hold more connections.
    cheapest: estimate(1, 24),
    fastest: estimate(4, 16),
  });
  recommendations.set(key, recommendation);
  return recommendation;
}
