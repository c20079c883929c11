// The functions that are deployed, by name.

import { type HttpFunction, http } from '@google-cloud/functions-framework';
import { withRemoteContext } from '../shared/gcp/tracing.ts';
import { createExecute } from './execute.ts';
import { createOnRecommendation } from './on-recommendation.ts';
import { createPollJobs } from './poll-jobs.ts';
import { wire } from './wire.ts';

const { engine, caller, tickBudgetMs } = wire();
const api: HttpFunction = createExecute(engine, caller);

http('onRecommendation', withRemoteContext(createOnRecommendation(engine, caller)));
http('execute', withRemoteContext(api));
http('pollJobs', withRemoteContext(createPollJobs(engine, caller, { budgetMs: tickBudgetMs })));
