// Loads, profiles and runs for the recommender's tests.

import { findMachineType, type MachineType } from '../../shared/plan/machine-types.ts';
import { type Cohort, type CohortRecord, updateCohort } from '../../shared/recommend/cohort.ts';
import { type CandidateEstimate, estimateCandidate, readingAt } from '../../shared/recommend/estimate.ts';
import { type Prices, pricesFor } from '../../shared/recommend/price-book.ts';
import type { RecommendInput } from '../../shared/recommend/recommend.ts';
import type { Speeds } from '../../shared/recommend/speeds.ts';
import type { Workload } from '../../shared/recommend/workload.ts';
import type { Candidate } from '../../shared/schema/candidate.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import { type Policy, policySchema } from '../../shared/schema/policy.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';

export const iowa = (mode: 'batch' | 'flexrs' = 'batch'): Prices => {
  const found = pricesFor('us-central1', mode);
  if (!found.ok) throw new Error(found.problem);
  return found.prices;
};

export const machineOf = (name: string): MachineType => {
  const found = findMachineType(name);
  if (!found.ok) throw new Error(found.message);
  return found.machineType;
};

export const load = (fields: Partial<EffectiveLoad> = {}): EffectiveLoad => ({
  name: 'orders',
  sourceName: 'shop',
  source: { type: 'postgres', host: 'db.example', database: 'shop', connectionBudget: 60 },
  targetName: 'warehouse',
  target: { type: 'bigquery', project: 'p', dataset: 'd' },
  table: 'public.orders',
  ...fields,
});

/** 20 GB in 50 million rows, split by a bigint key. */
export const profile = (fields: Partial<TableProfile> = {}): TableProfile => ({
  sourceType: 'postgres',
  schemaName: 'public',
  tableName: 'orders',
  rowCountEstimate: 50_000_000,
  averageRowBytes: 400,
  totalBytes: 20_000_000_000,
  columns: [{ name: 'id', type: 'bigint', nullable: false }],
  primaryKey: ['id'],
  indexedColumns: ['id'],
  profiledAt: '2026-11-23T00:00:00Z',
  ...fields,
});

export const policy = (fields: Partial<Policy> = {}): Policy => ({ ...policySchema.parse({}), ...fields });

export const question = (fields: Partial<RecommendInput> = {}): RecommendInput => ({
  runId: 'run-1',
  load: load(),
  mode: 'BALANCED',
  profile: profile(),
  policy: policy(),
  region: 'us-central1',
  now: Date.UTC(2026, 10, 23),
  ...fields,
});

export const workload = (fields: Partial<Workload> = {}): Workload => ({
  sizeBytes: 20e9,
  rowBytes: 400,
  rowBytesKnown: true,
  rows: 50_000_000,
  readMode: 'split',
  maxReaders: 48,
  fullestShare: (ranges) => 1 / ranges,
  assumptions: [],
  ...fields,
});

/** Nothing limits, unless a test says so. */
export const speeds = (fields: Partial<Speeds> = {}): Speeds => ({
  sourceTotal: 1e6,
  perConnection: 1e6,
  cpuPerVcpu: 1e6,
  sink: 1e6,
  ...fields,
});

/** Where and as what a plan of these loads would run. */
export const planTarget = {
  executionId: 'exe-1',
  runId: 'run-1',
  attempt: 1,
  projectId: 'p',
  region: 'us-central1',
  environment: 'DATAFLOW',
  environmentReason: 'test',
} as const;

export const candidate = (fields: Partial<Candidate> = {}): Candidate => ({
  machineType: 'n2-standard-4',
  workerCount: 2,
  shardCount: 64,
  maxConcurrentShards: 8,
  ...fields,
});

/** An estimate under speeds that are known for sure. */
export function estimate(
  of: {
    readonly candidate?: Partial<Candidate> | undefined;
    readonly speeds?: Partial<Speeds>;
    readonly workload?: Partial<Workload>;
    readonly prices?: Prices;
  } = {},
): CandidateEstimate {
  const chosen = candidate(of.candidate);
  const asked = workload(of.workload);
  return estimateCandidate({
    candidate: chosen,
    machine: machineOf(chosen.machineType),
    workload: asked,
    reading: readingAt([speeds(of.speeds)], asked),
    startup: { launchSec: 140, workerSec: 80 },
    prices: of.prices ?? iowa(),
  });
}

export const record = (fields: Partial<CohortRecord> = {}): CohortRecord => ({
  executionId: 'exe-1',
  endedAt: 1,
  candidate: candidate(),
  readers: 8,
  sizeBytes: 20e9,
  raw: { startupSec: 200, runningSec: 400, costMicroUsd: 100_000 },
  actual: { startupSec: 200, runningSec: 400, costMicroUsd: 100_000 },
  ...fields,
});

/** A cohort of one family with these runs, oldest first. */
export function cohortOf(machineFamily: string, records: readonly CohortRecord[]): Cohort {
  const key = { load: 'orders', templateName: 'PostgreSQL_to_BigQuery', machineFamily };
  return records.reduce<Cohort>((cohort, run) => updateCohort(cohort, { ...key, record: run }), {
    schemaVersion: 1,
    ...key,
    records: [],
  });
}
