// What a three-stage load is estimated to take is held against the bounds as a pair, and compared with what the pair took; its legs learn apart.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { outcomeOf } from '../../shared/schema/outcome.ts';
import type { Policy } from '../../shared/schema/policy.ts';
import { calmWorld, inWorld, tickToEnd } from '../simulation/calm-world.ts';
import type { World } from '../simulation/world.ts';
import { chainConfig, chainRequest } from '../support/chain-load.ts';

const parentId = executionIdOf('chained');
const rowCountEstimate = 2_000_000;
const averageRowBytes = 500;

function configWith(policy: Partial<Policy> = {}): LoadConfig {
  const { orders } = chainConfig.loads;
  if (orders === undefined) throw new Error('no load');
  const sized = { ...orders, rowCountEstimate, averageRowBytes };
  return { ...chainConfig, loads: { orders: sized }, policy: { ...chainConfig.policy, ...policy } };
}

const costOf = (world: World, id: string) => world.ledger.peek(id)?.estimate?.estimatedCostMicroUsd ?? Number.NaN;

/** What both legs, and the pair, are estimated to cost without bounds. */
async function estimated(): Promise<{ world: World; pair: number; first: number; second: number }> {
  const world = calmWorld({ config: configWith() });
  await inWorld(world, (engine) => engine.start(chainRequest));
  await tickToEnd(world);
  const [first, second] = [costOf(world, legIdOf(parentId, 1)), costOf(world, legIdOf(parentId, 2))];
  return { world, pair: costOf(world, parentId), first, second };
}

test('a parent’s estimate is that of both legs, and its outcome compares it with what both took', async () => {
  const { world, pair, first } = await estimated();
  const parent = world.ledger.peek(parentId);
  if (parent === undefined) throw new Error('no parent');
  expect(pair).toBeGreaterThan(first);
  expect(parent.estimate).toMatchObject({ secondLeg: { estimatedCostMicroUsd: pair - first } });
  const { estimate, cost } = outcomeOf(parent);
  expect(estimate?.costRatio).toBeCloseTo((cost?.microUsd.total ?? 0) / pair, 2);
});

test('the second leg is sized by the rows that were written, as long as they were read', async () => {
  const world = calmWorld({ config: configWith() });
  await inWorld(world, (engine) => engine.start(chainRequest));
  const [firstId, secondId] = [legIdOf(parentId, 1), legIdOf(parentId, 2)];
  for (let minute = 0; world.ledger.peek(firstId)?.status !== 'SUCCEEDED' && minute < 10; minute += 1)
    await tickToEnd(world, 1);
  expect(world.ledger.peek(secondId)).toBeUndefined();
  const first = world.ledger.peek(firstId);
  world.ledger.writeRaw(firstId, { ...first, metrics: { readAt: 0, ...first?.metrics, rowsWritten: 300_000_000 } });
  await tickToEnd(world);
  const { estimate } = world.ledger.peek(secondId) ?? {};
  expect(estimate?.sizeBytes).toBe(300_000_000 * averageRowBytes);
  expect(estimate?.assumptions?.join()).not.toMatch(/row (count|size) unknown/);
});

test.each(['maxCostMicroUsd', 'dailyBudgetMicroUsd'] as const)('%s holds the pair', async (rule) => {
  const { pair, first } = await estimated();
  const between = Math.round((pair + first) / 2);
  const world = calmWorld({ config: configWith({ [rule]: between }) });
  const refused = await inWorld(world, (engine) => engine.start(chainRequest));
  expect(refused).toMatchObject({ kind: 'rejected', violations: [{ code: `guardrail.${rule}` }] });
  expect(world.ledger.all()).toEqual([]);
  const roomy = calmWorld({ config: configWith({ [rule]: pair * 2 }) });
  expect(await inWorld(roomy, (engine) => engine.start(chainRequest))).toMatchObject({ kind: 'accepted' });
});

test('a rule that both legs and the pair break is told once', async () => {
  const world = calmWorld({ config: configWith({ maxCostMicroUsd: 1 }) });
  const refused = await inWorld(world, (engine) => engine.start(chainRequest));
  expect(refused).toMatchObject({ kind: 'rejected', violations: [{ code: 'guardrail.maxCostMicroUsd' }] });
  expect(refused.kind === 'rejected' && refused.violations).toHaveLength(1);
});

test('a recommendation speaks of both legs', async () => {
  const { pair } = await estimated();
  const world = calmWorld({ config: configWith() });
  const answer = await inWorld(world, (engine) => engine.recommend({ load: 'orders', mode: 'COST_OPTIMAL' }));
  if (answer.kind !== 'recommended') throw new Error(JSON.stringify(answer));
  const { recommended } = answer.recommendation;
  expect(recommended.secondLeg).toBeDefined();
  expect(recommended.estimatedCostMicroUsd).toBeLessThanOrEqual(pair);
});
