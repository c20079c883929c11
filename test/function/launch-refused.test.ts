// A launch Dataflow refuses for good is no accepted request: 422 with what it said, and the record of it, as often as it is asked.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIn, problemIn } from '../support/api-answers.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';
import { scriptedService } from '../support/scripted-service.ts';

let local: LocalEngine;
let api: string;
beforeAll(async () => {
  const service = scriptedService();
  service.interfere = (method) => {
    if (method !== 'launch') return undefined;
    const violations = [{ parameter: 'outputTable', description: 'Unrecognized parameter' }];
    throw new EngineError('INVALID_ARGUMENT', 'The template parameters are invalid.', { violations });
  };
  local = await startLocalEngine(scriptedConfig(), { jobs: service.port });
  api = await local.serve('execute');
});
afterAll(() => local.stop());

const post = (headers: Record<string, string>) =>
  fetch(`${api}/api/agent/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ load: 'orders' }),
  });

test('it answers 422 with every violation and the execution it is recorded under', async () => {
  const answer = await post({});
  expect(answer.status).toBe(422);
  const problem = await problemIn(answer);
  expect(problem).toMatchObject({
    type: 'urn:streamnova:problem:refused',
    errors: [{ pointer: '/launchParameter/parameters/outputTable', detail: 'Unrecognized parameter' }],
  });
  const recorded = await executionIn(await fetch(`${api}/api/agent/executions/${problem.executionId}`));
  expect(recorded).toMatchObject({ status: 'REJECTED', statusReason: expect.stringContaining('INVALID_ARGUMENT') });
});

test('repeated under its key it is answered the same, not as accepted', async () => {
  const headers = { 'idempotency-key': 'refused' };
  const first = await post(headers);
  const again = await post(headers);
  expect([first.status, again.status]).toEqual([422, 422]);
  expect(await problemIn(again)).toEqual(await problemIn(first));
});
