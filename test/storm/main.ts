// `npm run storm`: the built functions as real processes against emulators and a faulty Dataflow, killed all the time; exactly once is counted.

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import Table from 'cli-table3';
import { runStorm } from './run-storm.ts';
import { setStage } from './stage.ts';
import { median } from './trouble.ts';

const whole = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('a whole number above 0 is needed.');
};

const program = new Command('storm')
  .description(
    "Redelivery storm on Google's emulators: every recommendation delivered many times, function processes killed every 200-800 ms, Dataflow's answers lost; ends with what Dataflow, the ledger and the executions topic recorded. Needs gcloud and Java.",
  )
  .option('--recommendations <n>', 'how many', whole, 1000)
  .option('--deliveries <n>', 'how often each is published at most', whole, 20)
  .option('--in-flight <n>', 'deliveries at the same time', whole, 64)
  .option('--seed <n>', 'seed of kills, faults and order', whole, 1)
  .option('--instances <n>', 'processes of onRecommendation', whole, 4)
  .option('--no-kills', 'leave the processes alone, to see what the kills cost')
  .option('--json', 'print the figures as one line of JSON at the end')
  .option('--keep', 'keep logs and state even when all is well');

program.parse();
const options = program.opts();
const begun = performance.now();
const interrupted = new AbortController();
const endings: (() => Promise<unknown> | unknown)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.error(`\n${signal}: ending every process`);
    interrupted.abort();
  });
}

process.exitCode = await storm();

async function storm(): Promise<number> {
  let failed = true;
  let logFile: string | undefined;
  let strike = async (_: { keep: boolean }): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const stage = await setStage({
      ...options,
      endings,
      instances: { onRecommendation: options.instances, pollJobs: 3, execute: 1 },
    });
    strike = stage.strike;
    interrupted.signal.throwIfAborted();
    logFile = stage.logFile;
    const startSec = Math.round((performance.now() - begun) / 1000);
    const result = await runStorm(stage, {
      ...options,
      random: generator(options.seed),
      signal: interrupted.signal,
      progress: (line) => console.error(line),
    });
    const wallSec = Math.round((performance.now() - begun) / 1000);
    failed = result.violations.length > 0;
    const kills = result.kills.SIGKILL + result.kills.SIGTERM;
    const table = new Table({ style: { head: [], border: [] } });
    table.push(
      ['recommendations', options.recommendations],
      ["jobs in Dataflow's own record", result.jobs],
      ['distinct outcomes told', result.outcomes],
      ['lost', result.lost],
      ['stuck', result.stuck],
      ['messages published', `${result.published}, ${result.forgotten} of them again because the emulator forgot them`],
      ['deliveries that reached an instance', `${result.deliveries}, ${result.httpCalls} of them over HTTP`],
      ['  acknowledged / refused / cut by a kill', answersOf(stage.front.counts)],
      ['  at the same time at most', stage.front.counts.peak],
      ['dead letters', result.deadLetters],
      ['kills', `${kills}: ${result.kills.SIGKILL} SIGKILL, ${result.kills.SIGTERM} SIGTERM`],
      ['kills held back, as the machine was too slow', result.kills.heldBack],
      [
        'process starts, median ms',
        `${stage.instances.startMs.length}, ${Math.round(median(stage.instances.startMs))}`,
      ],
      ['executions launched again after a lost launch', result.relaunches],
      ['jobs found by name and adopted', result.adopted],
      ['slowest plain write afterwards, ms', result.slowestWriteMs ?? 'locked'],
      ['unexpected errors in the log', defectsIn(stage.logFile)],
      ['seconds: start, storm, calm, all', `${startSec}, ${result.stormSec}, ${result.calmSec}, ${wallSec}`],
    );
    console.log(table.toString());
    for (const violation of result.violations.slice(0, 20)) console.log(`VIOLATION ${violation}`);
    console.log(
      failed ? `FAILED: ${result.violations.length} violations` : 'passed: every recommendation ran exactly once',
    );
    if (options.json === true) {
      const { jobs, outcomes, lost, stuck, deliveries } = result;
      const figures = {
        recommendations: options.recommendations,
        jobs,
        outcomes,
        lost,
        stuck,
        deliveries,
        kills,
        wallSec,
      };
      console.log(JSON.stringify(figures));
    }
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    throw error;
  } finally {
    const keep = (failed || options.keep === true) && !interrupted.signal.aborted;
    await strike({ keep });
    if (keep && logFile !== undefined) console.error(`logs and state are kept beside ${logFile}`);
  }
  return failed ? 1 : 0;
}

function answersOf({ acked, refused, cut }: Record<'acked' | 'refused' | 'cut', number>) {
  return `${acked} / ${refused} / ${cut}`;
}

/** Errors that are none of the catalogue: a kill ends a process without writing one, so every one is a bug to look at. */
function defectsIn(file: string): number {
  return readFileSync(file, 'utf8').split('"moment":"defect"').length - 1;
}

/** mulberry32: a small seeded generator of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
