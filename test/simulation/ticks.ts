// What moves executions without anybody asking: Cloud Scheduler's ticks, Dataflow's status events, and an adversary who wakes at the worst moments.

import { defaultSettings, leaseMs } from '../../shared/engine/settings.ts';
import { type Execution, isTerminal } from '../../shared/schema/execution.ts';
import { type Stage, takerOf } from './actors.ts';

const tickBudgetMs = 50_000;

/**
 * Ticks on some instance until `isOver`. While there are faults they come irregularly, overlap, and get lost; afterwards one a minute, as
 * Cloud Scheduler is set, idle ones skipped.
 */
export function keepTicking(stage: Stage, faultsEnd: number, isOver: () => boolean): void {
  const { world, scenario } = stage;
  const { scheduler } = world;
  let freeSince: number | undefined;
  const tick = (): void => {
    if (isOver()) return;
    freeSince = waitsForNothing(stage, faultsEnd) ? (freeSince ?? scheduler.now()) : undefined;
    if (freeSince !== undefined && scheduler.now() - freeSince > waitingPatienceMs) {
      world.watch.report('starved', `somebody waits for a place for ${waitingPatienceMs} ms although nothing runs`);
      freeSince = undefined;
    }
    const { instance, engine } = takerOf(stage);
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

/** Longer than a place can be held by a caller who died before its claim: a lease as the clocks may read it, and some ticks. */
const waitingPatienceMs = leaseMs(defaultSettings) + 2 * defaultSettings.clockSkewMs + 180_000;

/** Whether faults are over, somebody waits in the queue who is due, and nothing runs or may be about to. */
function waitsForNothing({ world, scenario }: Stage, faultsEnd: number): boolean {
  const now = world.scheduler.now();
  // Where each reading of a clock is off by its own, most ticks find their time over before they began.
  if (now < faultsEnd || scenario.clocks.kind !== 'steady') return false;
  const going = world.ledger.all().filter(({ status, legs }) => !isTerminal(status) && legs === undefined);
  return (
    going.length > 0 && going.every(({ status, nextCheckAt }) => status === 'QUEUED' && (nextCheckAt ?? now) <= now)
  );
}

/** Wakes an execution after it was written as `record`: rarely at any moment, and in extreme weather exactly when leases and waiting times end. */
export function wakeSometimes(stage: Stage, record: Execution): void {
  const { world, scenario } = stage;
  const { random, settings, weather } = scenario;
  const { executionId } = record;
  const now = world.scheduler.now();
  if (now > scenario.faultyUntil) return;
  const wakeAt = (time: number): void => {
    world.scheduler.at(time, () => {
      const { instance, engine } = takerOf(stage);
      world.trace?.(`${instance.name} is woken for ${executionId.slice(0, 10)}`);
      void instance.serve(() => engine.wake(executionId));
    });
  };
  if (weather.times !== 'extreme' && weather.times !== 'exact') {
    const ended = isTerminal(record.status) && record.conclusion === undefined;
    if (random.chance(ended ? 0.3 : 0.1)) wakeAt(now + random.int(0, ended ? 5_000 : 300_000));
    return;
  }
  if (record.status !== 'LAUNCHING' && record.status !== 'CANCELLING') return;
  for (const moment of [record.leaseUntil, record.nextCheckAt]) {
    if (moment === undefined || moment === null || !random.chance(0.8)) continue;
    // By a clock that is ahead the moment comes early.
    wakeAt(moment - random.pick([settings.clockSkewMs, settings.clockSkewMs, 0]));
  }
}
