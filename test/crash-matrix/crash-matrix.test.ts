// Every port call of every golden path, struck in every way, and every call of what comes next struck as well: no promise breaks.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleSimulation, type Edit } from '../simulation/bundle.ts';
import { type Crew, createCrew } from '../simulation/crew.ts';
import { mutants } from '../simulation/mutants.ts';
import { paths } from './paths.ts';
import type { Struck } from './strike-path.ts';

/** Every port call the golden paths make. One that is not listed was never thought through. */
const covered = [
  'documents.read',
  'documents.write',
  'jobs.cancel',
  'jobs.get',
  'jobs.launch',
  'jobs.list',
  'jobs.messages',
  'jobs.metrics',
  'ledger.create',
  'ledger.due',
  'ledger.list',
  'ledger.read',
  'ledger.replace',
  'outcomes.publish',
  'recommendations.read',
  'recommendations.write',
];

let crew: Crew;
let folder: string;
const struck = new Map<string, Promise<Struck>>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamnova-matrix-'));
  crew = createCrew();
  const bundle = await bundleOf('engine', []);
  for (const { name } of paths) struck.set(name, crew.call(bundle, 'strikePath', name) as Promise<Struck>);
});
afterAll(async () => {
  await crew.close();
  await rm(folder, { recursive: true, force: true });
});

async function bundleOf(name: string, edits: readonly Edit[]): Promise<string> {
  const bundle = join(folder, `${name}.mjs`);
  await bundleSimulation(bundle, edits, 'test/crash-matrix/strike-path.ts');
  return bundle;
}

describe('keeps every promise, whatever strikes', () => {
  test.each(paths)('$name', async ({ name }) => {
    const { broken, plays } = (await struck.get(name)) ?? expect.fail('was not played');
    expect(broken.slice(0, 5)).toEqual([]);
    expect(plays).toBeGreaterThan(6);
  });
});

test('the golden paths make exactly the port calls that are known', async () => {
  const made = new Set((await Promise.all(struck.values())).flatMap(({ calls }) => calls));
  const unknown = [...made].filter((name) => !covered.includes(name));
  const unmade = covered.filter((name) => !made.has(name));
  const advice = `New port calls: ${unknown.join(', ')}. Think each of them through - lost, late, repeated, its caller dead before and after it -,
    make sure a golden path in paths.ts makes it, and add it to \`covered\`. No longer made: ${unmade.join(', ')}.`;
  expect([unknown, unmade], advice).toEqual([[], []]);
});

describe('an engine broken on purpose does not pass', () => {
  test.each([
    ['relaunch without looking', 'relaunch'],
    ['acknowledge a pending launch', 'start'],
    ['acknowledge on ALREADY_EXISTS', 'start'],
    ['mark the outcome published whether it was or not', 'end and conclude'],
    ['a cancel that does not wait for a launch under way', 'cancel of what may be launching'],
  ])('%s: %s', async (mutantName, pathName) => {
    const mutant = mutants.find(({ name }) => name === mutantName) ?? expect.fail('no such mutant');
    const bundle = await bundleOf(mutantName.replaceAll(/\W+/g, '-'), mutant.edits);
    const { broken } = (await crew.call(bundle, 'strikePath', pathName)) as Struck;
    expect(broken.length).toBeGreaterThan(0);
  });
});
