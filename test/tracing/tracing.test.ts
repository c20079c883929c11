// Traces: one for an execution's whole life, with the execution's own id, over whatever requests and instances it took.

import { context, propagation, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { LogFields } from '../../shared/base/log.ts';
import { createEngine } from '../../shared/engine/engine.ts';
import { createTracing, type Tracing } from '../../shared/gcp/start-tracing.ts';
import { tracedLog, traceIdOf, withRemoteContext } from '../../shared/gcp/tracing.ts';
import { aRecommendation } from '../support/execution.ts';
import { type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';
import { type Collector, startCollector } from './collector.ts';

const executionId = executionIdOf('run-1');
const traceId = executionId.slice('exe-'.length);
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let collector: Collector | undefined;
let tracing: Tracing | undefined;
afterEach(async () => {
  await collector?.close();
  await tracing?.close();
  for (const api of [trace, context, propagation]) api.disable();
});

/** A stand whose Dataflow takes one job and ends it; an engine on it that traces to a collector. */
async function tracedStand(options: { answers?: boolean } = {}) {
  const stand = scriptedEngine({
    override: {
      runtime: { projectId: 'demo', region: 'europe-west1', environment: 'LOCAL', environmentReason: 'a test' },
    },
  });
  await stand.deps.recommendations.write(aRecommendation({ runId: 'run-1', load: 'orders' }));
  collector = await startCollector(options);
  tracing = createTracing({ endpoint: collector.endpoint, projectId: 'demo', service: 'streamnova-test' });
  const engine = tracing.engine(createEngine(tracing.ports(stand.deps)));
  stand.service.interfere = (method) => (method === 'launch' ? { id: 'job-1' } : undefined);
  return { stand, engine, collector };
}

const request = { runId: 'run-1', queue: true, trigger: 'event' } as const;

async function endJob(stand: ScriptedEngine, state: 'JOB_STATE_DONE' | 'JOB_STATE_FAILED'): Promise<void> {
  const { attempts } = await stand.read(executionId);
  stand.service.jobs.set('job-1', {
    id: 'job-1',
    name: attempts[0]?.jobName ?? '',
    state,
    stateAt: stand.clock.time + 60_000,
  });
  stand.clock.time += 90_000;
}

describe('the trace of an execution', () => {
  test('holds its launch, its polls and its end, from other requests and instances, under one id', async () => {
    const {
      stand,
      engine,
      collector: { spans },
    } = await tracedStand();
    await engine.start(request);
    await endJob(stand, 'JOB_STATE_DONE');
    await engine.advance(Number.POSITIVE_INFINITY);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const names = spans.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['accept', 'launch', 'record SUBMITTED', 'publish streamnova.execution.ended.v1']),
    );
    const life = spans.filter(({ parentSpanId }) => parentSpanId === undefined || parentSpanId === '');
    expect(life.map(({ name }) => name)).toEqual(['execution of orders']);
    const { acceptedAt, endedAt } = await stand.read(executionId);
    expect(Number(life[0]?.startTimeUnixNano) / 1e6).toBe(acceptedAt);
    expect(Number(life[0]?.endTimeUnixNano) / 1e6).toBe(endedAt);
    for (const span of spans.filter((each) => each !== life[0]))
      expect(span.parentSpanId, span.name).toBe(life[0]?.spanId);
  });

  test('is sent before the engine answers, because the instance may sleep afterwards', async () => {
    const {
      engine,
      collector: { spans },
    } = await tracedStand();
    await engine.start(request);
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['accept', 'launch']));
  });

  test('is linked to the request that asked for it', async () => {
    const {
      engine,
      collector: { spans },
    } = await tracedStand();
    await engine.cancel('exe-0');
    const body = Buffer.from(JSON.stringify({ message: { attributes: { googclient_traceparent: traceparent } } }));
    const handler = withRemoteContext((_request: { headers: object; rawBody?: Uint8Array }) => engine.start(request));
    await handler({ headers: {}, rawBody: body });
    const launch = spans.find(({ name }) => name === 'launch');
    expect(launch?.traceId).toBe(traceId);
    expect(launch?.links?.[0]).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    });
  });

  test('marks a failed execution by its class, and says nothing anybody wrote', async () => {
    const {
      stand,
      engine,
      collector: { spans, raw },
    } = await tracedStand();
    await engine.start({ ...request, overrides: { scenario: undefined } } as typeof request);
    stand.service.messages.set('job-1', [
      { id: 'm', at: stand.clock.time, importance: 'ERROR', text: 'canary-text-of-a-message' },
    ]);
    await endJob(stand, 'JOB_STATE_FAILED');
    await engine.advance(Number.POSITIVE_INFINITY);
    const life = spans.find(({ name }) => name.startsWith('execution of'));
    expect(life?.status).toMatchObject({ code: 2, message: (await stand.read(executionId)).failure?.class });
    expect(raw.join('\n')).not.toContain('canary-text');
  });

  test('marks a call that failed by its code', async () => {
    const {
      stand,
      engine,
      collector: { spans },
    } = await tracedStand();
    stand.service.interfere = () => undefined;
    await engine.start(request);
    expect(spans.find(({ name }) => name === 'launch')?.status).toEqual({ code: 2, message: 'UNAVAILABLE' });
  });
});

