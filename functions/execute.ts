// Function `execute`: the HTTP API as one express app. This file is the list of its routes.

import type { HttpFunction, Request } from '@google-cloud/functions-framework';
import express, { type Express, type NextFunction, type Response } from 'express';
import type { Engine } from '../shared/engine/engine.ts';
import type { Caller } from './caller.ts';
import { sendProblem } from './problem.ts';
import { executeLoad } from './route-execute.ts';
import { cancelExecution, listExecutions, readExecution } from './route-executions.ts';
import { recommendLoad } from './route-recommend.ts';
import { momentOf, problemOf } from './settle.ts';

/** The app. An app, not a router: the framework calls `(req, res)` without `next`, which a bare router refuses. */
export function createExecute(engine: Engine, caller: Caller): HttpFunction & Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(async (request, response, next) => {
    const refused = await caller.refuse(request as Request);
    return refused === undefined ? next() : sendProblem(response, refused);
  });
  route(app, '/api/agent/execute', { POST: executeLoad(engine) });
  route(app, '/api/agent/recommend', { GET: recommendLoad(engine) });
  route(app, '/api/agent/executions', { GET: listExecutions(engine) });
  route(app, '/api/agent/executions/:executionId\\:cancel', { POST: cancelExecution(engine) });
  route(app, '/api/agent/executions/:executionId', { GET: readExecution(engine) });
  app.use((request, response) => {
    sendProblem(response, {
      status: 404,
      type: 'not-found',
      title: 'Not found',
      detail: `there is nothing at ${request.path}`,
    });
  });
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, request: express.Request, response: Response, _next: NextFunction) => {
    const problem = problemOf(error);
    engine.deps.log(momentOf(problem), { reason: `${request.method} ${request.path}`, error });
    sendProblem(response, problem);
  });
  return app as HttpFunction & Express;
}

export type RouteHandler = (request: Request, response: Response) => Promise<void>;

/** Serves the methods given; any other gets 405 with `Allow`. HEAD is GET without the body, by HTTP. */
function route(app: Express, path: string, methods: Partial<Record<'GET' | 'POST', RouteHandler>>): void {
  app.all(path, async (request, response) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const handler = method === 'GET' || method === 'POST' ? methods[method] : undefined;
    if (handler !== undefined) return handler(request as Request, response);
    const allow = Object.keys(methods).flatMap((known) => (known === 'GET' ? ['GET', 'HEAD'] : [known]));
    const detail = `${request.path} takes ${allow.join(', ')}`;
    sendProblem(response, {
      status: 405,
      type: 'method-not-allowed',
      title: 'Method not allowed',
      detail,
      headers: { Allow: allow.join(', ') },
    });
  });
}
