// Plays one schedule and prints everything that happens in it, in the order it happens.

import { simulate } from './simulate.ts';
import { worldStart } from './world.ts';

/** Prints the schedule of `seed` and what it broke. Answers the exit code: 1 when it broke a promise. */
export async function replay(seed: number, late: boolean): Promise<number> {
  const played = await simulate(seed, {
    late,
    trace: (at, line) => console.log(`${((at - worldStart) / 1000).toFixed(3).padStart(10)} s  ${line}`),
  });
  console.log(`seed ${seed} (${played.focus}): ${played.calls} port calls, ${played.jobs} jobs`);
  for (const { at, rule, detail } of played.violations) {
    console.log(`VIOLATION at ${((at - worldStart) / 1000).toFixed(3)} s: ${rule}: ${detail}`);
  }
  return played.violations.length > 0 ? 1 : 0;
}
