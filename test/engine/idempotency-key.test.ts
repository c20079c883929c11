// `Idempotency-Key` over the real app: one answer for one key, whatever is repeated, raced, refused or interrupted.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { defaultSettings, leaseMs } from '../../shared/engine/settings.ts';
import { type ServedEngine, servedEngine } from '../poison/served-engine.ts';
import { recommendationOf } from '../simulation/load-configs.ts';
import { perfectWire } from '../simulation/remote.ts';
import { executionIn, problemIn } from '../support/api-answers.ts';

let served: ServedEngine;
let api: string;
beforeEach(async () => {
  served = servedEngine();
  for (const runId of ['run-1', 'run-2']) served.recommendations.port.write(recommendationOf(runId, 'orders'));
  api = await served.serve('execute');
});
afterEach(() => served.stop());

const candidate = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };
const post = (body: unknown, key = 'key-1') =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });

/** Holds the next launch until it is let go; `reached` tells when it got there. */
function holdLaunch(): { reached: Promise<void>; letGo(): void } {
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  served.wire = async (name, apply) => {
    if (name !== 'jobs.launch') return apply();
    reached.resolve();
    await gate.promise;
    return apply();
  };
  return { reached: reached.promise, letGo: gate.resolve };
}

describe('the same key', () => {
  test('with the same payload replays the first answer, word for word, whatever became of the execution', async () => {
    const first = await post({ load: 'orders', candidate });
    const text = await first.text();
    served.clock.time += 120_000;
    await served.engine.advance(served.clock.time + 1_000);
    const second = await post({ candidate, load: 'orders' });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await second.text()).toBe(text);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(served.dataflow.jobs).toHaveLength(1);
  });

  test('with another payload is 422 and starts nothing', async () => {
    await post({ runId: 'run-1' });
    const other = await post({ runId: 'run-2' });
    expect(other.status).toBe(422);
    expect(await problemIn(other)).toMatchObject({ type: 'urn:streamnova:problem:key-reused' });
    expect(served.dataflow.jobs).toHaveLength(1);
  });

  test('while the first is in flight is 409 with Retry-After, for equal payloads, and 422 for others', async () => {
    const launch = holdLaunch();
    const first = post({ runId: 'run-1' });
    await launch.reached;
    const second = await post({ runId: 'run-1' });
    expect(second.status).toBe(409);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post({ runId: 'run-2' })).status).toBe(422);
    launch.letGo();
    expect((await first).status).toBe(202);
    expect((await post({ runId: 'run-1' })).headers.get('idempotency-replayed')).toBe('true');
  });

  test('raced by eight equal requests starts one job and gives no answer but 202 and 409', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post({ load: 'orders', candidate })));
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
    expect(served.dataflow.jobs).toHaveLength(1);
  });
});

describe('a key whose record the store wrote twice in silence', () => {
  test('is its request’s own: it is answered, and runs once', async () => {
    served.wire = async (name, apply) => {
      if (name !== 'documents.write') return apply();
      apply();
      return apply();
    };
    const first = await post({ runId: 'run-1' });
    expect(first.status).toBe(202);
    expect(served.dataflow.jobs).toHaveLength(1);
    const second = await post({ runId: 'run-1' });
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
  });
});

describe('a request whose instance died', () => {
  test('is taken over after the lease, finds its own execution and starts nothing twice', async () => {
    served.wire = (name, apply) => (name === 'jobs.launch' ? Promise.race([]) : perfectWire(name, apply, []));
    const dead = new AbortController();
    const first = fetch(`${api}/api/agent/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1' },
      body: JSON.stringify({ runId: 'run-1' }),
      signal: dead.signal,
    }).catch((error: unknown) => error);
    while (served.ledger.all().length === 0) await new Promise((resolve) => setImmediate(resolve));
    dead.abort();
    await first;
    served.wire = perfectWire;
    expect((await post({ runId: 'run-1' })).status).toBe(409);
    served.clock.time += leaseMs(defaultSettings);
    expect((await post({ runId: 'run-1' })).status).toBe(409);
    served.clock.time += 1;
    const taken = await post({ runId: 'run-1' });
    expect(taken.status).toBe(202);
    expect(await executionIn(taken)).toMatchObject({ status: 'LAUNCHING', runId: 'run-1' });
    expect(served.ledger.all()).toHaveLength(1);
  });
});

describe('a request that did not end well', () => {
  test('by a refusal may be corrected under the same key', async () => {
    expect((await post({ load: 'no-such-load', candidate })).status).toBe(422);
    expect((await post({ runId: 'not-there-yet' })).status).toBe(404);
    const corrected = await post({ load: 'orders', candidate });
    expect(corrected.status).toBe(202);
    expect(served.dataflow.jobs).toHaveLength(1);
  });

  test('by a fault may be repeated as it was, and as nothing else: what it did is not known', async () => {
    served.wire = async (name, apply) => {
      const answer = apply();
      if (name === 'ledger.create') throw new EngineError('UNAVAILABLE', 'the answer was lost');
      if (name === 'ledger.read') throw new EngineError('UNAVAILABLE', 'and so was this one');
      return answer;
    };
    const fault = await post({ load: 'orders', candidate });
    expect(fault.status).toBe(503);
    expect(fault.headers.get('retry-after')).not.toBeNull();
    served.wire = perfectWire;
    expect((await post({ load: 'customers', candidate })).status).toBe(422);
    const again = await post({ load: 'orders', candidate });
    expect(again.status).toBe(202);
    expect(served.ledger.all()).toHaveLength(1);
  });
});

test.each(['', 'a b', 'ä', 'x'.repeat(256)])('a key of %j is refused before anything is done', async (key) => {
  const answer = await post({ runId: 'run-1' }, encodeURI(key) === key ? key : encodeURI(key).replaceAll('%', ' '));
  expect(answer.status).toBe(400);
  expect(served.ledger.all()).toEqual([]);
});
