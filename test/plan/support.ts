// Loads, profiles and plan inputs for the planner's tests.

import type { PlanInput } from '../../shared/plan/plan-load.ts';
import { planLoad } from '../../shared/plan/plan-load.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import type { LaunchRequest, Plan } from '../../shared/schema/plan.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import type { ProfileColumn, TableProfile } from '../../shared/schema/profile.ts';

export const column = (name: string, type: string, more: Partial<ProfileColumn> = {}): ProfileColumn => ({
  name,
  type,
  nullable: false,
  ...more,
});

/** A profile of public.orders: bigint key, 500,000 rows of 120 bytes. */
export function profile(more: Partial<TableProfile> = {}): TableProfile {
  return {
    sourceType: 'postgres',
    schemaName: 'public',
    tableName: 'orders',
    rowCountEstimate: 500_000,
    averageRowBytes: 120,
    totalBytes: 60_000_000,
    columns: [column('id', 'int8'), column('customer', 'text'), column('total', 'numeric(12,2)', { nullable: true })],
    primaryKey: ['id'],
    indexedColumns: ['id'],
    profiledAt: '2026-11-23T00:00:00Z',
    ...more,
  };
}

/** A complete load of public.orders from PostgreSQL into BigQuery. */
export function load(more: Partial<EffectiveLoad> = {}): EffectiveLoad {
  return {
    name: 'orders',
    sourceName: 'shop',
    source: {
      type: 'postgres',
      host: 'db.internal',
      database: 'shop',
      username: 'loader',
      password: 'projects/p/secrets/shop-password/versions/1',
    },
    targetName: 'warehouse',
    target: { type: 'bigquery', dataset: 'raw' },
    table: 'public.orders',
    environment: { tempLocation: 'gs://acme-temp/dataflow' },
    ...more,
  };
}

/** A plan input that plans; `more` replaces whole fields. */
export function input(more: Partial<PlanInput> = {}): PlanInput {
  return {
    load: load(),
    candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 },
    policy: policySchema.parse({}),
    profile: profile(),
    target: {
      executionId: 'exe-0123456789abcdef0123456789abcdef',
      runId: 'run-1',
      attempt: 1,
      projectId: 'acme',
      region: 'europe-west1',
      environment: 'DATAFLOW',
      environmentReason: 'project acme and region europe-west1 are configured',
    },
    ...more,
  };
}

/** The plan, or a failed test that shows every violation. */
export function planned(more: Partial<PlanInput> = {}): Plan {
  const result = planLoad(input(more));
  if (result.ok) return result.plan;
  throw new Error(result.violations.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

/** The violations of an input that must not plan. */
export function refused(more: Partial<PlanInput> = {}) {
  const result = planLoad(input(more));
  return result.ok ? [] : result.violations;
}

export const parametersOf = (plan: Plan): LaunchRequest['launchParameter']['parameters'] =>
  plan.request.launchParameter.parameters;
export const environmentOf = (plan: Plan): LaunchRequest['launchParameter']['environment'] =>
  plan.request.launchParameter.environment;
