// Everybody who wants something of the engine: Pub/Sub that redelivers, callers who retry, people who cancel, the scheduler's ticks.

import { pushStatus, startAnswer } from '../../functions/settle.ts';
import { executionIdOf, payloadHashOf } from '../../shared/base/ids.ts';
import type { StartRequest, StartResult } from '../../shared/engine/request.ts';
import { recommendationOf } from './load-configs.ts';
import type { Scenario, Wish } from './scenario.ts';
import type { Served, World } from './world.ts';

export type Stage = {
  readonly world: World;
  readonly scenario: Scenario;
  /** How many actors still want something. */
  open: number;
  readonly cancelled: Set<string>;
};

/** Sets every actor of the scenario going. */
export function enter(stage: Stage): void {
  for (const wish of stage.scenario.wishes) {
    const { writtenAt } = wish;
    if (writtenAt !== undefined) {
      stage.world.scheduler.at(writtenAt, () => {
        stage.world.recommendations.port.write(recommendationOf(wish.runId, wish.load));
      });
    }
    for (let copy = 0; copy < wish.copies; copy += 1) {
      const at = wish.publishedAt + (copy === 0 ? 0 : stage.scenario.random.int(0, wish.copiesWithinMs));
      act(stage, at, () => (wish.by === 'event' ? deliver(stage, wish) : ask(stage, wish, copy)));
    }
    if (wish.cancelAt !== undefined) act(stage, wish.cancelAt, () => cancel(stage, wish));
  }
}

/** Cancels what has just been queued, if somebody is waiting to do so. */
export function onQueued(stage: Stage, runId: string): void {
  const wish = stage.scenario.wishes.find((one) => one.runId === runId);
  if (wish?.cancelsQueued !== true || stage.cancelled.has(runId)) return;
  stage.cancelled.add(runId);
  act(stage, stage.world.scheduler.now() + stage.scenario.random.int(0, 60_000), () => cancel(stage, wish));
}

function act(stage: Stage, at: number, play: () => Promise<void>): void {
  stage.open += 1;
  stage.world.scheduler.at(at, () => {
    play().then(
      () => {
        stage.open -= 1;
      },
      (error: unknown) => stage.world.watch.report('not ended', `an actor failed: ${String(error)}`),
    );
  });
}

const pause = ({ world: { scheduler } }: Stage, ms: number): Promise<void> =>
  new Promise((resolve) => scheduler.at(scheduler.now() + ms, resolve));

const someInstance = ({ scenario, world }: Stage): Served => scenario.random.pick(world.served);

/** Who gets deliveries: in a conspiracy against a lease always the instance whose clock is behind. */
const starterOf = (stage: Stage): Served =>
  (stage.scenario.focus === 'lease' ? stage.world.served[0] : undefined) ?? someInstance(stage);

/** Who ticks and is woken: in a conspiracy the other one. */
export const takerOf = (stage: Stage): Served =>
  (stage.scenario.focus === 'lease' ? stage.world.served[1] : undefined) ?? someInstance(stage);

function requestOf(wish: Wish): StartRequest {
  return {
    runId: wish.runId,
    mode: wish.mode,
    queue: wish.by !== 'http, no queue',
    trigger: wish.by === 'event' ? 'event' : 'http',
    requestedAt: wish.publishedAt,
  };
}

/** A push subscription: delivers until it is acknowledged, with growing pauses (minimum back-off 10 s, maximum 600 s). */
async function deliver(stage: Stage, wish: Wish): Promise<void> {
  const { world, scenario } = stage;
  const request = requestOf(wish);
  for (let attempt = 0; ; attempt += 1) {
    const { instance, engine } = starterOf(stage);
    world.trace?.(`${instance.name} gets ${wish.runId}, delivery ${attempt + 1}`);
    const ending = await instance.serve(() => engine.start(request));
    if (ending.kind === 'answered' && pushStatus(ending.value) === 204) {
      world.trace?.(`${instance.name} acknowledges ${wish.runId}: ${ending.value.kind}`);
      return checkAcknowledged(world, wish, ending.value);
    }
    world.trace?.(`${wish.runId} comes back: ${ending.kind === 'answered' ? ending.value.kind : ending.kind}`);
    await pause(
      stage,
      Math.floor(Math.min(600_000, 10_000 * 2 ** Math.min(attempt, 6)) * (0.5 + scenario.random.next())),
    );
  }
}

/** What was acknowledged must be decided in the record by then: it will never be delivered again. */
function checkAcknowledged(world: World, wish: Wish, result: StartResult): void {
  const executionId = executionIdOf(wish.runId);
  const record = world.ledger.peek(executionId);
  if (record === undefined || !world.watch.wasDecided(executionId)) {
    world.watch.report('acked undecided', `${wish.runId} (${result.kind}) while the record is ${record?.status}`);
  }
}

/** A caller with an Idempotency-Key who asks until there is an answer; whoever would not queue asks a few times more. */
async function ask(stage: Stage, wish: Wish, copy: number): Promise<void> {
  const { world, scenario } = stage;
  const request = requestOf(wish);
  const key =
    wish.copiesWithinMs === 2_000 && scenario.random.chance(0.7) ? `key-${wish.runId}` : `key-${wish.runId}-${copy}`;
  for (let refusals = 0; refusals < 5; ) {
    const { instance, engine } = someInstance(stage);
    const ending = await instance.serve(() =>
      engine.answerOnce(key, payloadHashOf(request), async () =>
        startAnswer(await engine.start(request), instance.clock.now(), scenario.settings.staleAfterMs),
      ),
    );
    world.trace?.(
      `${instance.name} answers ${wish.runId}: ${ending.kind === 'answered' ? ending.value.kind : ending.kind}`,
    );
    if (ending.kind === 'answered' && ending.value.kind === 'answered') {
      const { status } = ending.value.answer;
      if (status === 202) return checkAccepted(world, wish);
      if (status !== 429 && status < 500) return;
      refusals += status === 429 ? 1 : 0;
    }
    if (ending.kind === 'answered' && ending.value.kind === 'other-payload') {
      return world.watch.report('acked undecided', `${wish.runId}: the same payload was taken for another`);
    }
    await pause(stage, scenario.random.int(1_000, 30_000) * (scenario.focus === 'impatient' ? 4 : 1));
  }
}

function checkAccepted(world: World, wish: Wish): void {
  if (world.ledger.peek(executionIdOf(wish.runId)) === undefined) {
    world.watch.report('acked undecided', `${wish.runId}: 202 for an execution that does not exist`);
  }
}

/** Somebody who cancels, and asks again when no answer came. An execution that is not there yet is left alone after some tries. */
async function cancel(stage: Stage, wish: Wish): Promise<void> {
  for (let unknown = 0; unknown < 3; ) {
    const { instance, engine } = someInstance(stage);
    const ending = await instance.serve(() => engine.cancel(executionIdOf(wish.runId), 'simulated'));
    stage.world.trace?.(
      `${instance.name} cancels ${wish.runId}: ${ending.kind === 'answered' ? ending.value.kind : ending.kind}`,
    );
    if (ending.kind === 'answered' && ending.value.kind !== 'unknown') return;
    if (ending.kind === 'answered') unknown += 1;
    await pause(stage, stage.scenario.random.int(100, 20_000));
  }
}
