// The backtest's figures as tables for people.

import Table from 'cli-table3';
import { checkpoints } from './play.ts';
import type { Rehearsed } from './real/rehearse.ts';
import type { Summary } from './summary.ts';

const plain = { style: { head: [], border: [] } };
const percent = (value: number): string => `${value.toFixed(1)} %`;

/** Error and regret by number of runs learnt from, ours beside the original's formulas. */
export function simulatedTable(summary: { readonly ours: Summary; readonly original: Summary }): string {
  const table = new Table({
    ...plain,
    head: ['after runs', 'error, ours', 'error, original', 'regret, ours', 'regret, original'],
  });
  for (const after of checkpoints) {
    const [ours, original] = [summary.ours[`after${after}`], summary.original[`after${after}`]];
    table.push([
      after,
      percent(ours.medianAbsErrorPct),
      percent(original.medianAbsErrorPct),
      percent(ours.regretPct),
      percent(original.regretPct),
    ]);
  }
  return `${table.toString()}\nerror: median over loads of |estimate / actual - 1|, duration and cost together; regret: mean excess of the chosen candidate's true figure over the best candidate's`;
}

/** Every real run: what was estimated, what it took. */
export function realTable(rehearsed: Rehearsed): string {
  const table = new Table({ ...plain, head: ['table', 'run', 'machines', 'estimated', 'took', 'error'] });
  for (const { table: name, runs } of rehearsed.tables) {
    for (const [index, run] of runs.entries()) {
      const seconds = (value: number) => `${value.toFixed(2)} s`;
      table.push([
        index === 0 ? name : '',
        index + 1,
        run.machines,
        seconds(run.estimatedSec),
        seconds(run.actualSec),
        percent(run.errorPct),
      ]);
    }
  }
  const { firstErrorPct, lastErrorPct } = rehearsed;
  return `${table.toString()}\nmedian error of the first run of each table ${percent(firstErrorPct)}, of the last ${percent(lastErrorPct)}`;
}
