// `npm run backtest`: how well the recommender estimates and chooses, in a simulated world with hidden truths or on real local loads.

import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { playBacktest } from './backtest/play.ts';
import { rehearse } from './backtest/real/rehearse.ts';
import { summarise } from './backtest/summary.ts';
import { realTable, simulatedTable } from './backtest/tables.ts';
import { runCommand } from './command.ts';

const program = new Command('backtest')
  .description(
    'Measures estimates and choices: ours beside the original formulas in a simulated world (default), or on real local loads',
  )
  .option('--loads <count>', 'simulated loads', atLeastOne, 50)
  .option('--seed <number>', 'seed of the simulated world', wholeNumber, 1)
  .option('--real', 'load three differently shaped tables with the local Dataflow instead')
  .option('--runs <count>', 'with --real: runs of each table', atLeastOne, 6)
  .option('--json', 'end with one line of JSON');

await runCommand(async (signal) => {
  program.exitOverride().parse();
  const options = program.opts();
  const people = options.json === true ? process.stderr : process.stdout;
  if (options.real === true) {
    const rehearsed = await rehearse({ runs: options.runs, signal, say: (text) => people.write(`${text}\n`) });
    people.write(`${realTable(rehearsed)}\n`);
    if (options.json === true) process.stdout.write(`${JSON.stringify({ real: rehearsed })}\n`);
    return 0;
  }
  people.write(`${options.loads} simulated loads, seed ${options.seed}; 21 runs of each, learning from every one\n`);
  const scores = playBacktest(options.seed, options.loads);
  const summary = { ours: summarise(scores.ours), original: summarise(scores.original) };
  people.write(`${simulatedTable(summary)}\n`);
  if (options.json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return 0;
});

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number.');
}

function atLeastOne(text: string): number {
  const count = wholeNumber(text);
  if (count > 0) return count;
  throw new InvalidArgumentError('must be at least 1.');
}
