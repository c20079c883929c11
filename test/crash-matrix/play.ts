// Plays one golden path with a fault at one call of its request and at one call of the next, then lets time heal and judges.

import { calmFate, calmLife, calmWorld } from '../simulation/calm-world.ts';
import type { Call, Fate, Fault } from '../simulation/faulty-wire.ts';
import { judgeEnd } from '../simulation/judge-end.ts';
import { configOf, recommendationOf } from '../simulation/load-configs.ts';
import type { Violation } from '../simulation/watch.ts';
import { type World, worldStart } from '../simulation/world.ts';
import { type Act, tick } from './acts.ts';
import type { Path, Step } from './paths.ts';

/** A fault at the n-th call (from 0) of a request. */
export type Strike = { readonly call: number; readonly fault: Fault };

export type Played = {
  /** Calls of the struck request, in order, and of what came next. */
  readonly subjectCalls: readonly string[];
  readonly nextCalls: readonly string[];
  readonly violations: readonly Violation[];
};

export type PlayOptions = {
  readonly subject?: Strike | undefined;
  readonly next?: Strike | undefined;
  readonly trace?: (at: number, line: string) => void;
};

/** One instance each, so that a crash takes nobody else along and every call tells whose it is. */
const roles = { before: 0, subject: 1, next: 2, heal: 3 } as const;
type Role = keyof typeof roles;

export async function playPath(path: Path, options: PlayOptions = {}): Promise<Played> {
  const calls: Record<Role, string[]> = { before: [], subject: [], next: [], heal: [] };
  let arranged: Step['faults'];
  const roleOf = (call: Call): Role => {
    const index = world.served.findIndex(({ instance }) => instance === call.instance);
    return (Object.keys(roles) as Role[])[index] ?? 'heal';
  };
  const fateOf = (call: Call): Fate => {
    const role = roleOf(call);
    const index = calls[role].push(call.name) - 1;
    const strike = role === 'subject' ? options.subject : role === 'next' ? options.next : undefined;
    if (strike !== undefined && strike.call === index) return fateFor(strike.fault, call);
    const fault = role === 'before' ? arranged?.[call.name] : undefined;
    return fault === undefined ? calmFate : fateFor(fault, call);
  };
  const world: World = calmWorld({
    config: configOf(path.limits ?? {}),
    instances: Object.keys(roles).length,
    settings: { advanceConcurrency: 4 },
    manners: { life: () => ({ ...calmLife, ...path.life }) },
    fateOf,
    strict: options.next === undefined,
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  });
  for (const runId of ['run-1', 'run-2']) world.recommendations.port.write(recommendationOf(runId, 'orders'));
  world.recommendations.port.write(recommendationOf('unknown-load', 'no-such-load'));
  world.recommendations.port.write(recommendationOf('staged-run', 'staged'));

  const open = new Set<Act>();
  const play = ({ act }: Step, role: Role): void => {
    const served = world.served[roles[role]];
    if (served === undefined) return;
    open.add(act);
    void served.instance
      .serve(() => act.play(served.engine, world))
      .then((ending) => {
        if (ending.kind === 'answered' && ending.value) open.delete(act);
      });
  };
  for (const step of path.before) {
    arranged = step.faults;
    world.scheduler.at(worldStart + step.atMs, () => play(step, 'before'));
    await world.scheduler.run(worldStart + step.atMs + 5_000);
  }
  world.scheduler.at(worldStart + path.subject.atMs, () => play(path.subject, 'subject'));
  world.scheduler.at(worldStart + path.next.atMs, () => play(path.next, 'next'));
  await world.scheduler.run(worldStart + path.next.atMs);
  await heal(world, open, (act) => play({ atMs: 0, act }, 'heal'));
  return { subjectCalls: calls.subject, nextCalls: calls.next, violations: world.watch.violations };
}

/** Ticks every minute, idle ones left out, and whoever has no answer asks again, until nothing is left to do. */
async function heal(world: World, open: Set<Act>, again: (act: Act) => void): Promise<void> {
  const { scheduler } = world;
  for (let round = 0; round < 180; round += 1) {
    const next = Math.min(...world.ledger.all().map(({ nextCheckAt }) => nextCheckAt ?? Number.POSITIVE_INFINITY));
    open.delete(tick);
    if (open.size === 0 && scheduler.pending() === 0 && next === Number.POSITIVE_INFINITY) break;
    const at = scheduler.now() + 60_000;
    scheduler.at(open.size > 0 || next === Number.POSITIVE_INFINITY ? at : Math.max(at, next), () => {
      for (const act of [...open, tick]) again(act);
    });
    await scheduler.run(scheduler.now() + 60_000);
    if (open.size === 0) await scheduler.run(Math.max(scheduler.now(), Number.isFinite(next) ? next + 10_000 : 0));
  }
  await scheduler.run(Number.POSITIVE_INFINITY);
  open.delete(tick);
  judgeEnd(world, open.size);
}

/** Errors come after a second; late means as late as the engine reckons with: launches two minutes, answers at their deadline. */
function fateFor(fault: Fault, call: Call): Fate {
  const error = 'UNAVAILABLE';
  switch (fault) {
    case 'crash before':
      return { fault };
    case 'crash after it applied':
      return { fault, appliedAfterMs: 1 };
    case 'request lost':
      return { fault, answeredAfterMs: 1_000, error };
    case 'answer lost':
      return { fault, appliedAfterMs: 1, answeredAfterMs: 1_000, error };
    case 'answer late':
      return { fault, appliedAfterMs: 1, answeredAfterMs: call.deadlineMs };
    case 'request late':
      return { fault, appliedAfterMs: call.deadlineMs + 60_000, answeredAfterMs: 1_000, error };
    case 'silent retry':
      return { fault, appliedAfterMs: 1, answeredAfterMs: 2, twice: true };
  }
}
