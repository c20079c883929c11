// Plans shards for many fleets and tables at once: one answer per entry of a grid.

import * as z from 'zod';
import { planShards, type ShardPlan } from './plan-shards.ts';

/** One entry of a grid. `rowCount` or `rowBytes` 0 or null: unknown. `connections` null or absent: no limit. Other fields are let be. */
export const gridSchema = z.array(
  z.object({
    machineType: z.string().min(1),
    workerCount: z.int().min(0),
    rowCount: z.number().min(0).nullable(),
    rowBytes: z.number().min(0).nullable(),
    connections: z.int().min(0).nullish(),
  }),
);

export type GridEntry = z.output<typeof gridSchema>[number];
export type GridAnswer =
  | Pick<ShardPlan, 'shards' | 'maxConcurrentShards' | 'threadsPerWorker' | 'caps'>
  | { readonly error: string; readonly nearest: readonly string[] };

/** The shard plan of each entry, in order; an unknown machine type is answered with the reason and the nearest names. */
export function planGrid(
  entries: readonly GridEntry[],
  policy?: { readonly maxShards?: number | undefined; readonly connectionHeadroomRatio?: number | undefined },
): GridAnswer[] {
  return entries.map((entry) => {
    const result = planShards({
      machineType: entry.machineType,
      workerCount: entry.workerCount,
      profile: { rowCountEstimate: entry.rowCount, averageRowBytes: entry.rowBytes },
      connectionBudget: entry.connections ?? undefined,
      ...(policy === undefined ? {} : { policy }),
    });
    if (!result.ok) return { error: result.message, nearest: result.nearest };
    const { shards, maxConcurrentShards, threadsPerWorker, caps } = result.plan;
    return { shards, maxConcurrentShards, threadsPerWorker, caps };
  });
}
