// Function `pollJobs`: one tick of the engine, called by Cloud Scheduler; or, woken by Dataflow's status event, a look at one job.

import type { HttpFunction } from '@google-cloud/functions-framework';
import type { Engine } from '../shared/engine/engine.ts';
import { wakeOf } from '../shared/schema/status-event.ts';
import type { Caller } from './caller.ts';
import { sendProblem } from './problem.ts';
import { momentOf, problemOf } from './settle.ts';

/** The handler: 200 with the tick's counts. `budgetMs`: how long a tick may work, less than the function's timeout. */
export function createPollJobs(engine: Engine, caller: Caller, options: { readonly budgetMs: number }): HttpFunction {
  return async (request, response) => {
    try {
      const refused = await caller.refuse(request);
      if (refused !== undefined) return sendProblem(response, refused);
      const wake = wakeOf(request.headers, request.rawBody ?? Buffer.alloc(0));
      if (wake !== undefined) {
        response.status(200).json({ woken: await look(engine, wake.executionId) });
        return;
      }
      response.status(200).json(await engine.advance(engine.deps.clock.now() + options.budgetMs));
    } catch (error) {
      const problem = problemOf(error);
      engine.deps.log(momentOf(problem), { error });
      sendProblem(response, problem);
    }
  };
}

/**
 * An event is a hint, never truth: what it says is not looked at, the job is. A look that fails is not asked for again: the tick looks
 * anyway, and redelivered hints would come at the worst time.
 */
async function look(engine: Engine, executionId: string | undefined): Promise<boolean> {
  if (executionId === undefined) return false;
  try {
    return (await engine.wake(executionId)) !== undefined;
  } catch (error) {
    engine.deps.log('pollFailed', { executionId, reason: 'woken by an event', error });
    return false;
  }
}
