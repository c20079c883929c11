// Plans a load from the command line without launching anything (`npm run plan -- --load orders --machine-type … --workers …`).

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import Table from 'cli-table3';
import * as z from 'zod';
import { executionIdOf } from '../shared/base/ids.ts';
import { effectiveLoadConfig } from '../shared/plan/effective-load.ts';
import { detectEnvironment } from '../shared/plan/environment.ts';
import { gridSchema, planGrid } from '../shared/plan/plan-grid.ts';
import { planLoad } from '../shared/plan/plan-load.ts';
import { planShards } from '../shared/plan/plan-shards.ts';
import { parseLoadConfig } from '../shared/plan/read-config.ts';
import { candidateSchema } from '../shared/schema/candidate.ts';
import type { EffectiveLoad, LoadConfig } from '../shared/schema/load-config.ts';
import type { Plan } from '../shared/schema/plan.ts';
import { profileSchema, type TableProfile } from '../shared/schema/profile.ts';

const defaultConfig = fileURLToPath(new URL('./streamnova.yaml', import.meta.url));

/** What a person can mend: printed as lines on stderr, exit code 1. */
class Refusal extends Error {}

const program = new Command('plan')
  .description('Shows the exact Dataflow request a load would be launched with; launches nothing')
  .option('--load <name>', 'the load to plan')
  .option('--machine-type <type>', 'machine type of the workers (default: the load’s own candidate)')
  .option('--workers <count>', 'number of workers', wholeNumber)
  .option('--shards <count>', 'ranges the table is read in (default: the shard planner decides)', wholeNumber)
  .option('--config <file>', 'load configuration', defaultConfig)
  .option('--profile <file>', 'a table profile as JSON')
  .option('--scenario <name>', 'scenario of the configuration')
  .option('--project <id>', 'Google Cloud project', process.env.GOOGLE_CLOUD_PROJECT)
  .option('--region <region>', 'region of the job', process.env.REGION)
  .option('--json', 'print the whole plan as JSON')
  .option(
    '--grid <file>',
    'plan shards for a JSON array of {machineType, workerCount, rowCount, rowBytes, connections}',
  )
  .action((options, command) => {
    try {
      if (options.grid !== undefined) {
        const explicit = command.getOptionValueSource('config') === 'cli';
        const policy = explicit ? readConfig(options.config).policy : undefined;
        const lines = planGrid(readJson(options.grid, gridSchema), policy).map((answer) => JSON.stringify(answer));
        process.stdout.write(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
      } else {
        process.exitCode = show(options);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    }
  });

// A reader that closes the pipe early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
program.parse();

type Options = ReturnType<typeof program.opts>;

function show(options: Options): number {
  if (options.load === undefined) throw new Refusal('name a load: --load <name> (or plan shards only: --grid <file>)');
  const config = readConfig(options.config);
  const effective = effectiveLoadConfig(
    config,
    options.load,
    options.scenario === undefined ? {} : { scenario: options.scenario },
  );
  if (!effective.ok) throw new Refusal(effective.violations.map(({ message }) => message).join('\n'));
  const { load } = effective;
  const profile = options.profile === undefined ? undefined : readJson(options.profile, profileSchema);
  const { candidate, steps } = candidateOf(options, load, config, profile);
  const detected = detectEnvironment({
    dataflowEmulatorHost: process.env.DATAFLOW_EMULATOR_HOST,
    projectId: options.project,
    region: options.region,
  });
  const result = planLoad({
    load,
    candidate,
    policy: config.policy,
    profile,
    target: {
      executionId: executionIdOf('plan', options.load),
      runId: 'plan',
      attempt: 1,
      projectId: options.project ?? 'local',
      region: options.region ?? 'us-central1',
      environment: detected.environment,
      environmentReason: detected.reason,
    },
  });
  if (!result.ok) {
    if (options.json === true) process.stdout.write(`${JSON.stringify({ violations: result.violations }, null, 2)}\n`);
    else process.stderr.write(`${result.violations.map(({ path, message }) => `${path}: ${message}`).join('\n')}\n`);
    return 1;
  }
  const plan: Plan = { ...result.plan, steps: [...steps, ...result.plan.steps] };
  process.stdout.write(`${options.json === true ? JSON.stringify(plan, null, 2) : planTable(plan)}\n`);
  return 0;
}

/** The candidate of the options, or of the load; a number of shards that nobody gave comes from the shard planner. */
function candidateOf(options: Options, load: EffectiveLoad, config: LoadConfig, profile: TableProfile | undefined) {
  const machineType = options.machineType ?? load.candidate?.machineType;
  const workerCount = options.workers ?? load.candidate?.workerCount;
  if (machineType === undefined || workerCount === undefined) {
    throw new Refusal('say --machine-type and --workers: the load has no candidate of its own');
  }
  const own =
    options.machineType === undefined && options.workers === undefined ? load.candidate?.shardCount : undefined;
  const given = options.shards ?? own;
  if (given !== undefined) return { candidate: { machineType, workerCount, shardCount: given }, steps: [] };
  const shards = planShards({
    machineType,
    workerCount,
    profile: {
      rowCountEstimate: profile?.rowCountEstimate ?? load.rowCountEstimate ?? load.expectedRows ?? null,
      averageRowBytes: profile?.averageRowBytes ?? load.averageRowBytes ?? null,
    },
    connectionBudget: load.source.connectionBudget,
    policy: config.policy,
  });
  if (!shards.ok) throw new Refusal(shards.message);
  const candidate = candidateSchema.parse({
    machineType,
    workerCount: Math.max(1, workerCount),
    shardCount: shards.plan.shards,
  });
  return { candidate: { ...candidate, workerCount }, steps: shards.plan.steps.map((step) => `shards: ${step}`) };
}

function planTable(plan: Plan): string {
  const { environment, parameters, jobName, containerSpecGcsPath } = plan.request.launchParameter;
  const rows: [string, string][] = [
    ['template', plan.templateName],
    ['container spec', containerSpecGcsPath],
    ['job', `${jobName} in ${plan.request.projectId}/${plan.request.location}`],
    ['machines', `${environment.numWorkers} × ${environment.machineType}`],
    [
      'read',
      `${plan.readMode}, ${plan.shardCount} shards, ${plan.threadsPerWorker} threads a worker, ${plan.maxConcurrentShards} at once`,
    ],
    ...(plan.expectedRows === undefined ? [] : [rowsRow(plan.expectedRows)]),
    ...Object.entries(parameters).map(([name, value]): [string, string] => [`  ${name}`, value]),
    ...Object.entries(environment)
      .filter(([name]) => !['numWorkers', 'maxWorkers', 'machineType'].includes(name))
      .map(([name, value]): [string, string] => [
        `  ${name}`,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    ...plan.steps.map((step, index): [string, string] => [index === 0 ? 'steps' : '', `${index + 1}. ${step}`]),
    ...plan.warnings.map((warning, index): [string, string] => [index === 0 ? 'warnings' : '', `! ${warning}`]),
  ];
  const table = new Table({
    chars: Object.fromEntries(
      [
        'top',
        'top-mid',
        'top-left',
        'top-right',
        'bottom',
        'bottom-mid',
        'bottom-left',
        'bottom-right',
        'left',
        'left-mid',
        'mid',
        'mid-mid',
        'right',
        'right-mid',
        'middle',
      ].map((name) => [name, '']),
    ),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows);
  return table.toString().replaceAll(/[ \t]+$/gm, '');
}

function rowsRow(rows: NonNullable<Plan['expectedRows']>): [string, string] {
  return ['rows', `${rows.count.toLocaleString('en')} ${rows.exact ? 'expected' : 'by the catalogue’s statistics'}`];
}

function readConfig(file: string): LoadConfig {
  const result = parseLoadConfig(readText(file), { file, env: process.env });
  if (result.ok) return result.config;
  throw new Refusal(
    result.problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
  );
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(`${file}:\n${z.prettifyError(parsed.error)}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number.');
}
