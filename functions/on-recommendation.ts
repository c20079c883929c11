// Function `onRecommendation`: a recommendation event is delivered; decode, start, acknowledge what is decided.

import { hash } from 'node:crypto';
import type { HttpFunction } from '@google-cloud/functions-framework';
import type { Violation } from '../shared/base/errors.ts';
import { executionIdOf } from '../shared/base/ids.ts';
import type { LogFields } from '../shared/base/log.ts';
import type { Engine } from '../shared/engine/engine.ts';
import type { StartRequest } from '../shared/engine/request.ts';
import { violationsOf } from '../shared/schema/api.ts';
import { type Delivery, decodeEnvelope } from '../shared/schema/envelope.ts';
import { recommendationEventSchema } from '../shared/schema/event.ts';
import { unstorable } from '../shared/schema/storable.ts';
import type { Caller } from './caller.ts';
import { maxBodyBytes } from './request-body.ts';
import { momentOf, problemOf, pushStatus } from './settle.ts';

/** The handler. Bad content is recorded with its reasons and acknowledged; faults answer 503, so that Pub/Sub delivers again. */
export function createOnRecommendation(engine: Engine, caller: Caller): HttpFunction {
  const { log } = engine.deps;
  return async (request, response) => {
    let asked: LogFields = {};
    try {
      const refused = await caller.refuse(request);
      if (refused !== undefined) return void response.status(refused.status).send(refused.detail);
      const start = startRequestOf(request.headers, request.rawBody ?? Buffer.alloc(0));
      const { runId, executionKey } = start.request;
      asked = { runId, executionId: executionIdOf(runId, executionKey) };
      const result =
        'violations' in start
          ? await engine.rejectUnreadable(start.request, start.violations)
          : await engine.start(start.request);
      const status = pushStatus(result);
      if (status === 503) response.set('Retry-After', '10');
      response.status(status).end();
    } catch (error) {
      const problem = problemOf(error);
      log(momentOf(problem), { ...asked, error });
      response
        .status(problem.status)
        .set(problem.headers ?? {})
        .end();
    }
  };
}

type Readable =
  | { readonly request: StartRequest }
  | { readonly request: StartRequest; readonly violations: readonly Violation[] };

function startRequestOf(headers: Parameters<typeof decodeEnvelope>[0]['headers'], body: Uint8Array): Readable {
  if (body.length > maxBodyBytes) {
    const message = `the delivery has ${body.length} bytes; ${maxBodyBytes} are allowed`;
    return unreadable({ messageId: 'unknown' }, body, [{ code: 'TOO_LARGE', path: '', message }]);
  }
  const envelope = decodeEnvelope({ headers, body });
  if (!envelope.ok)
    return unreadable(envelope.delivery, body, [{ code: 'UNREADABLE', path: '', message: envelope.problem }]);
  const event = recommendationEventSchema.safeParse(envelope.payload);
  const violations = [...unstorable(envelope.payload), ...(event.success ? [] : violationsOf(event.error))];
  if (!event.success || violations.length > 0) return unreadable(envelope.delivery, body, violations);
  const { publishedAt } = envelope.delivery;
  return {
    request: {
      ...event.data,
      queue: true,
      trigger: 'event',
      ...(publishedAt === undefined ? {} : { requestedAt: publishedAt }),
    } as StartRequest,
  };
}

/** The record of an unreadable message is keyed by what was delivered, so that its redelivery finds it. */
function unreadable(delivery: Delivery, body: Uint8Array, violations: readonly Violation[]): Readable {
  const content = hash('sha256', delivery.data ?? body).slice(0, 16);
  const messageId = delivery.messageId.replaceAll(/[^\w.-]/g, '_').slice(0, 64);
  return { request: { runId: `unreadable-${messageId}-${content}`, queue: true, trigger: 'event' }, violations };
}
