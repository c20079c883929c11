// Answers a plan without starting it; with `validateOnly`, Dataflow is asked too.

import { isEngineError } from '../base/errors.ts';
import type { Plan } from '../schema/plan.ts';
import type { EngineDeps } from './deps.ts';
import { refusalViolations } from './refusal.ts';
import type { StartRequest, StartResult } from './request.ts';

type Planned = Extract<StartResult, { kind: 'planned' }>;

/** The plan, or what Dataflow has against it, of both legs at once. Throws EngineError when Dataflow cannot be asked. */
export async function answerPlan(
  deps: Pick<EngineDeps, 'jobs' | 'settings' | 'log'>,
  request: Pick<StartRequest, 'runId' | 'validateOnly'>,
  planned: Omit<Planned, 'kind' | 'validatedBy'>,
): Promise<StartResult> {
  const { jobName } = planned.plan.request.launchParameter;
  deps.log('planned', { executionId: planned.executionId, runId: request.runId, jobName });
  if (request.validateOnly !== true) return { kind: 'planned', ...planned };
  const plans = [planned.plan, ...(planned.secondLeg === undefined ? [] : [planned.secondLeg])];
  const violations = (await Promise.all(plans.map((plan) => refusalsOf(deps, plan)))).flat();
  return violations.length > 0
    ? { kind: 'rejected', reason: 'plan', violations }
    : { kind: 'planned', ...planned, validatedBy: 'dataflow' };
}

async function refusalsOf(deps: Pick<EngineDeps, 'jobs' | 'settings'>, { request }: Plan) {
  try {
    await deps.jobs.launch({ ...request, validateOnly: true }, { deadlineMs: deps.settings.launchDeadlineMs });
    return [];
  } catch (error) {
    if (!isEngineError(error, 'INVALID_ARGUMENT', 'NOT_FOUND', 'PERMISSION_DENIED')) throw error;
    return refusalViolations(error);
  }
}
