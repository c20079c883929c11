// A request that is repeated is told of the execution it started, also when it would be refused by now.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { scriptedConfig } from '../support/local-engine.ts';
import { type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const parsed = parseLoadConfig(scriptedConfig(), { file: 'test.yaml', env: {} });
if (!parsed.ok) throw new Error('the configuration is wrong');
const { config } = parsed;
const withoutOrders: LoadConfig = {
  ...config,
  loads: Object.fromEntries(Object.entries(config.loads).filter(([name]) => name !== 'orders')),
};
const oneWorker: LoadConfig = { ...config, policy: { ...config.policy, maxWorkers: 1 } };

const candidate = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };
const request: StartRequest = { runId: 'run-1', queue: true, trigger: 'http', direct: { load: 'orders', candidate } };

function stage(launch: (about: string) => unknown): ScriptedEngine & { use(config: LoadConfig): void } {
  let current = config;
  const stand = scriptedEngine({ override: { config: async () => current } });
  stand.service.interfere = (method, about) => (method === 'launch' ? launch(about) : undefined);
  return {
    ...stand,
    use(next) {
      current = next;
    },
  };
}

test.each([
  ['its load is gone', withoutOrders],
  ['the policy was tightened', oneWorker],
])('it is answered with the running execution although %s', async (_, now) => {
  const stand = stage((name) => ({ id: 'job-1', name }));
  expect(await stand.engine.start(request)).toMatchObject({ kind: 'accepted', created: true });
  stand.use(now);
  expect(await stand.engine.start(request)).toMatchObject({
    kind: 'accepted',
    created: false,
    execution: { executionId: executionIdOf('run-1'), status: 'SUBMITTED' },
  });
  expect(stand.logged.at(-1)).toMatchObject({ moment: 'duplicate', fields: { executionId: executionIdOf('run-1') } });
});

test('another payload under the same run is a conflict whether it could run or not', async () => {
  const stand = stage((name) => ({ id: 'job-1', name }));
  await stand.engine.start(request);
  const other = { ...request, direct: { load: 'nobody', candidate } };
  expect((await stand.engine.start(other)).kind).toBe('conflict');
  const smaller = { ...request, direct: { load: 'orders', candidate: { ...candidate, workerCount: 1 } } };
  expect((await stand.engine.start(smaller)).kind).toBe('conflict');
  const executionId = executionIdOf('run-1');
  expect(stand.logged.filter(({ moment }) => moment === 'conflict')).toEqual([
    { moment: 'conflict', fields: { executionId, runId: 'run-1', load: 'orders', status: 'SUBMITTED' } },
    { moment: 'conflict', fields: { executionId, runId: 'run-1', load: 'orders', status: 'SUBMITTED' } },
  ]);
});

test('asked for a plan alone, it is told what is wrong now', async () => {
  const stand = stage((name) => ({ id: 'job-1', name }));
  await stand.engine.start(request);
  stand.use(oneWorker);
  expect((await stand.engine.start({ ...request, dryRun: true })).kind).toBe('rejected');
  expect((await stand.engine.start({ ...request, validateOnly: true })).kind).toBe('rejected');
});

test('one that was refused leaves no record, and may be made again once it can run', async () => {
  const stand = stage((name) => ({ id: 'job-1', name }));
  stand.use(oneWorker);
  expect((await stand.engine.start(request)).kind).toBe('rejected');
  expect(stand.logged).toMatchObject([{ moment: 'rejected', fields: { executionId: executionIdOf('run-1') } }]);
  expect(await stand.deps.ledger.read(executionIdOf('run-1'))).toBeUndefined();
  stand.use(config);
  expect(await stand.engine.start(request)).toMatchObject({ kind: 'accepted', created: true });
});
