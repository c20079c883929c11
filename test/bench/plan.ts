// Measures how long planning one request takes, beside a naive JSON clone of the same request.

import { Bench } from 'tinybench';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { column, input, load, profile } from '../plan/support.ts';

export type PlanBench = {
  /** Median of planning one load with a profile of 40 columns and a histogram, milliseconds. */
  readonly planP50Ms: number;
  /** Median of JSON.parse(JSON.stringify(request)) of the same request. */
  readonly cloneP50Ms: number;
  /** planP50Ms / cloneP50Ms. */
  readonly ratio: number;
};

/** Plans and clones for about a second each. */
export async function benchPlan(): Promise<PlanBench> {
  const histogram = Array.from({ length: 101 }, (_, index) => String(index * 5000));
  const types = ['text', 'int4', 'numeric(12,2)', 'timestamptz', 'jsonb', 'boolean', 'uuid', 'date'];
  const columns = [
    column('id', 'int8', { histogram }),
    ...Array.from({ length: 39 }, (_, index) =>
      column(`column_${index}`, types[index % types.length] ?? 'text', { nullable: true }),
    ),
  ];
  const plain = input({
    load: load({ incremental: { column: 'column_3', from: '2026-01-01T00:00:00Z' } }),
    candidate: { machineType: 'n2-standard-8', workerCount: 8, shardCount: 64 },
    profile: profile({ columns }),
    connectionBudget: 40,
  });
  const planned = planLoad(plain);
  if (!planned.ok) throw new Error(JSON.stringify(planned.violations));
  const { request } = planned.plan;
  const bench = new Bench({ time: 1000, warmupTime: 200 });
  bench.add('plan', () => {
    planLoad(plain);
  });
  bench.add('clone', () => {
    JSON.parse(JSON.stringify(request));
  });
  await bench.run();
  const planP50Ms = medianMs(bench, 'plan');
  const cloneP50Ms = medianMs(bench, 'clone');
  return { planP50Ms, cloneP50Ms, ratio: planP50Ms / cloneP50Ms };
}

function medianMs(bench: Bench, name: string): number {
  const result = bench.getTask(name)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`${name} was not measured`);
  return result.latency.p50;
}
