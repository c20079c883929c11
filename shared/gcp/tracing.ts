// OpenTelemetry spans over an execution's whole life: one trace per execution, whose id is the execution's own.

import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { EngineError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EngineDeps } from '../engine/deps.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import type { SpanIds } from './span-ids.ts';

/**
 * The trace of an execution: the 32 hex digits of its id. Event, launch and every poll run in other requests, on other instances, days
 * apart; none has to carry a trace context to the next, and whoever knows an execution knows its trace.
 */
export function traceIdOf(executionId: string): string | undefined {
  const id = /^exe-([0-9a-f]{32})$/.exec(executionId)?.[1];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** A log whose lines about an execution carry its trace, in the form Cloud Logging links. */
export function tracedLog(log: Log, projectId: string): Log {
  return (moment, fields = {}) => {
    const id = fields.executionId === undefined ? undefined : traceIdOf(fields.executionId);
    log(
      moment,
      id === undefined || fields.trace !== undefined
        ? fields
        : { ...fields, trace: `projects/${projectId}/traces/${id}` },
    );
  };
}

/** The ports with a span for every write of an execution, launch and publication. `ids`: names the span of an execution's whole life. */
export function tracedPorts(deps: EngineDeps, ids: SpanIds): EngineDeps {
  const { ledger, jobs, outcomes } = deps;
  return {
    ...deps,
    ledger: {
      ...ledger,
      create: (execution) =>
        spanOf('accept', execution.executionId, attributesOf(execution), () => ledger.create(execution)),
      async replace(execution, version) {
        const name = `record ${execution.status}`;
        const replaced = await spanOf(name, execution.executionId, attributesOf(execution), () =>
          ledger.replace(execution, version),
        );
        if (replaced.kind === 'applied') wholeLife(execution, ids);
        return replaced;
      },
    },
    jobs: {
      ...jobs,
      launch(request, options) {
        const { jobName, environment } = request.launchParameter;
        const executionId = environment.additionalUserLabels?.['streamnova-execution'] ?? '';
        return spanOf(
          'launch',
          executionId,
          { 'streamnova.job_name': jobName },
          () => jobs.launch(request, options),
          SpanKind.CLIENT,
        );
      },
    },
    outcomes: {
      publish: (event) =>
        spanOf(`publish ${event.type}`, event.orderingKey, {}, () => outcomes.publish(event), SpanKind.PRODUCER),
    },
  };
}

/**
 * A handler whose spans know what asked for them: the W3C context of the request's headers or, for a pushed message, of the attributes
 * Pub/Sub's client libraries write. Nothing in it is trusted for more than a link.
 */
export function withRemoteContext<
  R extends { readonly headers: object; readonly rawBody?: Uint8Array },
  A extends unknown[],
  T,
>(handler: (request: R, ...rest: A) => T): (request: R, ...rest: A) => T {
  return (request, ...rest) => {
    // Nothing is registered: no traces are configured, and the body need not be read twice.
    if (propagation.fields().length === 0) return handler(request, ...rest);
    const carrier = { ...messageAttributes(request.rawBody), ...request.headers };
    return context.with(propagation.extract(ROOT_CONTEXT, carrier), () => handler(request, ...rest));
  };
}

/** A larger body is no push delivery of ours. */
const maxBodyBytes = 256 * 1024;

function messageAttributes(body: Uint8Array | undefined): Record<string, string> {
  if (body === undefined || body.length === 0 || body.length > maxBodyBytes) return {};
  try {
    const { message } = JSON.parse(Buffer.from(body).toString('utf8')) as {
      message?: { attributes?: Record<string, unknown> };
    };
    const { googclient_traceparent: traceparent } = message?.attributes ?? {};
    return typeof traceparent === 'string' ? { traceparent } : {};
  } catch {
    return {};
  }
}

const tracer = () => trace.getTracer('streamnova');

type Attributes = Readonly<Record<string, string | number>>;

/** Runs `work` in a span of the execution's trace, linked to the request it happens in. Without a valid id there is no span. */
async function spanOf<T>(
  name: string,
  executionId: string,
  attributes: Attributes,
  work: () => Promise<T>,
  kind = SpanKind.INTERNAL,
): Promise<T> {
  const traceId = traceIdOf(executionId);
  if (traceId === undefined) return work();
  const request = trace.getSpanContext(context.active());
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: lifeSpanId(traceId),
    traceFlags: 1,
    isRemote: true,
  });
  const span = tracer().startSpan(
    name,
    {
      kind,
      attributes: { ...attributes, 'streamnova.execution_id': executionId },
      ...(request === undefined ? {} : { links: [{ context: request }] }),
    },
    parent,
  );
  try {
    return await work();
  } catch (error) {
    failed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The id of the span that stands for an execution's whole life, and is the parent of all others before it is written itself. */
function lifeSpanId(traceId: string): string {
  return traceId.slice(0, 16).replace(/^0{16}$/, '0000000000000001');
}

/** Once an execution has ended, and before anything else was done about it: one span from acceptance to end, under its known id. */
function wholeLife(execution: Execution, ids: SpanIds): void {
  const traceId = traceIdOf(execution.executionId);
  if (traceId === undefined || !isTerminal(execution.status) || execution.conclusion !== undefined) return;
  ids.next = { traceId, spanId: lifeSpanId(traceId) };
  const span = tracer().startSpan(
    `execution of ${execution.load}`,
    { root: true, startTime: execution.acceptedAt, attributes: attributesOf(execution) },
    ROOT_CONTEXT,
  );
  ids.next = undefined;
  if (execution.status === 'FAILED')
    span.setStatus({ code: SpanStatusCode.ERROR, message: execution.failure?.class ?? 'failed' });
  span.end(execution.endedAt ?? execution.updatedAt);
}

/** What may leave in a span: ids and states, never a text that somebody wrote. */
function attributesOf(execution: Execution): Attributes {
  const attempt = currentAttempt(execution);
  return {
    'streamnova.execution_id': execution.executionId,
    'streamnova.run_id': execution.runId,
    'streamnova.load': execution.load,
    'streamnova.status': execution.status,
    ...(attempt === undefined ? {} : { 'streamnova.attempt': attempt.number, 'streamnova.job_name': attempt.jobName }),
    ...(attempt?.jobId === undefined ? {} : { 'streamnova.job_id': attempt.jobId }),
    ...(attempt?.lastState === undefined ? {} : { 'streamnova.job_state': attempt.lastState }),
  };
}

function failed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof EngineError ? error.code : 'DEFECT' });
}
