// A world without chance: every call takes a millisecond, every job the same time; what a test wants otherwise it says.

import { defaultSettings, type EngineSettings } from '../../shared/engine/settings.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import type { Call, Fate } from './faulty-wire.ts';
import { configOf } from './load-configs.ts';
import type { Manners } from './memory-dataflow.ts';
import type { JobLife } from './memory-job.ts';
import { createWorld, type World } from './world.ts';

/** Queued 5 s, starting 10 s, running 60 s, then DONE. */
export const calmLife: JobLife = {
  queuedMs: 5_000,
  startingMs: 10_000,
  runningMs: 60_000,
  end: 'JOB_STATE_DONE',
  listLagMs: -1,
  hiddenMs: 0,
  notReadyMs: 0,
  cancelMs: 1_000,
  forgottenCancels: 0,
};

export const calmManners: Manners = {
  life: () => calmLife,
  refusal: () => undefined,
  launchAnswer: () => 'job',
  nameTaken: () => 'refuse',
  partialList: () => false,
  filtersByPrefix: false,
  listPageSize: 1000,
};

export const calmFate: Fate = { appliedAfterMs: 1, answeredAfterMs: 1 };

export type CalmOptions = {
  readonly config?: LoadConfig;
  readonly settings?: Partial<EngineSettings>;
  readonly manners?: Partial<Manners>;
  readonly instances?: number;
  readonly fateOf?: (call: Call) => Fate;
  readonly skewMs?: (instance: number) => number;
  /** False: records are not checked against their schema. */
  readonly strict?: boolean;
  readonly trace?: (at: number, line: string) => void;
};

export function calmWorld(options: CalmOptions = {}): World {
  return createWorld({
    config: options.config ?? configOf({}),
    settings: { ...defaultSettings, metricsCallsPerMinute: Number.POSITIVE_INFINITY, ...options.settings },
    instances: options.instances ?? 2,
    tie: () => 0,
    fateOf: options.fateOf ?? (() => calmFate),
    manners: { ...calmManners, ...options.manners },
    skewMs: options.skewMs ?? (() => 0),
    restartMs: () => 1_000,
    inBound: true,
    strict: options.strict ?? true,
    trace: options.trace,
  });
}

/** Answers `work` on the first instance, with as much virtual time as it takes. Throws what it threw. */
export async function inWorld<T>(
  world: World,
  work: (engine: World['served'][number]['engine']) => Promise<T>,
): Promise<T> {
  const [first] = world.served;
  if (first === undefined) throw new Error('a world has at least one instance');
  let ending: Awaited<ReturnType<typeof first.instance.serve<T>>> | undefined;
  world.scheduler.at(world.scheduler.now(), () => {
    void first.instance
      .serve(() => work(first.engine))
      .then((value) => {
        ending = value;
      });
  });
  await world.scheduler.run(Number.POSITIVE_INFINITY);
  if (ending?.kind === 'answered') return ending.value;
  throw ending?.kind === 'threw' ? ending.error : new Error('no answer came');
}

/** Lets `ms` pass. */
export async function pass(world: World, ms: number): Promise<void> {
  world.scheduler.at(world.scheduler.now() + ms, () => {});
  await world.scheduler.run(Number.POSITIVE_INFINITY);
}

/** Ticks every minute until every execution has nothing left to do, at most `maxTicks` times. */
export async function tickToEnd(world: World, maxTicks = 200): Promise<void> {
  for (let tick = 0; tick < maxTicks; tick += 1) {
    if (world.ledger.all().every(({ nextCheckAt }) => nextCheckAt === null)) return;
    await pass(world, 60_000);
    await inWorld(world, (engine) => engine.advance(engine.deps.clock.now() + 50_000));
  }
}
