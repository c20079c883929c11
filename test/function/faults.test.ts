// What goes wrong inside a function: a fault that passes is told as one, a defect as a defect, and both name what was asked for.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import { createLog } from '../../shared/base/log.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

let local: LocalEngine;
let failure: Error;
const lines: Record<string, unknown>[] = [];
const urls = { execute: '', onRecommendation: '', pollJobs: '' };

beforeAll(async () => {
  const fail = async (): Promise<never> => {
    throw failure;
  };
  local = await startLocalEngine(scriptedConfig(), {
    ledger: { create: fail, read: fail, replace: fail, due: fail, list: fail },
    recommendations: { read: fail, write: fail },
    log: createLog((line) => void lines.push(JSON.parse(line))),
  });
  for (const name of ['execute', 'onRecommendation', 'pollJobs'] as const) urls[name] = await local.serve(name);
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(() => local.stop());

const json = { 'content-type': 'application/json' };
const data = Buffer.from(JSON.stringify({ runId: 'run-1', executionKey: 'again' })).toString('base64');
const delivery = JSON.stringify({ message: { data, messageId: '7' } });
const ask = {
  execute: () => fetch(`${urls.execute}/api/agent/executions`),
  onRecommendation: () => fetch(urls.onRecommendation, { method: 'POST', headers: json, body: delivery }),
  pollJobs: () => fetch(urls.pollJobs, { method: 'POST' }),
};

const faults: readonly (readonly [string, Error, number, string, string])[] = [
  ['a service that is away', new EngineError('UNAVAILABLE', 'no connection'), 503, 'requestFailed', 'WARNING'],
  ['a quota', new EngineError('RESOURCE_EXHAUSTED', 'too many'), 503, 'requestFailed', 'WARNING'],
  ['a damaged document', new EngineError('CORRUPT_RECORD', 'executions/x'), 500, 'defect', 'ERROR'],
  ['a wrong configuration', new EngineError('CONFIG', 'line 3'), 500, 'defect', 'ERROR'],
  ['a defect', new TypeError('x is not a function'), 500, 'defect', 'ERROR'],
];

for (const name of ['execute', 'onRecommendation', 'pollJobs'] as const) {
  test.each(faults)(`${name} tells %s`, async (_case, error, status, moment, severity) => {
    failure = error;
    const answer = await ask[name]();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '10' : null);
    expect(await answer.text()).not.toContain('is not a function');
    expect(lines.at(-1)).toMatchObject({ moment, severity, error: { message: error.message } });
    expect(lines.filter((line) => 'error' in line)).toHaveLength(1);
  });
}

test('a delivery that fails names its run and its execution', async () => {
  failure = new EngineError('UNAVAILABLE', 'no connection');
  await ask.onRecommendation();
  expect(lines).toMatchObject([{ runId: 'run-1', executionId: executionIdOf('run-1', 'again') }]);
});
