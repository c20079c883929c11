// Every environment variable the functions read, in one schema. Terraform sets them; a test compares both.

import * as z from 'zod';
import { EngineError } from './errors.ts';

const ms = (fallback: number, description: string) =>
  z.coerce.number().int().min(0).max(3_600_000).default(fallback).meta({ description });
const host = z.string().regex(/^[^\s/:]+:\d+$|^\[[0-9a-fA-F:]+\]:\d+$/, 'must be host:port');

export const settingsSchema = z.object({
  GOOGLE_CLOUD_PROJECT: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'project of Dataflow, Firestore and Pub/Sub' }),
  REGION: z.string().min(1).optional().meta({ description: 'region the jobs run in' }),
  LOAD_CONFIG: z.string().min(1).meta({ description: 'load configuration: a file path or a gs:// object' }),
  FIRESTORE_DATABASE: z.string().min(1).optional().meta({ description: 'Firestore database; default: (default)' }),
  OUTCOMES_TOPIC: z.string().min(1).default('executions').meta({ description: 'topic of outcome events' }),
  PUSH_AUDIENCE: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'audience the OIDC token of Pub/Sub and Scheduler must carry; unset: not checked' }),
  PUSH_SERVICE_ACCOUNTS: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'e-mails allowed to call, separated by commas' }),
  DATAFLOW_EMULATOR_HOST: host.optional().meta({ description: 'host:port of a local Dataflow' }),
  FIRESTORE_EMULATOR_HOST: host.optional().meta({ description: "host:port of Google's Firestore emulator" }),
  PUBSUB_EMULATOR_HOST: host.optional().meta({ description: "host:port of Google's Pub/Sub emulator" }),
  LAUNCH_DEADLINE_MS: ms(60_000, 'how long a launch call may take'),
  LAUNCH_LATENESS_MS: ms(60_000, 'how much later than its deadline a launch request may reach Dataflow'),
  CLOCK_SKEW_MS: ms(60_000, 'how far the clock of an instance may be off'),
  LAUNCH_SLACK_MS: ms(30_000, 'how long an instance may take from its intent to the launch'),
  LIST_LAG_MS: ms(60_000, 'how long a new job may be missing from lists'),
  POLL_YOUNG_MS: ms(30_000, 'pause between looks at young and nearly finished jobs'),
  POLL_STEADY_MS: ms(120_000, 'pause between looks at all other jobs'),
  QUEUE_RETRY_MS: ms(30_000, 'pause between looks at a queued execution'),
  SETTLE_AFTER_MS: ms(300_000, 'pause between the two readings that settle a cost'),
  TICK_BUDGET_MS: ms(50_000, 'how long one tick of pollJobs may work'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().meta({ description: 'OpenTelemetry collector; unset: no traces' }),
});

export type Settings = z.output<typeof settingsSchema>;

/** The settings in `env`. Throws EngineError CONFIG naming every bad variable at once. Empty values count as unset. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settingsSchema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EngineError('CONFIG', `environment variables: ${problems.join('; ')}`);
}
