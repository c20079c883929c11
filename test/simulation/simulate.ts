// Plays one schedule and judges it: the real engine in a seeded world, faults up to a horizon, then quiet until everything has ended.

import { executionIdOf, jobNameOf } from '../../shared/base/ids.ts';
import { enter, onQueued, type Stage } from './actors.ts';
import { clockErrorOf } from './clocks.ts';
import { judgeEnd, secondJobsOf } from './judge-end.ts';
import { drawScenario, mannersOf, type Scenario } from './scenario.ts';
import { keepTicking, wakeSometimes } from './ticks.ts';
import type { Violation } from './watch.ts';
import { drawFate } from './weather.ts';
import { createWorld, place, type World, worldStart } from './world.ts';

export type Played = {
  readonly seed: number;
  readonly focus: string;
  readonly violations: readonly Violation[];
  readonly jobs: number;
  readonly calls: number;
  /** Jobs beyond the first of their attempt, and whether two of one execution were ever active at once. */
  readonly secondJobs: number;
  readonly virtualMs: number;
};

export type PlayOptions = {
  /** Launch requests may be later than the lease. */
  readonly late?: boolean;
  readonly trace?: (at: number, line: string) => void;
};

/** How long after the last fault everything must have ended: longest jobs, three attempts, queues, the cost's settling. */
const patienceMs = 6 * 3_600_000;

/** Plays the schedule of `seed`. Never throws for what the engine does: that is a violation. */
export async function simulate(seed: number, options: PlayOptions = {}): Promise<Played> {
  const scenario = drawScenario(seed, options);
  const { random, weather, settings, faultyUntil } = scenario;
  const clockError = clockErrorOf(scenario.clocks, settings.clockSkewMs, random);
  let calls = 0;
  const world: World = createWorld({
    config: scenario.config,
    settings,
    instances: scenario.instances,
    tie: random.next,
    fateOf: (call) => {
      calls += 1;
      clockError.onCall(call);
      return world.scheduler.now() >= faultyUntil
        ? { appliedAfterMs: 5, answeredAfterMs: 5 + (calls % 3) * 5 }
        : drawFate(random, weather, settings, call);
    },
    manners: mannersOf(scenario, () => world.scheduler.now() >= faultyUntil),
    skewMs: clockError.skewMs,
    restartMs: () => random.int(1, 20_000),
    inBound: scenario.inBound,
    // Where each reading of a clock is off by its own, most ticks find their time over before they began.
    ...(scenario.clocks.kind === 'steady' ? { calmFrom: faultyUntil } : {}),
    strict: scenario.strict,
    trace: options.trace,
    onWrite: (execution) => {
      wakeSometimes(stage, execution);
      if (execution.status === 'QUEUED') onQueued(stage, execution.runId);
    },
  });
  const stage: Stage = { world, scenario, open: 0, cancelled: new Set() };
  if (scenario.strangers) plantStrangers(world, scenario);
  enter(stage);
  const latest = faultyUntil + 60_000 + Math.max(120_000, weather.launchLatenessMs);
  // Nothing under way, nobody waiting, nothing left to do: no later event could change anything.
  const isOver = (): boolean =>
    world.scheduler.pending() === 0 &&
    stage.open === 0 &&
    world.ledger.all().every(({ nextCheckAt }) => nextCheckAt === null);
  keepTicking(stage, faultyUntil, isOver);
  const startedAt = world.scheduler.now();
  await world.scheduler.run(latest + patienceMs);
  judgeEnd(world, stage.open);
  return {
    seed,
    focus: scenario.focus,
    violations: world.watch.violations,
    jobs: world.dataflow.jobs.filter(({ executionId }) => executionId !== undefined).length,
    calls,
    secondJobs: secondJobsOf(world),
    virtualMs: world.scheduler.now() - startedAt,
  };
}

/** Jobs of others: an older one of our very name that ended long ago, and a running one whose name only begins like ours. */
function plantStrangers(world: World, scenario: Scenario): void {
  const life = {
    queuedMs: 0,
    startingMs: 0,
    runningMs: 600_000,
    end: 'JOB_STATE_DONE',
    listLagMs: 0,
    hiddenMs: 0,
    notReadyMs: 0,
    cancelMs: 0,
    forgottenCancels: 0,
  } as const;
  for (const { runId, load } of scenario.wishes) {
    const name = jobNameOf(load, executionIdOf(runId));
    const day = 86_400_000;
    world.dataflow.plant({ name, createdAt: worldStart - day, life, labels: {} }, place.projectId, place.region);
    world.dataflow.plant(
      { name: `${name}0`, createdAt: worldStart - 1_000, life: { ...life, runningMs: day }, labels: {} },
      place.projectId,
      place.region,
    );
  }
}
