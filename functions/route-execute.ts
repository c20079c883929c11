// `POST /api/agent/execute`: starts a run, a mode, a candidate or a configured load; or plans it without starting.

import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { documentIdOf, payloadHashOf } from '../shared/base/ids.ts';
import type { Engine } from '../shared/engine/engine.ts';
import type { Answer } from '../shared/engine/idempotency.ts';
import type { StartRequest } from '../shared/engine/request.ts';
import { type ExecuteRequest, executeRequestSchema } from '../shared/schema/api.ts';
import type { RouteHandler } from './execute.ts';
import { sendProblem } from './problem.ts';
import { parseBody } from './request-body.ts';
import { recommendProblem } from './route-recommend.ts';
import { scheduledKey } from './scheduled-key.ts';
import { problemAnswer, startAnswer } from './settle.ts';

/** 202 with Location and the execution, 200 for `dryRun` and `validateOnly`, or a problem with every violation. */
export function executeLoad(engine: Engine): RouteHandler {
  return async (request, response) => {
    const body = parseBody(request, executeRequestSchema);
    if (!body.ok) return sendProblem(response, body.problem);
    const key = request.headers['idempotency-key'] ?? scheduledKey(request.headers) ?? keyOfLoad(body.value);
    if (key === undefined || body.value.dryRun === true || body.value.validateOnly === true) {
      return send(response, await answer(engine, body.value, undefined));
    }
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      const detail = 'Idempotency-Key must be 1 to 255 visible ASCII characters, for example a UUID';
      return sendProblem(response, { status: 400, type: 'invalid-key', title: 'Invalid Idempotency-Key', detail });
    }
    const once = await engine.answerOnce(key, payloadHashOf(body.value), () => answer(engine, body.value, key));
    if (once.kind === 'answered') {
      if (once.replayed) response.set('Idempotency-Replayed', 'true');
      return send(response, once.answer);
    }
    return sendProblem(
      response,
      once.kind === 'in-flight'
        ? {
            status: 409,
            type: 'key-in-flight',
            title: 'Still in flight',
            detail: 'a request with this Idempotency-Key is being worked on; send it again later',
            headers: { 'Retry-After': String(once.retryAfterSec) },
          }
        : {
            status: 422,
            type: 'key-reused',
            title: 'Same key, other payload',
            detail:
              'this Idempotency-Key or executionKey was used with another payload; use a new key for a new request',
          },
    );
  };
}

/** Without a runId an executionKey names the run by itself: this load, once under this key. */
function keyOfLoad({ runId, load, executionKey }: ExecuteRequest): string | undefined {
  if (runId !== undefined || load === undefined || executionKey === undefined) return undefined;
  return documentIdOf('execution-key', `${load}\u0000${executionKey}`);
}

async function answer(engine: Engine, body: ExecuteRequest, key: string | undefined): Promise<Answer> {
  const { clock, settings } = engine.deps;
  const start = await startRequestOf(engine, body, key);
  if ('status' in start) return start;
  return startAnswer(await engine.start(start), clock.now(), settings.staleAfterMs);
}

/** A request without a runId gets one: a function of the key if there is one, so that a repeated request finds its execution. */
async function startRequestOf(
  engine: Engine,
  body: ExecuteRequest,
  key: string | undefined,
): Promise<StartRequest | Answer> {
  const { runId, load, candidate, mode, ...rest } = body;
  const base = { ...rest, trigger: 'http' as const };
  if (runId !== undefined) return { ...base, runId, ...(mode === undefined ? {} : { mode }) } as StartRequest;
  const runIdFor = (text: string | undefined) =>
    text === undefined ? `http-${randomUUID()}` : documentIdOf('http', text);
  if (load === undefined) throw new Error('the schema lets no request without runId and load through');
  if (mode === undefined) {
    return {
      ...base,
      runId: runIdFor(key),
      direct: { load, ...(candidate === undefined ? {} : { candidate }) },
    } as StartRequest;
  }
  // A refused request may be corrected under the same key: the recommendation made for it is not the corrected one's.
  const asked =
    key === undefined ? undefined : `${key}\u0000${payloadHashOf({ load, mode, overrides: rest.overrides })}`;
  const recommended = await engine.recommend({
    load,
    mode,
    runId: runIdFor(asked),
    ...(rest.overrides === undefined ? {} : { overrides: rest.overrides }),
  });
  return recommended.kind === 'recommended'
    ? ({ ...base, runId: recommended.recommendation.runId } as StartRequest)
    : problemAnswer(recommendProblem(recommended));
}

function send(response: Response, { status, headers, body }: Answer): void {
  response.status(status).set(headers);
  if (headers['Content-Type'] === undefined) response.type('application/json');
  response.send(JSON.stringify(body));
}
