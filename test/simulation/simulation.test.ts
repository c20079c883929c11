// Plays schedules with every build, holds the world to being repeatable, and each mutant to being noticed. `npm run simulate` plays many more.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alternatives } from './alternatives.ts';
import { bundleSimulation } from './bundle.ts';
import { type Crew, createCrew } from './crew.ts';
import { mutants } from './mutants.ts';
import { regressionSeeds } from './regression-seeds.ts';
import { focuses } from './scenario.ts';
import { simulate } from './simulate.ts';
import { rules } from './watch.ts';

let crew: Crew;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamnova-simulation-'));
  crew = createCrew();
});
afterAll(async () => {
  await crew.close();
  await rm(folder, { recursive: true, force: true });
});

/** Plays seeds on a bundle of its own, on all cores. */
async function play(range: { from: number; count: number; late?: boolean }) {
  const bundle = join(folder, 'engine.mjs');
  await bundleSimulation(bundle);
  const parts = Array.from({ length: Math.ceil(range.count / 100) }, (_, index) =>
    crew.play(bundle, {
      from: range.from + index * 100,
      count: Math.min(100, range.count - index * 100),
      late: range.late === true,
      stopAtFirst: false,
    }),
  );
  return Promise.all(parts);
}

test('3,000 schedules inside the bound break no promise', async () => {
  const results = await play({ from: 1_000_001, count: 3_000 });
  expect(results.flatMap(({ broken }) => broken)).toEqual([]);
  expect(results.reduce((sum, { jobs }) => sum + jobs, 0)).toBeGreaterThan(3_000);
});

test('every seed that once showed a fault shows none', async () => {
  const broken = [];
  for (const seed of regressionSeeds) broken.push(...(await simulate(seed)).violations);
  expect(broken).toEqual([]);
});

test('launch requests later than the lease make second jobs, but never two active at once', async () => {
  const results = await play({ from: 1, count: 600, late: true });
  expect(results.flatMap(({ broken }) => broken)).toEqual([]);
  expect(results.reduce((sum, { secondJobs }) => sum + secondJobs, 0)).toBeGreaterThan(0);
});

describe('a schedule', () => {
  test('plays the same again, call by call', async () => {
    const record = async (seed: number): Promise<string[]> => {
      const lines: string[] = [];
      await simulate(seed, { trace: (at, line) => lines.push(`${at} ${line}`) });
      return lines;
    };
    for (const seed of [7, 8, 9]) {
      const lines = await record(seed);
      expect(lines.length).toBeGreaterThan(10);
      expect(await record(seed)).toEqual(lines);
    }
  });

  test('of every focus is played, and each of its records fits the schema', async () => {
    const seen = new Set<string>();
    for (let seed = 64; seen.size < focuses.length; seed += 64) {
      const { focus, violations } = await simulate(seed);
      expect(violations).toEqual([]);
      seen.add(focus);
    }
  });
});

describe('a broken engine is noticed', () => {
  test.each([...mutants, ...alternatives])('$name', async (mutant) => {
    const bundle = join(folder, `${mutant.name.replaceAll(/\W+/g, '-')}.mjs`);
    await bundleSimulation(bundle, mutant.edits);
    const late = mutant.late === true;
    const { broken } = await crew.play(bundle, { from: 1, count: 1_000, late, stopAtFirst: true });
    expect(broken.map(({ rule }) => Object.keys(rules).includes(rule))).toEqual([true]);
  });
});
