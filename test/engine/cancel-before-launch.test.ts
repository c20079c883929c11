// A cancel that the launching owner can see keeps it from launching, even when it sees its own claim only by reading it back.

import { expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { calmFate, calmWorld, tickToEnd } from '../simulation/calm-world.ts';
import { recommendationOf } from '../simulation/load-configs.ts';

test('an owner that reads its claim back and finds it cancelled sends no launch', async () => {
  const world = calmWorld({
    fateOf: ({ name }) =>
      name === 'ledger.create'
        ? { fault: 'answer lost', appliedAfterMs: 1, answeredAfterMs: 20_000, error: 'DEADLINE_EXCEEDED' }
        : calmFate,
  });
  const executionId = executionIdOf('run-1');
  world.recommendations.port.write(recommendationOf('run-1', 'orders'));
  const [starter, canceller] = world.served;
  const at = world.scheduler.now();
  world.scheduler.at(at, () => {
    void starter?.instance.serve(() => starter.engine.start({ runId: 'run-1', queue: true, trigger: 'event' }));
  });
  world.scheduler.at(at + 5_000, () => {
    void canceller?.instance.serve(() => canceller.engine.cancel(executionId));
  });
  await world.scheduler.run(Number.POSITIVE_INFINITY);
  expect(world.dataflow.jobs).toEqual([]);
  await tickToEnd(world);
  expect(world.ledger.peek(executionId)?.status).toBe('CANCELLED');
  expect(world.dataflow.jobs).toEqual([]);
  expect(world.watch.violations).toEqual([]);
});
