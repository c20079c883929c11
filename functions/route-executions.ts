// `GET /api/agent/executions`, `GET /api/agent/executions/{id}`, `POST /api/agent/executions/{id}:cancel`.

import type { Engine } from '../shared/engine/engine.ts';
import { cancelRequestSchema, listQuerySchema } from '../shared/schema/api.ts';
import type { Execution } from '../shared/schema/execution.ts';
import { executionSummary } from '../shared/schema/execution-summary.ts';
import { executionView } from '../shared/schema/execution-view.ts';
import type { RouteHandler } from './execute.ts';
import { type Problem, sendProblem } from './problem.ts';
import { parseBody, parseValue } from './request-body.ts';

const unknownExecution = (executionId: unknown): Problem => ({
  status: 404,
  type: 'unknown-execution',
  title: 'Unknown execution',
  detail: `there is no execution ${JSON.stringify(executionId)}; GET /api/agent/executions lists them`,
});

const view = (engine: Engine, execution: Execution) =>
  executionView(execution, engine.deps.clock.now(), engine.deps.settings.staleAfterMs);

/** Ids are of one form; anything else cannot exist and must not reach a document path. */
const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^exe-[0-9a-f]{32}$/.test(value) ? value : undefined;

/** 200 with the execution. Express adds an ETag, so that polling an unchanged one costs 304 without a body. */
export function readExecution(engine: Engine): RouteHandler {
  return async (request, response) => {
    const executionId = idOf(request.params.executionId);
    const read = executionId === undefined ? undefined : await engine.read(executionId);
    if (read === undefined) return sendProblem(response, unknownExecution(request.params.executionId));
    response.set('Cache-Control', 'no-cache').json(view(engine, read.value));
  };
}

/** 200 with `{ executions, nextPageToken? }`, newest first; a summary of each. */
export function listExecutions(engine: Engine): RouteHandler {
  return async (request, response) => {
    const query = parseValue({ ...request.query }, listQuerySchema);
    if (!query.ok) return sendProblem(response, query.problem);
    const { status, load, pageSize, pageToken } = query.value;
    const page = await engine.list({
      pageSize,
      ...(status === undefined ? {} : { status }),
      ...(load === undefined ? {} : { load }),
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    const { clock, settings } = engine.deps;
    const now = clock.now();
    response.set('Cache-Control', 'no-cache').json({
      executions: page.executions.map(({ value }) => executionSummary(value, now, settings.staleAfterMs)),
      ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
    });
  };
}

/** 202 with the execution as it is now; 409 with the final state when it had ended. */
export function cancelExecution(engine: Engine): RouteHandler {
  return async (request, response) => {
    const body = parseBody(request, cancelRequestSchema, { optional: true });
    if (!body.ok) return sendProblem(response, body.problem);
    const executionId = idOf(request.params.executionId);
    const result = executionId === undefined ? undefined : await engine.cancel(executionId, body.value.reason);
    if (result === undefined || result.kind === 'unknown')
      return sendProblem(response, unknownExecution(request.params.executionId));
    if (result.kind === 'ended') {
      return sendProblem(response, {
        status: 409,
        type: 'ended',
        title: 'Execution has ended',
        detail: `execution ${executionId} is ${result.execution.status} and cannot be cancelled any more`,
        extra: { execution: view(engine, result.execution) },
      });
    }
    response
      .status(202)
      .set({ Location: `/api/agent/executions/${executionId}`, 'Cache-Control': 'no-store' })
      .json(view(engine, result.execution));
  };
}
