// The load configuration as written in YAML: sources, targets, loads, defaults, scenarios, policy. Shape only, no IO.

import * as z from 'zod';
import { candidateSchema } from './candidate.ts';
import { environmentSchema } from './environment.ts';
import { policySchema } from './policy.ts';
import { loadNameSchema } from './recommendation.ts';

/** A value that must not stand in a file: only a Secret Manager version path, or `secret://local/NAME` on the local cloud. */
export const secretPathSchema = z
  .string()
  .regex(
    /^(projects\/[^/\s]+\/secrets\/[^/\s]+\/versions\/[^/\s]+|secret:\/\/local\/[A-Za-z0-9_]+)$/,
    'must be a Secret Manager version path (projects/P/secrets/S/versions/V); plain secrets are refused because they would travel in job parameters and logs',
  );

const gsPath = z.string().regex(/^gs:\/\/[a-z0-9]/, 'must be a gs:// path');

export const sourceTypeSchema = z.enum(['postgres', 'mysql', 'oracle', 'sqlserver', 'jdbc', 'gcs', 'bigquery']);
export const targetTypeSchema = z.enum(['bigquery', 'gcs']);
export type SourceType = z.output<typeof sourceTypeSchema>;
export type TargetType = z.output<typeof targetTypeSchema>;

export const sourceSchema = z.strictObject({
  type: sourceTypeSchema,
  host: z.string().min(1).optional(),
  port: z.int().min(1).max(65535).optional(),
  database: z.string().min(1).optional(),
  jdbcUrl: z.string().min(1).optional().meta({ description: 'instead of host, port and database' }),
  cloudSqlInstance: z
    .string()
    .optional()
    .meta({ description: 'project:region:instance, through the Cloud SQL socket factory' }),
  username: secretPathSchema.or(z.string().min(1).max(128)).optional(),
  password: secretPathSchema.optional(),
  tls: z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']).optional(),
  properties: z.record(z.string(), z.string()).optional().meta({ description: 'driver properties' }),
  connectionBudget: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .meta({ description: 'connections all executions together may hold' }),
  driverClassName: z.string().optional(),
  driverJars: z.string().optional(),
  kmsKeyName: z.string().optional(),
  path: z.string().optional().meta({ description: 'gcs: file pattern' }),
  project: z.string().optional().meta({ description: 'bigquery: project' }),
  dataset: z.string().optional().meta({ description: 'bigquery: dataset' }),
});

export const targetSchema = z.strictObject({
  type: targetTypeSchema,
  project: z.string().optional(),
  dataset: z.string().optional(),
  bucket: z.string().optional(),
  path: z.string().optional(),
});

export const templateSchema = z.strictObject({
  name: z.string().optional().meta({ description: "one of Google's templates, instead of the catalogue's choice" }),
  version: z
    .string()
    .regex(
      /^(latest|\d{4}-\d{2}-\d{2}[A-Za-z0-9._-]*)$/,
      'must be `latest` or a dated folder such as 2026-08-21-00_RC00',
    )
    .optional()
    .meta({ description: '`latest` (default) or a dated folder, which pins the template' }),
  containerSpecGcsPath: gsPath.optional().meta({ description: "a user's own Flex template" }),
  parameters: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'parameters passed through as they are' }),
});

export const loadSchema = z.strictObject({
  source: z.string(),
  target: z.string(),
  via: z.string().optional().meta({ description: 'a gcs target between source and target: a three-stage load' }),
  table: z.string().min(1).optional().meta({ description: 'schema.table in the source' }),
  query: z.string().min(1).optional().meta({ description: 'SQL read by one reader, when the table cannot be split' }),
  columns: z.array(z.string().min(1)).optional(),
  partitionColumn: z.string().min(1).optional(),
  partitionColumnType: z
    .enum(['long', 'datetime'])
    .optional()
    .meta({ description: 'only needed when no profile says what the partition column is' }),
  partitionBounds: z.strictObject({ lower: z.string(), upper: z.string() }).optional(),
  onNullPartitionKey: z.enum(['refuse', 'coalesce']).optional(),
  incremental: z
    .strictObject({ column: z.string().min(1), from: z.string().optional(), to: z.string().optional() })
    .optional(),
  targetTable: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'table name in the target; default: the source table' }),
  schemaPath: gsPath.optional().meta({ description: 'BigQuery schema file; needed to create' }),
  createIfNeeded: z.boolean().optional(),
  truncate: z.boolean().optional(),
  fetchSize: z.int().min(1).max(1_000_000).optional(),
  template: templateSchema.optional(),
  environment: environmentSchema.optional(),
  candidate: candidateSchema.optional().meta({ description: 'for config-only runs' }),
  expectedRows: z.int().min(0).optional().meta({ description: 'an exact promise: to load fewer is a failure' }),
  rowCountEstimate: z.int().min(0).optional(),
  averageRowBytes: z.int().min(1).optional(),
});

/** Fields a scenario or an override may lay over a load: never machine type, workers, shards (candidate only) nor connection or table. */
export const scenarioSchema = z.strictObject({
  environment: environmentSchema.optional(),
  fetchSize: z.int().min(1).max(1_000_000).optional(),
  truncate: z.boolean().optional(),
  template: templateSchema.optional(),
});

export const loadConfigSchema = z
  .strictObject({
    version: z.literal(1).default(1),
    defaults: scenarioSchema.optional(),
    defaultScenario: z.string().optional(),
    scenarios: z.record(z.string(), scenarioSchema).optional(),
    sources: z.record(loadNameSchema, sourceSchema),
    targets: z.record(loadNameSchema, targetSchema),
    loads: z.record(loadNameSchema, loadSchema),
    policy: policySchema.prefault({}),
  })
  .meta({ id: 'LoadConfig' });

export type LoadConfig = z.output<typeof loadConfigSchema>;
export type Source = z.output<typeof sourceSchema>;
export type Target = z.output<typeof targetSchema>;
export type Load = z.output<typeof loadSchema>;
export type Scenario = z.output<typeof scenarioSchema>;

/** One load with everything laid over it: file defaults ← scenario ← load ← event overrides, source and target looked up. */
export type EffectiveLoad = Omit<Load, 'source' | 'target' | 'via'> & {
  readonly name: string;
  readonly sourceName: string;
  readonly source: Source;
  readonly targetName: string;
  readonly target: Target;
  readonly viaName?: string;
  readonly via?: Target;
  readonly scenario?: string;
};