describe('a collector that does not answer', () => {
  test('costs spans, never the answer', async () => {
    const { engine } = await tracedStand({ answers: false });
    expect((await engine.start(request)).kind).toBe('accepted');
  });

  test('that is not there costs nothing either', async () => {
    const { stand } = await tracedStand();
    await tracing?.close();
    for (const api of [trace, context, propagation]) api.disable();
    tracing = createTracing({ endpoint: 'http://127.0.0.1:9', projectId: 'demo', service: 'x' });
    expect((await tracing.engine(createEngine(tracing.ports(stand.deps))).start(request)).kind).toBe('accepted');
  });
});

describe('the trace id', () => {
  test('is the execution id, and none of what is no execution id', () => {
    expect(traceIdOf(executionId)).toBe(traceId);
    for (const id of ['', 'exe-', `exe-${'0'.repeat(32)}`, `exe-${'g'.repeat(32)}`, `${executionId}0`, 'streamnova'])
      expect(traceIdOf(id), id).toBeUndefined();
  });

  test('stands in every log line about an execution, as Cloud Logging links it', () => {
    const lines: LogFields[] = [];
    const log = tracedLog((_moment, fields = {}) => void lines.push(fields), 'my-project');
    log('accepted', { executionId });
    log('tick', { count: 1 });
    log('launched', { executionId, trace: 'projects/p/traces/given' });
    expect(lines.map(({ trace: of }) => of)).toEqual([
      `projects/my-project/traces/${traceId}`,
      undefined,
      'projects/p/traces/given',
    ]);
  });
});

describe('the context of a request', () => {
  const handler = withRemoteContext(
    (_request: { headers: object; rawBody?: Uint8Array }) => trace.getSpanContext(context.active())?.traceId,
  );

  test('is none while nothing is traced, whatever it carries', () => {
    expect(handler({ headers: { traceparent } })).toBeUndefined();
  });

  test.each([
    ['its header', { headers: { traceparent } }, '0af7651916cd43dd8448eb211c80319c'],
    ['nothing in a body that is no JSON', { headers: {}, rawBody: Buffer.from('{') }, undefined],
    [
      'nothing in a forged attribute',
      { headers: {}, rawBody: Buffer.from('{"message":{"attributes":{"googclient_traceparent":{"a":1}}}}') },
      undefined,
    ],
    ['nothing in a header that is no context', { headers: { traceparent: '00-zz' } }, undefined],
  ])('is %s', async (_what, asked, expected) => {
    await tracedStand().then(({ engine }) => engine.wake('exe-0'));
    expect(handler(asked)).toBe(expected);
  });
});
