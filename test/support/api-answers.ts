// Bodies of the HTTP API as tests read them.

import type { problemBody } from '../../functions/problem.ts';
import type { ExecutionSummary } from '../../shared/schema/execution-summary.ts';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import type { Plan } from '../../shared/schema/plan.ts';

export type ProblemBody = ReturnType<typeof problemBody> & {
  readonly executionId?: string;
  readonly execution?: ExecutionView;
};
export type PlanBody = { readonly request: Plan['request']; readonly plan: Plan; readonly validatedBy?: string };
export type ListBody = { readonly executions: readonly ExecutionSummary[]; readonly nextPageToken?: string };

export const executionIn = async (answer: Response): Promise<ExecutionView> => (await answer.json()) as ExecutionView;
export const problemIn = async (answer: Response): Promise<ProblemBody> => (await answer.json()) as ProblemBody;
export const planIn = async (answer: Response): Promise<PlanBody> => (await answer.json()) as PlanBody;
export const listIn = async (answer: Response): Promise<ListBody> => (await answer.json()) as ListBody;
