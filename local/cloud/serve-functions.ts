// Serves the three functions by the real functions-framework, each on a port of its own, as Cloud Run does.

import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { anyCaller } from '../../functions/caller.ts';
import { createExecute } from '../../functions/execute.ts';
import { createOnRecommendation } from '../../functions/on-recommendation.ts';
import { createPollJobs } from '../../functions/poll-jobs.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import { type Listening, listen } from './listen.ts';

export type ServedFunctions = {
  readonly execute: Listening;
  readonly onRecommendation: Listening;
  readonly pollJobs: Listening;
  close(): Promise<void>;
};

/** How long a tick may work; a quiet one takes milliseconds. */
const tickBudgetMs = 10_000;

/** `apiPort` is that of `execute`; the other two are called by the local cloud alone and take free ports. */
export async function serveFunctions(engine: Engine, apiPort: number): Promise<ServedFunctions> {
  http('execute', createExecute(engine, anyCaller));
  http('onRecommendation', createOnRecommendation(engine, anyCaller));
  http('pollJobs', createPollJobs(engine, anyCaller, { budgetMs: tickBudgetMs }));
  const execute = await listen(getTestServer('execute'), apiPort, '--api-port');
  const onRecommendation = await listen(getTestServer('onRecommendation'), 0, '');
  const pollJobs = await listen(getTestServer('pollJobs'), 0, '');
  return {
    execute,
    onRecommendation,
    pollJobs,
    async close() {
      await Promise.all([execute.close(), onRecommendation.close(), pollJobs.close()]);
    },
  };
}
