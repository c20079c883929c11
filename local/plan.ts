// Plans a load from the command line without launching anything (`npm run plan -- --load orders --machine-type … --workers …`).

import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { Violation } from '../shared/base/errors.ts';
import { effectiveLoadConfig } from '../shared/plan/effective-load.ts';
import { gridSchema, planGrid } from '../shared/plan/plan-grid.ts';
import type { Plan } from '../shared/schema/plan.ts';
import { profileSchema } from '../shared/schema/profile.ts';
import { type ExitCode, runCommand } from './command.ts';
import { candidateOf } from './plan/candidate.ts';
import { planLegs } from './plan/plan-legs.ts';
import { readConfig, readJson } from './plan/read-files.ts';
import { planTable } from './plan/table.ts';
import { UsageError } from './usage-error.ts';

const defaultConfig = fileURLToPath(new URL('./streamnova.yaml', import.meta.url));

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
  );

await runCommand(async () => {
  program.exitOverride().parse();
  const options = program.opts();
  if (options.grid === undefined) return show(options);
  const explicit = program.getOptionValueSource('config') === 'cli';
  const policy = explicit ? readConfig(options.config).policy : undefined;
  for (const answer of planGrid(readJson(options.grid, gridSchema), policy)) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  return 0;
});

type Options = ReturnType<typeof program.opts>;

function show(options: Options): ExitCode {
  if (options.load === undefined)
    throw new UsageError('name a load: --load <name> (or plan shards only: --grid <file>)');
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
  const { project: projectId, region } = options;
  const planned = planLegs(load, { candidate, policy: config.policy, profile, projectId, region });
  if (!planned.ok) return refused(options, planned.violations);
  const { secondLeg, ...first } = planned.plan;
  const plan: Plan = { ...first, steps: [...steps, ...first.steps] };
  const whole = secondLeg === undefined ? plan : { ...plan, secondLeg };
  const tables = [planTable(plan), ...(secondLeg === undefined ? [] : ['', 'second leg', planTable(secondLeg)])];
  process.stdout.write(`${options.json === true ? JSON.stringify(whole, null, 2) : tables.join('\n')}\n`);
  return 0;
}

function refused(options: Options, violations: readonly Violation[]): ExitCode {
  if (options.json === true) process.stdout.write(`${JSON.stringify({ violations }, null, 2)}\n`);
  else process.stderr.write(`${violations.map(({ path, message }) => `${path}: ${message}`).join('\n')}\n`);
  return 1;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number.');
}
