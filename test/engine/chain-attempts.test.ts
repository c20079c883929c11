// A leg of a three-stage load that fails and is tried again runs what its parent was asked for, by every attempt.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import { failureTable } from '../../shared/engine/failure-table.ts';
import { loadConfigSchema } from '../../shared/schema/load-config.ts';
import { calmLife, calmWorld, inWorld, tickToEnd } from '../simulation/calm-world.ts';
import { chainConfig, chainRequest } from '../support/chain-load.ts';

const stockout = failureTable.find(({ code }) => code === 'ZONE_STOCKOUT')?.sample ?? expect.fail('no such row');
const config = loadConfigSchema.parse({
  ...chainConfig,
  policy: { ...chainConfig.policy, maxAttempts: 2 },
});
const overrides = {
  environment: { additionalUserLabels: { team: 'night' } },
  guardrails: { maxWorkers: 2 },
};

test('what the caller laid over the load is in the request of the second attempt, and bounds it', async () => {
  let jobs = 0;
  const world = calmWorld({
    config,
    manners: {
      life: () => {
        jobs += 1;
        return jobs === 1 ? { ...calmLife, end: 'JOB_STATE_FAILED', errorText: stockout } : calmLife;
      },
    },
  });
  await inWorld(world, (engine) => engine.start({ ...chainRequest, overrides }));
  await tickToEnd(world);
  const parentId = executionIdOf('chained');
  expect(world.ledger.peek(parentId)?.status).toBe('SUCCEEDED');
  const leg = world.ledger.peek(legIdOf(parentId, 1));
  expect(leg?.overrides).toEqual(overrides);
  const labels = leg?.attempts.map(({ request }) => request.launchParameter.environment.additionalUserLabels?.team);
  expect(labels).toEqual(['night', 'night']);
});
