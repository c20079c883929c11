// Plans a load from the command line without launching anything (`npm run plan -- --load orders --machine-type … --workers …`).

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import * as z from 'zod';
import type { Violation } from '../shared/base/errors.ts';
import { executionIdOf } from '../shared/base/ids.ts';
import { effectiveLoadConfig } from '../shared/plan/effective-load.ts';
import { detectEnvironment } from '../shared/plan/environment.ts';
import { choosePartition } from '../shared/plan/partition.ts';
import { isChain, planChain } from '../shared/plan/plan-chain.ts';
import { gridSchema, planGrid } from '../shared/plan/plan-grid.ts';
import { planLoad } from '../shared/plan/plan-load.ts';
import { planShards } from '../shared/plan/plan-shards.ts';
import { parseLoadConfig } from '../shared/plan/read-config.ts';
import { measureSkew } from '../shared/plan/skew.ts';
import { sourceHandler } from '../shared/plan/sources/registry.ts';
import type { Candidate } from '../shared/schema/candidate.ts';
import type { EffectiveLoad, LoadConfig } from '../shared/schema/load-config.ts';
import type { Plan, PlanResult } from '../shared/schema/plan.ts';
import { profileSchema, type TableProfile } from '../shared/schema/profile.ts';
import { planTable } from './plan/table.ts';

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
  if (!effective.ok) return refused(options, effective.violations);
  const { load } = effective;
  const profile = options.profile === undefined ? undefined : readJson(options.profile, profileSchema);
  const { candidate, steps } = candidateOf(options, load, config, profile);
  const detected = detectEnvironment({
    dataflowEmulatorHost: process.env.DATAFLOW_EMULATOR_HOST,
    projectId: options.project,
    region: options.region,
  });
  const executionId = executionIdOf('plan', options.load);
  const planned = planLegs(load, executionId, (leg) =>
    planLoad({
      load: leg,
      candidate,
      policy: config.policy,
      profile,
      target: {
        executionId,
        runId: 'plan',
        attempt: 1,
        projectId: options.project ?? 'local',
        region: options.region ?? 'us-central1',
        environment: detected.environment,
        environmentReason: detected.reason,
      },
    }),
  );
  if (!planned.ok) return refused(options, planned.violations);
  const { secondLeg, ...first } = planned.plan;
  const plan: Plan = { ...first, steps: [...steps, ...first.steps] };
  const whole = secondLeg === undefined ? plan : { ...plan, secondLeg };
  const tables = [planTable(plan), ...(secondLeg === undefined ? [] : ['', 'second leg', planTable(secondLeg)])];
  process.stdout.write(`${options.json === true ? JSON.stringify(whole, null, 2) : tables.join('\n')}\n`);
  return 0;
}

function refused(options: Options, violations: readonly Violation[]): number {
  if (options.json === true) process.stdout.write(`${JSON.stringify({ violations }, null, 2)}\n`);
  else process.stderr.write(`${violations.map(({ path, message }) => `${path}: ${message}`).join('\n')}\n`);
  return 1;
}

type Legs = { readonly ok: true; readonly plan: Plan & { readonly secondLeg?: Plan } };

/** The plan of a load; of a three-stage load both legs, the second one beside the first, as a dry run answers them. */
function planLegs(
  load: EffectiveLoad,
  executionId: string,
  planOf: (leg: EffectiveLoad) => PlanResult,
): Legs | Extract<PlanResult, { ok: false }> {
  if (!isChain(load)) return planOf(load);
  const chain = planChain(load, executionId);
  if (!chain.ok) return chain;
  const [first, second] = [planOf(chain.chain.first), planOf(chain.chain.second({}))];
  if (!first.ok || !second.ok) {
    return { ok: false, violations: [first, second].flatMap((leg) => (leg.ok ? [] : leg.violations)) };
  }
  const steps = [...chain.chain.steps, ...first.plan.steps];
  return { ok: true, plan: { ...first.plan, steps, secondLeg: second.plan } };
}

/** The load's own candidate, or one of the options; a number of shards that nobody gave comes from the shard planner. */
function candidateOf(
  options: Options,
  load: EffectiveLoad,
  config: LoadConfig,
  profile: TableProfile | undefined,
): { readonly candidate: Candidate; readonly steps: readonly string[] } {
  if (load.candidate !== undefined && options.machineType === undefined && options.workers === undefined) {
    return { candidate: { ...load.candidate, shardCount: options.shards ?? load.candidate.shardCount }, steps: [] };
  }
  const machineType = options.machineType ?? load.candidate?.machineType;
  const workerCount = options.workers ?? load.candidate?.workerCount;
  if (machineType === undefined || workerCount === undefined) {
    throw new Refusal('say --machine-type and --workers: the load has no candidate of its own');
  }
  if (options.shards !== undefined) {
    return { candidate: { machineType, workerCount, shardCount: options.shards }, steps: [] };
  }
  const plan = (skewRatio?: number) => {
    const shards = planShards({
      machineType,
      workerCount,
      profile: {
        rowCountEstimate: profile?.rowCountEstimate ?? load.rowCountEstimate ?? load.expectedRows ?? null,
        averageRowBytes: profile?.averageRowBytes ?? load.averageRowBytes ?? null,
        skewRatio,
      },
      connectionBudget: load.source.connectionBudget,
      policy: config.policy,
    });
    // An unknown machine type is the plan's to refuse, with everything else that is wrong.
    return shards.ok ? shards.plan : { shards: 1, steps: [] };
  };
  const { shards, steps } = plan(skewOf(load, profile, plan().shards));
  return { candidate: { machineType, workerCount, shardCount: shards }, steps: steps.map((step) => `shards: ${step}`) };
}

/** How uneven that many ranges of the table would be, where a histogram tells. */
function skewOf(load: EffectiveLoad, profile: TableProfile | undefined, shards: number): number | undefined {
  const handler = sourceHandler(load.source.type);
  if (handler.kind !== 'database' || load.table === undefined) return undefined;
  const partition = choosePartition(load, profile, handler.dialectOf(load.source), shards);
  if (partition.kind !== 'split' || partition.profiled === undefined) return undefined;
  return measureSkew(partition.profiled, partition.columnType, shards)?.ratio;
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
