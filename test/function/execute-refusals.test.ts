// `POST /api/agent/execute` over real HTTP: what is refused, with which status, and that the text says what to change.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyCaller } from '../../functions/caller.ts';
import { problemIn } from '../support/api-answers.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let api: string;

beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig());
  api = await local.serve('execute', anyCaller);
});
afterAll(() => local.stop());

const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${api}/api/agent/execute`, { method: 'POST', headers, body });

const machine = (machineType: string, workerCount = 2) => ({ machineType, workerCount, shardCount: 8 });

const refusals: readonly (readonly [string, unknown, number, string])[] = [
  ['an unknown load', { load: 'order' }, 422, 'orders'],
  ['an unknown machine type', { load: 'orders', candidate: machine('n2-standard-9') }, 422, 'n2-standard-8'],
  ['an unknown run', { runId: 'nobody-wrote-this' }, 404, 'nobody-wrote-this'],
  [
    'a candidate with zero workers',
    { load: 'orders', candidate: machine('n2-standard-4', 0) },
    400,
    '/candidate/workerCount',
  ],
  ['an unknown field', { load: 'orders', loda: 1 }, 400, 'loda'],
  ['neither run nor load', {}, 400, 'runId'],
  ['a run and a load', { runId: 'x', load: 'orders' }, 400, 'either'],
  ['a run with a candidate', { runId: 'x', candidate: machine('n2-standard-4') }, 400, 'candidate'],
  [
    'an Arm machine for an x86 template',
    { load: 'plain', candidate: machine('t2a-standard-4') },
    422,
    't2a-standard-4',
  ],
];

describe('POST /api/agent/execute refuses', () => {
  test.each(refusals)('%s', async (_case, body, status, text) => {
    const answer = await post(JSON.stringify(body));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const problem = await problemIn(answer);
    expect(problem).toMatchObject({
      type: expect.stringMatching(/^urn:streamnova:problem:/),
      title: expect.any(String),
      status,
    });
    expect(JSON.stringify(problem)).toContain(text);
  });

  test('every problem of a request at once, each with its pointer', async () => {
    const answer = await post(JSON.stringify({ load: 'a b', candidate: machine('', 0), extra: true }));
    const { errors } = await problemIn(answer);
    expect(errors?.map((error) => error.pointer).sort()).toEqual([
      '/candidate/machineType',
      '/candidate/workerCount',
      '/extra',
      '/load',
    ]);
  });

  test('a body of more than 256 KiB with 413', async () => {
    const answer = await post(JSON.stringify({ load: 'orders', executionKey: 'x'.repeat(300_000) }));
    expect(answer.status).toBe(413);
    expect((await problemIn(answer)).detail).toContain('262144');
  });

  test('another content type with 415', async () => {
    expect((await post('load=orders', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('another method with 405 and Allow', async () => {
    const answer = await fetch(`${api}/api/agent/execute`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test('another method of an execution with 405, in words that name it', async () => {
    const path = '/api/agent/executions/exe-00000000000000000000000000000000:cancel';
    const answer = await fetch(`${api}${path}`);
    expect(answer.status).toBe(405);
    expect((await problemIn(answer)).detail).toBe(`${path} takes POST`);
  });

  test('another path with 404', async () => {
    const answer = await fetch(`${api}/api/agent/nothing`);
    expect(answer.status).toBe(404);
    expect((await problemIn(answer)).type).toBe('urn:streamnova:problem:not-found');
  });

  test.each([
    ['malformed JSON', () => post('{"load":')],
    ['a malformed URL', () => fetch(`${api}/api/agent/executions/%E0%A4%A`)],
  ])(
    '%s with 400: the framework answers it before any code of ours, as HTML and without a stack',
    async (_what, ask) => {
      const answer = await ask();
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('text/html');
      expect(await answer.text()).not.toContain('node_modules');
    },
  );
});

test('runs from the configuration alone are refused unless the policy allows them', async () => {
  const strict = await startLocalEngine(scriptedConfig('configOnlyRuns: false'));
  const url = await strict.serve('execute');
  const answer = await fetch(`${url}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ load: 'orders' }),
  });
  expect(answer.status).toBe(403);
  expect((await problemIn(answer)).detail).toContain('policy.configOnlyRuns');
  await strict.stop();
});
