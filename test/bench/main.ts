// Runs the benches (`npm run bench -- [names…] [--json]`) and prints each figure beside its baseline.

import { Argument, Command, InvalidArgumentError } from '@commander-js/extra-typings';

type Bench = {
  /** Its name in the JSON. */
  readonly key: string;
  /** Runs it; `text` is for people, `figures` for programs. Imported when run, so that no bench pays for another's libraries. */
  readonly run: (options: { readonly rows: readonly number[] }) => Promise<{ text: string; figures: unknown }>;
};

const benches = {
  plan: {
    key: 'plan',
    async run() {
      const figures = await (await import('./plan.ts')).benchPlan();
      const text = `plan: ${ms(figures.planP50Ms)} p50 for one request; a JSON clone of the same request ${ms(figures.cloneP50Ms)}`;
      return { text, figures };
    },
  },
  recommend: {
    key: 'recommend',
    async run() {
      const figures = await (await import('./recommend.ts')).benchRecommend();
      const text = `recommend: ${ms(figures.p50Ms)} p50 for ${figures.candidates} candidates; with 40 runs of history ${ms(figures.withHistoryP50Ms)}`;
      return { text, figures };
    },
  },
  advance: {
    key: 'advance',
    async run() {
      const { advanceText, benchAdvance } = await import('./advance.ts');
      const figures = await benchAdvance();
      return { text: advanceText(figures), figures };
    },
  },
  'local-load': {
    key: 'localLoad',
    async run({ rows }) {
      const { benchLocalLoad } = await import('./local-load.ts');
      const figures: { rows: number; text: string }[] = [];
      for (const count of rows) {
        const measured = await benchLocalLoad({ rows: count });
        const speed = `${thousands(measured.rowsPerSec)} rows/s, ${measured.mbPerSec.toFixed(1)} MB/s`;
        const copy = `${thousands(measured.copyRowsPerSec)} rows/s, ${measured.copyMbPerSec.toFixed(1)} MB/s`;
        const text = `local-load: ${thousands(count)} rows: ${speed}; COPY ${copy} (${measured.ratio.toFixed(2)} of it); peak RSS ${Math.round(measured.peakRssMib)} MiB`;
        figures.push({ rows: count, ...measured, text });
      }
      return {
        text: figures.map(({ text }) => text).join('\n'),
        figures: figures.map(({ text: _text, ...measured }) => measured),
      };
    },
  },
} as const satisfies Record<string, Bench>;

type Name = keyof typeof benches;
const names = Object.keys(benches) as Name[];

await new Command('bench')
  .description('Measures this machine; every figure is printed beside its baseline')
  .addArgument(new Argument('[names...]', 'which benches; all of them if none is named').choices(names))
  .option('--rows <counts>', 'table sizes of local-load, separated by commas', counts, [500_000, 5_000_000])
  .option('--json', 'print one JSON object as the last line')
  .addHelpText(
    'after',
    '\nExamples:\n  $ npm run bench -- advance --json\n  $ npm run bench -- local-load --rows 500000',
  )
  .action(async (chosen, options) => {
    const all: Record<string, unknown> = {};
    for (const name of chosen.length === 0 ? names : chosen) {
      const bench: Bench = benches[name];
      const { text, figures } = await bench.run({ rows: options.rows });
      process.stdout.write(`${text}\n`);
      all[bench.key] = figures;
    }
    if (options.json === true) process.stdout.write(`${JSON.stringify(all)}\n`);
  })
  .parseAsync();

function counts(text: string): number[] {
  const parsed = text.split(',').map(Number);
  if (parsed.some((count) => !Number.isInteger(count) || count < 1))
    throw new InvalidArgumentError('whole numbers from 1, separated by commas');
  return parsed;
}

function ms(value: number): string {
  return `${value < 1 ? value.toFixed(3) : value.toFixed(1)} ms`;
}

function thousands(value: number): string {
  return new Intl.NumberFormat('en').format(Math.round(value));
}
