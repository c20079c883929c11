// A three-stage load is one parent execution with two legs: started once, ended with its legs, told to the world once.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { legRunId } from '../../shared/plan/plan-chain.ts';
import { type LoadConfig, loadConfigSchema } from '../../shared/schema/load-config.ts';
import { calmFate, calmLife, calmWorld, inWorld, pass, tickToEnd } from '../simulation/calm-world.ts';
import type { World } from '../simulation/world.ts';

const config: LoadConfig = loadConfigSchema.parse({
  sources: { shop: { type: 'postgres', host: '10.0.0.1', database: 'shop' } },
  targets: {
    lake: { type: 'gcs', path: 'gs://demo-lake/stage' },
    warehouse: { type: 'bigquery', project: 'demo', dataset: 'sales' },
  },
  loads: {
    orders: {
      source: 'shop',
      via: 'lake',
      target: 'warehouse',
      table: 'public.orders',
      partitionColumn: 'id',
      partitionColumnType: 'long',
      environment: { tempLocation: 'gs://demo-temp/loads' },
    },
  },
  policy: { profileAtExecute: false },
});

const candidate = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };
const request: StartRequest = { runId: 'chained', queue: true, trigger: 'http', direct: { load: 'orders', candidate } };
const parentId = executionIdOf('chained');
const statusOf = (world: World, id: string) => world.ledger.peek(id)?.status;

test('both legs run one after the other, and the parent tells their end once', async () => {
  const world = calmWorld({ config });
  const started = await inWorld(world, (engine) => engine.start(request));
  expect(started).toMatchObject({
    kind: 'accepted',
    execution: { executionId: parentId, legs: [legIdOf(parentId, 1)] },
  });
  expect(statusOf(world, legIdOf(parentId, 1))).toBe('SUBMITTED');
  expect(statusOf(world, legIdOf(parentId, 2))).toBeUndefined();
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('SUCCEEDED');
  expect(world.ledger.peek(parentId)).toMatchObject({ legs: [legIdOf(parentId, 1), legIdOf(parentId, 2)] });
  expect(world.ledger.peek(legIdOf(parentId, 2))).toMatchObject({
    status: 'SUCCEEDED',
    parentId,
    runId: legRunId(parentId, 2),
  });
  const ended = world.outcomes.events.filter((event) => event.type === 'streamnova.execution.ended.v1');
  expect(new Set(ended.map((event) => event.orderingKey))).toEqual(new Set([parentId]));
});

test('started twice, it is the same parent and the same two jobs', async () => {
  let launches = 0;
  const world = calmWorld({
    config,
    fateOf: (call) => {
      if (call.name === 'jobs.launch') launches += 1;
      return calmFate;
    },
  });
  await inWorld(world, (engine) => engine.start(request));
  expect(await inWorld(world, (engine) => engine.start(request))).toMatchObject({ kind: 'accepted', created: false });
  await tickToEnd(world);
  expect(launches).toBe(2);
});

test('a failed first leg ends the parent; the second never starts', async () => {
  const world = calmWorld({ config, manners: { life: () => ({ ...calmLife, end: 'JOB_STATE_FAILED' }) } });
  await inWorld(world, (engine) => engine.start(request));
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('FAILED');
  expect(world.ledger.peek(parentId)?.statusReason).toContain('leg 1 of 2');
  expect(statusOf(world, legIdOf(parentId, 2))).toBeUndefined();
});

test('a cancel of the parent ends the leg that runs', async () => {
  const world = calmWorld({ config });
  await inWorld(world, (engine) => engine.start(request));
  await pass(world, 20_000);
  expect((await inWorld(world, (engine) => engine.cancel(parentId, 'wrong day'))).kind).toBe('cancelling');
  await tickToEnd(world);
  expect(statusOf(world, parentId)).toBe('CANCELLED');
  expect(statusOf(world, legIdOf(parentId, 1))).toBe('CANCELLED');
  expect(statusOf(world, legIdOf(parentId, 2))).toBeUndefined();
});

test('a dry run shows both legs and records nothing', async () => {
  const world = calmWorld({ config });
  const planned = await inWorld(world, (engine) => engine.start({ ...request, dryRun: true }));
  expect(planned).toMatchObject({
    kind: 'planned',
    plan: { templateName: 'Yaml_Template' },
    secondLeg: { templateName: 'Yaml_Template' },
  });
  expect(world.ledger.all()).toEqual([]);
});
