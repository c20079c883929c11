// `npm run simulate`: plays seeded schedules against the real engine, counts broken promises, and shows that broken engines are noticed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { alternatives } from './alternatives.ts';
import { bundleSimulation } from './bundle.ts';
import { type Crew, createCrew } from './crew.ts';
import { type Mutant, mutants } from './mutants.ts';
import type { Seen } from './play-range.ts';
import { replay } from './replay.ts';

/** A mutant that survives this many schedules counts as unnoticed. */
const mutantSeeds = 1_000;
/** Beyond the bound at most: one in twelve of these schedules makes a second job, so 5,000 of them are hundreds of dangers. */
const beyondSeeds = 5_000;
const chunk = 250;

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('must be a whole number');
  return value;
};

const command = new Command('simulate')
  .description('plays seeded schedules of deliveries, ticks, cancels and faults against the real engine')
  .option('--seeds <n>', 'how many schedules', whole, 20_000)
  .option('--from <seed>', 'the first seed', whole, 1)
  .option('--seed <seed>', 'replay one schedule with everything that happens in it', whole)
  .option('--late', 'with --seed: launch requests may be later than the lease', false)
  .option('--mutants', 'also break the engine on purpose, and count the seeds until it is noticed', false)
  .option('--json', 'end with one line of JSON: {seeds, violations, seedsPerSec, mutants, beyondBound}', false);

const options = command.parse().opts();
process.exitCode = options.seed === undefined ? await simulateMany() : await replay(options.seed, options.late);

async function simulateMany(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'streamnova-simulation-'));
  const crew = createCrew();
  try {
    const bundle = join(folder, 'engine.mjs');
    await bundleSimulation(bundle);
    const inside = await playAll(crew, { bundle, from: options.from, seeds: options.seeds, late: false });
    report('inside the bound', inside);
    const beyond = await playAll(crew, {
      bundle,
      from: options.from,
      seeds: Math.min(Math.ceil(options.seeds / 10), beyondSeeds),
      late: true,
    });
    report('launch requests later than the lease', beyond);
    const noticed = options.mutants ? await playMutants(crew, folder) : [];
    const violations = inside.broken.length + beyond.broken.length;
    if (options.json) {
      const { schedules: seeds, seedsPerSec } = inside;
      const beyondBound = {
        seeds: beyond.schedules,
        withTwoJobsEver: beyond.secondJobs,
        withTwoActiveJobs: beyond.broken.length,
      };
      console.log(JSON.stringify({ seeds, violations, seedsPerSec, mutants: noticed, beyondBound }));
    }
    return violations > 0 || noticed.some(({ seedsToFind }) => seedsToFind === null) ? 1 : 0;
  } finally {
    await crew.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Sum = Seen & { readonly seedsPerSec: number; readonly seconds: number };

async function playAll(
  crew: Crew,
  range: { readonly bundle: string; readonly from: number; readonly seeds: number; readonly late: boolean },
): Promise<Sum> {
  const startedAt = performance.now();
  const chunks = Array.from({ length: Math.ceil(range.seeds / chunk) }, (_, index) =>
    crew.play(range.bundle, {
      from: range.from + index * chunk,
      count: Math.min(chunk, range.seeds - index * chunk),
      late: range.late,
      stopAtFirst: false,
    }),
  );
  const results = await Promise.all(chunks);
  const seconds = (performance.now() - startedAt) / 1000;
  const sum = (part: 'schedules' | 'calls' | 'jobs' | 'secondJobs') =>
    results.reduce((total, result) => total + result[part], 0);
  return {
    schedules: sum('schedules'),
    calls: sum('calls'),
    jobs: sum('jobs'),
    secondJobs: sum('secondJobs'),
    broken: results.flatMap(({ broken }) => broken).sort((left, right) => left.seed - right.seed),
    seconds,
    seedsPerSec: Math.round(sum('schedules') / seconds),
  };
}

function report(what: string, sum: Sum): void {
  const figures = [
    `${sum.schedules} schedules in ${sum.seconds.toFixed(1)} s (${sum.seedsPerSec} seeds/s)`,
    `${sum.calls} port calls`,
    `${sum.jobs} jobs`,
    `${sum.broken.length} violations`,
    `${sum.secondJobs} schedules with two jobs ever of one attempt`,
  ];
  console.log(`${what}: ${figures.join(', ')}`);
  for (const { seed, focus, rule, detail } of sum.broken.slice(0, 10)) {
    console.log(`  ${rule} (${focus}): ${detail}\n    replay: npm run simulate -- --seed ${seed}`);
  }
}

type Noticed = { readonly name: string; readonly seedsToFind: number | null; readonly rule: string | null };

async function playMutants(crew: Crew, folder: string): Promise<Noticed[]> {
  const play = async (mutant: Mutant, index: number): Promise<Noticed> => {
    const bundle = join(folder, `mutant-${index}.mjs`);
    await bundleSimulation(bundle, mutant.edits);
    const { broken } = await crew.play(bundle, {
      from: 1,
      count: mutantSeeds,
      late: mutant.late === true,
      stopAtFirst: true,
    });
    const [first] = broken;
    return { name: mutant.name, seedsToFind: first?.seed ?? null, rule: first?.rule ?? null };
  };
  const noticed = await Promise.all([...mutants, ...alternatives].map(play));
  for (const { name, seedsToFind, rule } of noticed) {
    const found = seedsToFind === null ? `NOT FOUND in ${mutantSeeds} seeds` : `found by seed ${seedsToFind}: ${rule}`;
    console.log(`  mutant: ${name}: ${found}`);
  }
  return noticed;
}
