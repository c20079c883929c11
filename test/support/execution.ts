// Builders of valid documents for tests: say only what matters, the rest is filled in.

import { executionIdOf, jobNameOf } from '../../shared/base/ids.ts';
import type { Attempt, Execution } from '../../shared/schema/execution.ts';
import type { Recommendation } from '../../shared/schema/recommendation.ts';

/** 2026-01-02T03:04:05Z in epoch ms: "now" wherever a test does not care. */
export const someTime = 1_767_323_045_000;

/** A valid execution: QUEUED, accepted at `someTime`, due at once, no attempt. `runId` names it. */
export function anExecution(fields: Partial<Execution> = {}): Execution {
  const runId = fields.runId ?? 'run-1';
  return {
    schemaVersion: 1,
    executionId: executionIdOf(runId, fields.executionKey),
    runId,
    payloadHash: '0'.repeat(64),
    load: 'orders',
    trigger: 'event',
    status: 'QUEUED',
    acceptedAt: someTime,
    updatedAt: someTime,
    maxAttempts: 3,
    attempts: [],
    nextCheckAt: someTime,
    pollErrors: 0,
    ...fields,
  };
}

/** A valid attempt, number 1, not yet launched. */
export function anAttempt(fields: Partial<Attempt> = {}): Attempt {
  const number = fields.number ?? 1;
  const jobName = fields.jobName ?? jobNameOf('orders', executionIdOf('run-1'));
  return {
    number,
    candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 },
    jobName,
    projectId: 'demo',
    region: 'europe-west1',
    request: {
      projectId: 'demo',
      location: 'europe-west1',
      launchParameter: {
        jobName,
        containerSpecGcsPath: 'gs://dataflow-templates-europe-west1/latest/flex/PostgreSQL_to_BigQuery',
        parameters: { table: 'public.orders', numPartitions: '8' },
        environment: { machineType: 'n2-standard-4', numWorkers: 2, maxWorkers: 2 },
      },
    },
    maxConcurrentShards: 8,
    maxRuntimeSec: 21_600,
    intentAt: someTime,
    launchIntents: [someTime],
    ...fields,
  };
}

/** An execution at its end with every optional field filled: what a store must give back unchanged. */
export function anEndedExecution(fields: Partial<Execution> = {}): Execution {
  const costMicroUsd = { vcpu: 1000, memory: 200, disk: 30, shuffle: 4, total: 1234 };
  return anExecution({
    executionKey: 'again',
    mode: 'BALANCED',
    overrides: { scenario: 'nightly', truncate: true },
    status: 'SUCCEEDED',
    statusReason: 'every row arrived – Grüße, \u{1f680}',
    endedAt: someTime + 60_000,
    updatedAt: someTime + 60_000,
    deadlineAt: someTime + 3_600_000,
    templateName: 'PostgreSQL_to_BigQuery',
    sourceName: 'shop',
    environment: 'LOCAL',
    planSteps: ['8 shards: asked for'],
    warnings: [],
    expectedRows: { count: 500_000, exact: true },
    rowCountTolerance: 0,
    estimate: {
      candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8, flexRs: false },
      estimatedDurationSec: 61.5,
      estimatedCostMicroUsd: 1300,
      effectiveThroughputMbPerSec: 12.25,
      bottleneck: 'source',
      costMicroUsd,
    },
    attempts: [
      anAttempt({
        jobId: '2026-01-02_03_04_05-1',
        submittedAt: someTime + 1,
        jobCreatedAt: someTime + 2,
        endedAt: someTime + 59_000,
        lastState: 'JOB_STATE_DONE',
        lastStateAt: someTime + 59_000,
      }),
    ],
    decisions: [{ at: someTime, attempt: 1, action: 'launch', reason: 'capacity is free', evidence: ['1 of 25'] }],
    nextCheckAt: null,
    metrics: { readAt: someTime, rowsRead: 500_000, bytesRead: 6.1e7, userCounters: { rows: 1 }, tentative: false },
    series: [{ at: someTime, rows: 1, bytes: 120, workers: 2 }],
    messages: [{ at: someTime, importance: 'BASIC', text: 'Worker pool stopped.', count: 1 }],
    durations: { queuedSec: 0.5, dataflowQueuedSec: 1, startupSec: 2, runningSec: 55.25, totalSec: 58.75 },
    cost: { microUsd: costMicroUsd, level: 'settled', priceBook: '2026-01', readAt: someTime },
    conclusion: { releasedAt: someTime, publishedAt: someTime, learntAt: someTime, settledAt: someTime },
    published: { 'execution.started#1': someTime },
    ...fields,
  });
}

/** A valid recommendation for load `orders`. */
export function aRecommendation(fields: Partial<Recommendation> = {}): Recommendation {
  return {
    schemaVersion: 1,
    runId: 'run-1',
    load: 'orders',
    mode: 'BALANCED',
    createdAt: '2026-01-02T03:04:05Z',
    recommended: {
      candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 },
      estimatedDurationSec: 60,
      estimatedCostMicroUsd: 1300,
      effectiveThroughputMbPerSec: 12.5,
      bottleneck: 'source',
    },
    ...fields,
  };
}
