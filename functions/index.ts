// The functions that are deployed, by name.

import { http } from '@google-cloud/functions-framework';
import { createExecute } from './execute.ts';
import { createOnRecommendation } from './on-recommendation.ts';
import { createPollJobs } from './poll-jobs.ts';
import { wire } from './wire.ts';

const { engine, caller, tickBudgetMs } = wire();

http('onRecommendation', createOnRecommendation(engine, caller));
http('execute', createExecute(engine, caller));
http('pollJobs', createPollJobs(engine, caller, { budgetMs: tickBudgetMs }));
