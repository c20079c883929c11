// Checks a load configuration from the command line (`npm run check-config -- file.yaml`): every problem as file:line:column.

import { readFileSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import type { Violation } from '../shared/base/errors.ts';
import { effectiveLoadConfig } from '../shared/plan/effective-load.ts';
import { parseLoadConfig } from '../shared/plan/read-config.ts';
import type { LoadConfig } from '../shared/schema/load-config.ts';
import { planLegs } from './plan/plan-legs.ts';

const program = new Command('check-config')
  .description('Validates a load configuration; variables are taken from the environment')
  .argument('<file>', 'the YAML file')
  .option('--scenario <name>', 'check the loads under this scenario too')
  .option('--json', 'print the problems as one JSON object')
  .action((file, options) => {
    process.exitCode = check(file, options);
  });

program.parse();

function check(
  file: string,
  options: { readonly scenario?: string | undefined; readonly json?: true | undefined },
): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    process.stderr.write(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const result = parseLoadConfig(text, { file, env: process.env });
  if (!result.ok) return report(file, result.problems, options.json === true);
  const wrong = Object.keys(result.config.loads).flatMap((name) =>
    problemsOf(result.config, name, options.scenario).map(({ path, message }) => ({
      ...result.positionOf(path),
      path,
      message,
    })),
  );
  if (wrong.length > 0) return report(file, wrong, options.json === true);
  const { sources, targets, loads } = result.config;
  const counts = [counted(sources, 'source'), counted(targets, 'target'), counted(loads, 'load')].join(', ');
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ file, ok: true, problems: [] })}\n` : `${file}: ok (${counts})\n`,
  );
  return 0;
}

/** What would refuse every run of a load under the scenario: of one that brings its own candidate, all that its plan has against it. */
function problemsOf(config: LoadConfig, name: string, scenario: string | undefined): readonly Violation[] {
  const effective = effectiveLoadConfig(config, name, scenario === undefined ? {} : { scenario });
  if (!effective.ok) return effective.violations;
  const { candidate } = effective.load;
  if (candidate === undefined) return [];
  const { GOOGLE_CLOUD_PROJECT: projectId, REGION: region } = process.env;
  const planned = planLegs(effective.load, { candidate, policy: config.policy, projectId, region });
  if (planned.ok) return [];
  return planned.violations.map((violation) =>
    /^\/(loads|policy|sources|targets)\//.test(violation.path)
      ? violation
      : { ...violation, path: `/loads/${name}${violation.path}` },
  );
}

type Problem = { readonly line: number; readonly column: number; readonly path: string; readonly message: string };

function report(file: string, problems: readonly Problem[], asJson: boolean): number {
  if (asJson) process.stdout.write(`${JSON.stringify({ file, ok: false, problems })}\n`);
  else
    for (const { line, column, message, path } of problems) {
      process.stdout.write(`${file}:${line}:${column}: ${message}${path === '' ? '' : ` [${path}]`}\n`);
    }
  return 1;
}

function counted(named: object, noun: string): string {
  const count = Object.keys(named).length;
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
