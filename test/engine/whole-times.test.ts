// Times in the record are whole milliseconds whatever the settings: a record with a fraction could never be read again.

import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { executionSchema } from '../../shared/schema/execution.ts';
import { calmWorld, inWorld, pass, tickToEnd } from '../simulation/calm-world.ts';
import { recommendationOf } from '../simulation/load-configs.ts';

test.prop([fc.integer({ min: 1, max: 100_000 })], { numRuns: 20 })(
  'a life with a cancel leaves records of whole times with pauses of %i ms',
  async (pollYoungMs) => {
    const world = calmWorld({ settings: { pollYoungMs } });
    world.recommendations.port.write(recommendationOf('run-1', 'orders'));
    await inWorld(world, (engine) => engine.start({ runId: 'run-1', queue: true, trigger: 'event' }));
    await pass(world, 20_000);
    await inWorld(world, (engine) => engine.cancel(executionIdOf('run-1')));
    await tickToEnd(world);
    expect(world.watch.violations).toEqual([]);
    expect(executionSchema.parse(world.ledger.peek(executionIdOf('run-1'))).status).toBe('CANCELLED');
  },
);
