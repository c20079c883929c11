// Strikes every call of a golden path, and every call of what comes next, in every way: what a worker does with a bundle of the engine.

import { type Fault, faults } from '../simulation/faulty-wire.ts';
import { retriedInSilence } from '../simulation/weather.ts';
import { type Path, paths } from './paths.ts';
import { playPath, type Strike } from './play.ts';

export type Struck = {
  /** Names of all port calls the path makes when nothing goes wrong. */
  readonly calls: readonly string[];
  readonly plays: number;
  /** What broke, with what it takes to see it again. */
  readonly broken: readonly string[];
};

/** Plays the path named `name` unharmed, and then with each pair of faults. */
export async function strikePath(name: string): Promise<Struck> {
  const path = pathNamed(name);
  const broken: string[] = [];
  let plays = 0;
  const strike = async (subject?: Strike, next?: Strike): Promise<Awaited<ReturnType<typeof playPath>>> => {
    const played = await playPath(path, { subject, next });
    plays += 1;
    for (const { rule, detail } of played.violations) {
      broken.push(`${name} ${JSON.stringify({ subject, next })}: ${rule}: ${detail}`);
    }
    return played;
  };
  const unharmed = await strike();
  for (const subject of strikesOn(unharmed.subjectCalls)) {
    const { nextCalls } = await strike(subject);
    if (path.nextIsSpared === true) continue;
    for (const next of strikesOn(nextCalls)) await strike(subject, next);
  }
  return { calls: [...unharmed.subjectCalls, ...unharmed.nextCalls], plays, broken };
}

export function pathNamed(name: string): Path {
  const path = paths.find((one) => one.name === name);
  if (path === undefined) throw new Error(`there is no golden path ${name}`);
  return path;
}

/** Calls to Dataflow are never repeated by its client library (retry_codes: non_idempotent). */
const strikesOn = (calls: readonly string[]): Strike[] =>
  calls.flatMap((name, call) =>
    faults
      .filter((fault: Fault) => fault !== 'silent retry' || retriedInSilence.test(name))
      .map((fault) => ({ call, fault })),
  );
