// What is done to the engine in the crash matrix: one request each, and whether it must be made again until it is answered.

import { pushStatus, startAnswer } from '../../functions/settle.ts';
import { executionIdOf, payloadHashOf } from '../../shared/base/ids.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import type { World } from '../simulation/world.ts';

export type Act = {
  readonly name: string;
  /** True once nobody would ask again: acknowledged, answered for good. */
  play(engine: Engine, world: World): Promise<boolean>;
};

/** A push delivery of the event of `runId`: over when it is acknowledged, and only what is decided in the record may be. */
export const delivery = (runId: string): Act => ({
  name: `delivery of ${runId}`,
  async play(engine, world) {
    const result = await engine.start({ runId, queue: true, trigger: 'event', requestedAt: world.scheduler.now() });
    if (pushStatus(result) !== 204) return false;
    const executionId = executionIdOf(runId);
    if (!world.watch.wasDecided(executionId)) world.watch.report('acked undecided', `${runId}: ${result.kind}`);
    return true;
  },
});

/** A request over HTTP under an Idempotency-Key, repeated until it is neither in flight nor unavailable. */
export const request = (fields: Omit<StartRequest, 'trigger'>): Act => ({
  name: `request for ${fields.runId}`,
  async play(engine, world) {
    const start: StartRequest = { ...fields, trigger: 'http' };
    const once = await engine.answerOnce(`key of ${fields.runId}`, payloadHashOf(start), async () =>
      startAnswer(await engine.start(start), engine.deps.clock.now(), engine.deps.settings.staleAfterMs),
    );
    if (once.kind !== 'answered') return false;
    if (once.answer.status === 202 && world.ledger.peek(executionIdOf(fields.runId)) === undefined) {
      world.watch.report('acked undecided', `${fields.runId}: 202 for an execution that does not exist`);
    }
    return once.answer.status < 500;
  },
});

export const tick: Act = {
  name: 'tick',
  async play(engine) {
    await engine.advance(engine.deps.clock.now() + 50_000);
    return true;
  },
};

export const cancel = (runId: string): Act => ({
  name: `cancel of ${runId}`,
  play: async (engine) => (await engine.cancel(executionIdOf(runId), 'no longer wanted')).kind !== 'unknown',
});

/** A recommendation asked for over HTTP, executable afterwards. */
export const recommend = (runId: string, load: string): Act => ({
  name: `recommendation ${runId}`,
  play: async (engine) => (await engine.recommend({ runId, load, mode: 'BALANCED' })).kind === 'recommended',
});

export const list: Act = {
  name: 'list of executions',
  async play(engine) {
    await engine.list({ pageSize: 10 });
    return true;
  },
};
