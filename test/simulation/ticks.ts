// What moves executions without anybody asking: Cloud Scheduler's ticks, Dataflow's status events, and an adversary who wakes at the worst moments.

import type { Stage } from './actors.ts';

const tickBudgetMs = 50_000;

/**
 * Ticks on some instance until `isOver`. While there are faults they come irregularly, overlap, and get lost; afterwards one a minute, as
 * Cloud Scheduler is set, idle ones skipped.
 */
export function keepTicking(stage: Stage, faultsEnd: number, isOver: () => boolean): void {
  const { world, scenario } = stage;
  const { scheduler } = world;
  const tick = (): void => {
    if (isOver()) return;
    const { instance, engine } = scenario.random.pick(world.served);
    world.trace?.(`${instance.name} ticks`);
    void instance
      .serve(() => engine.advance(instance.clock.now() + tickBudgetMs))
      .then((ending) => {
        if (ending.kind === 'threw' && scheduler.now() > faultsEnd + 60_000) {
          world.watch.report('not ended', `a tick failed without a fault: ${String(ending.error)}`);
        }
      });
    scheduler.at(nextTickAt(), tick);
  };
  const nextTickAt = (): number => {
    const now = scheduler.now();
    if (now < faultsEnd) return now + scenario.random.int(...scenario.tickEveryMs);
    const due = world.ledger.all().map(({ nextCheckAt }) => nextCheckAt ?? Number.POSITIVE_INFINITY);
    const earliest = Math.min(now + 600_000, ...due);
    return Math.max(now + 60_000, Math.floor(earliest));
  };
  scheduler.at(scheduler.now() + scenario.random.int(0, 30_000), tick);
}

/** Wakes an execution after it was written: rarely at any moment, and in extreme weather exactly when leases and waiting times end. */
export function wakeSometimes(stage: Stage, executionId: string): void {
  const { world, scenario } = stage;
  const { random, settings, weather } = scenario;
  const wakeAt = (time: number): void => {
    world.scheduler.at(time, () => {
      const { instance, engine } = random.pick(world.served);
      world.trace?.(`${instance.name} is woken for ${executionId.slice(0, 10)}`);
      void instance.serve(() => engine.wake(executionId));
    });
  };
  const now = world.scheduler.now();
  if (now > scenario.faultyUntil) return;
  if (weather.times !== 'extreme') {
    if (random.chance(0.1)) wakeAt(now + random.int(0, 300_000));
    return;
  }
  const record = world.ledger.peek(executionId);
  const notFoundAt = record?.attempts.at(-1)?.notFoundAt;
  const moments = [
    record?.leaseUntil,
    notFoundAt === undefined ? undefined : notFoundAt + settings.listLagMs + 2 * settings.clockSkewMs,
  ];
  for (const moment of moments) {
    if (moment === undefined || !random.chance(0.7)) continue;
    // By a clock that is ahead the moment comes early.
    const early = random.pick([settings.clockSkewMs, settings.clockSkewMs, 0]);
    wakeAt(moment - early);
  }
}
