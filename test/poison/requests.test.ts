// Poison over the HTTP API: whatever is sent, the answer is a 2xx or a problem with a reason, never a 5xx, and nothing is left behind.

import { fc, test } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test as plainTest, vi } from 'vitest';
import { nastyJson, nastyText, nastyTexts, nearlyAnEvent } from './arbitraries.ts';
import { type ServedEngine, servedEngine } from './served-engine.ts';

let served: ServedEngine;
let api: string;
beforeAll(async () => {
  served = servedEngine();
  api = await served.serve('execute');
  // The framework prints what it cannot parse, stack and all.
  vi.spyOn(console, 'error').mockReturnValue();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await served.stop();
});

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${api}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

async function expectAnswer(answer: Response): Promise<void> {
  const text = await answer.text();
  expect(answer.status, text).toBeLessThan(500);
  if (answer.status < 400) return;
  // What is refused before any code of ours runs (JSON or a URL that cannot be parsed, headers too large) is refused in other words.
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) {
    expect([400, 431]).toContain(answer.status);
    return;
  }
  const problem = JSON.parse(text) as { type: string; title: string; status: number };
  expect(problem).toMatchObject({ status: answer.status, type: expect.stringContaining('urn:streamnova:problem:') });
  expect(text.length).toBeLessThan(600_000);
}

describe('POST /api/agent/execute', () => {
  test.prop([fc.oneof(nastyJson, nearlyAnEvent)], { numRuns: 500 })('any JSON gets an answer', async (body) => {
    await expectAnswer(await post('/api/agent/execute', body));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.prop(
    [fc.uint8Array({ maxLength: 200 }), fc.constantFrom('application/json', 'text/plain', 'application/xml', '')],
    {
      numRuns: 150,
    },
  )('any bytes of any type get an answer', async (bytes, type) => {
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
    await expectAnswer(await fetch(`${api}/api/agent/execute`, { method: 'POST', headers, body: Buffer.from(bytes) }));
  });

  plainTest('1 MiB is too large, and says so', async () => {
    const answer = await post('/api/agent/execute', JSON.stringify({ load: 'x'.repeat(1_048_576) }));
    expect(answer.status).toBe(413);
  });

  plainTest('an accepted request is recorded, a refused one is not', async () => {
    const recorded = served.ledger.all().every(({ status }) => status !== 'REJECTED');
    expect(recorded).toBe(true);
  });
});

describe('ids and queries', () => {
  test.prop([nastyText, fc.constantFrom('', ':cancel', '/more')], { numRuns: 200 })(
    'an execution of any name is found or not, never an error',
    async (id, rest) => {
      const name = encodeURIComponent(id.toWellFormed());
      for (const answer of [
        await fetch(`${api}/api/agent/executions/${name}${rest}`),
        await post(`/api/agent/executions/${name}:cancel`, '{}'),
      ]) {
        await expectAnswer(answer);
        expect(answer.status).not.toBe(202);
      }
    },
  );

  test.prop(
    [fc.dictionary(fc.constantFrom('status', 'load', 'pageSize', 'pageToken', 'mode', '__proto__'), nastyText)],
    {
      numRuns: 200,
    },
  )('any query is answered or refused with what is wrong with it', async (query) => {
    const search = Object.entries(query)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&');
    await expectAnswer(await fetch(`${api}/api/agent/executions?${search}`));
    await expectAnswer(await fetch(`${api}/api/agent/recommend?${search}`));
  });

  plainTest.each(nastyTexts)('an Idempotency-Key of %j is used or refused', async (key) => {
    const value = [...key].every((character) => character >= ' ' && character <= '~') ? key : 'not sent';
    await expectAnswer(await post('/api/agent/execute', '{"load":"nothing"}', { 'idempotency-key': value }));
  });

  plainTest.each([
    '/%',
    '/api/agent/executions/%ff',
    '/api//agent',
    '/..%2f..%2fetc/passwd',
    '/api/agent/execute?x[__proto__][polluted]=1',
  ])('a URL like %s is refused', async (path) => {
    await expectAnswer(await fetch(`${api}${path}`));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
