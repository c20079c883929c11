// Pub/Sub's REST API in front of the broker: publish, pull, acknowledge, with Google's JSON and Google's errors.

import express, { type Express, type Response } from 'express';
import type * as z from 'zod';
import type { Broker } from './broker.ts';
import { acknowledgeSchema, maxRequest, publishSchema, pullSchema } from './broker-requests.ts';
import { messageBody } from './push-body.ts';
import { subscriptionPath, topicPath } from './topology.ts';

/** The app. An empty pull answers at once with `{}`, as Pub/Sub does with `returnImmediately`. */
export function createBrokerApp(broker: Broker): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: maxRequest, type: () => true }));
  const { projectId, topics, subscriptions } = broker.topology;

  app.post<{ project: string; topic: string }>('/v1/projects/:project/topics/:topic\\:publish', (request, response) => {
    const { project, topic } = request.params;
    const body = parse(publishSchema, request.body, response);
    if (body === undefined) return;
    const messageIds = project === projectId ? broker.publish(topic, body.messages) : undefined;
    if (messageIds === undefined)
      return notFound(
        response,
        topicPath(project, topic),
        topics.map((each) => topicPath(projectId, each)),
      );
    response.json({ messageIds });
  });

  const pulled = subscriptions
    .filter(({ push }) => push === undefined)
    .map(({ name }) => subscriptionPath(projectId, name));
  app.post<{ project: string; subscription: string }>(
    '/v1/projects/:project/subscriptions/:subscription\\:pull',
    (request, response) => {
      const { project, subscription } = request.params;
      const body = parse(pullSchema, request.body, response);
      if (body === undefined) return;
      const deliveries = project === projectId ? broker.pull(subscription, body.maxMessages) : undefined;
      if (deliveries === undefined) return notFound(response, subscriptionPath(project, subscription), pulled);
      const receivedMessages = deliveries.map(({ message }) => ({
        ackId: message.messageId,
        message: messageBody(message),
      }));
      response.json(receivedMessages.length === 0 ? {} : { receivedMessages });
    },
  );
  app.post<{ project: string; subscription: string }>(
    '/v1/projects/:project/subscriptions/:subscription\\:acknowledge',
    (request, response) => {
      const { project, subscription } = request.params;
      const body = parse(acknowledgeSchema, request.body, response);
      if (body === undefined) return;
      const known = project === projectId && broker.acknowledge(subscription, body.ackIds);
      if (!known) return notFound(response, subscriptionPath(project, subscription), pulled);
      response.json({});
    },
  );

  app.use((request, response) => {
    const known = 'POST /v1/projects/{p}/topics/{t}:publish, /v1/projects/{p}/subscriptions/{s}:pull and :acknowledge';
    fail(
      response,
      404,
      'NOT_FOUND',
      `there is nothing at ${request.method} ${request.path}; this broker serves ${known}`,
    );
  });
  // Express tells error handlers by their four parameters; what arrives here is a body that could not be read.
  app.use((error: Error & { status?: number }, _request: unknown, response: Response, _next: unknown) => {
    const status = error.status !== undefined && error.status < 500 ? 400 : 500;
    fail(
      response,
      status,
      status === 400 ? 'INVALID_ARGUMENT' : 'INTERNAL',
      status === 400 ? error.message : 'internal error',
    );
  });
  return app;
}

function parse<T>(schema: z.ZodType<T>, body: unknown, response: Response): T | undefined {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`);
  fail(response, 400, 'INVALID_ARGUMENT', problems.join('; '));
  return undefined;
}

function notFound(response: Response, resource: string, known: readonly string[]): void {
  fail(response, 404, 'NOT_FOUND', `Resource not found (resource=${resource}). There are: ${known.join(', ')}`);
}

/** google.rpc.Status as Google's REST APIs wrap it. */
function fail(response: Response, code: number, status: string, message: string): void {
  response.status(code).json({ error: { code, message, status } });
}
