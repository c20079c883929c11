// `GET /api/agent/recommend?load=&mode=`: a recommendation alone, stored under its runId so that it can be executed later.

import type { Engine } from '../shared/engine/engine.ts';
import type { RecommendResult } from '../shared/engine/recommend-load.ts';
import { recommendQuerySchema } from '../shared/schema/api.ts';
import type { RouteHandler } from './execute.ts';
import { type Problem, sendProblem } from './problem.ts';
import { parseValue } from './request-body.ts';

/** 200 with the recommendation; 422 with every violation and the nearest candidate when none passes. */
export function recommendLoad(engine: Engine): RouteHandler {
  return async (request, response) => {
    const query = parseValue({ ...request.query }, recommendQuerySchema);
    if (!query.ok) return sendProblem(response, query.problem);
    const result = await engine.recommend(query.value);
    if (result.kind !== 'recommended') return sendProblem(response, recommendProblem(result));
    response.set('Cache-Control', 'no-store').json(result.recommendation);
  };
}

/** The problem of a refused recommendation. */
export function recommendProblem(result: Exclude<RecommendResult, { kind: 'recommended' }>): Problem {
  return {
    status: result.kind === 'unprofiled' ? 503 : 422,
    type: result.kind,
    title: result.kind === 'unprofiled' ? 'The source cannot be profiled' : 'No recommendation',
    detail: result.violations.map(({ message }) => message).join('; '),
    errors: result.violations,
    ...(result.kind === 'unprofiled' ? { headers: { 'Retry-After': '60' } } : {}),
    ...(result.kind === 'no-candidate' && result.nearest !== undefined ? { extra: { nearest: result.nearest } } : {}),
  };
}
