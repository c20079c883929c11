// A table profile: what the source's catalogue says about the table to load.

import * as z from 'zod';

export const profileColumnSchema = z.strictObject({
  name: z.string(),
  type: z
    .string()
    .meta({ description: "the source's own type name, lower case, e.g. int8, timestamptz, numeric(12,2)" }),
  nullable: z.boolean(),
  nullFraction: z.number().min(0).max(1).optional().meta({ description: 'share of NULLs from statistics' }),
  distinctCount: z.number().min(0).optional().meta({ description: 'estimated distinct values' }),
  histogram: z.array(z.string()).optional().meta({ description: 'equi-depth bucket bounds from statistics' }),
});

/** What profiling a table answers; taken from the catalogue, never by scanning the table. */
export const profileSchema = z
  .strictObject({
    sourceType: z.string(),
    schemaName: z.string(),
    tableName: z.string(),
    rowCountEstimate: z.int().min(0).nullable().meta({ description: 'null: unknown' }),
    rowCountExact: z.int().min(0).optional(),
    averageRowBytes: z.number().min(0).nullable(),
    totalBytes: z.int().min(0).nullable(),
    columns: z.array(profileColumnSchema),
    primaryKey: z.array(z.string()),
    indexedColumns: z.array(z.string()).meta({ description: 'leading column of each usable index' }),
    partitioned: z.boolean().optional(),
    isView: z.boolean().optional(),
    freeConnections: z.int().min(0).optional(),
    readThroughput: z
      .strictObject({
        warm: z.boolean(),
        connections: z.int().min(1),
        bytesRead: z.int().min(0),
        durationMs: z.number().min(0),
        mbPerSecPerConnection: z.number().min(0),
        mbPerSecTotal: z.number().min(0),
      })
      .optional(),
    profiledAt: z.iso.datetime(),
  })
  .meta({ id: 'TableProfile' });

export type TableProfile = z.output<typeof profileSchema>;
export type ProfileColumn = z.output<typeof profileColumnSchema>;
