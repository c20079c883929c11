// A dry run of a three-stage load shows the two requests that would be sent; validateOnly asks Dataflow about both.

import { expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import { createEngine } from '../../shared/engine/engine.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { calmFate, calmWorld, inWorld, tickToEnd } from '../simulation/calm-world.ts';
import type { Manners } from '../simulation/memory-dataflow.ts';
import { chainRequest, chainConfig as config } from '../support/chain-load.ts';

const parentId = executionIdOf('chained', 'again');
const request: StartRequest = { ...chainRequest, executionKey: 'again' };

function worldThat(manners: Partial<Manners> = {}) {
  const asked: string[] = [];
  const world = calmWorld({
    config,
    manners,
    fateOf: ({ name }) => {
      asked.push(name);
      return calmFate;
    },
  });
  return { world, launches: () => asked.filter((name) => name === 'jobs.launch').length };
}

test('a dry run shows what is sent then, and sends nothing', async () => {
  const { world, launches } = worldThat();
  const planned = await inWorld(world, (engine) => engine.start({ ...request, dryRun: true }));
  if (planned.kind !== 'planned') return expect.fail(planned.kind);
  expect([planned.executionId, launches()]).toEqual([parentId, 0]);

  await inWorld(world, (engine) => engine.start(request));
  await tickToEnd(world);
  const sent = ([1, 2] as const).map((leg) => world.ledger.peek(legIdOf(parentId, leg))?.attempts[0]?.request);
  expect([planned.plan.request, planned.secondLeg?.request]).toEqual(sent);
  const [first, second] = sent.map((one) => one?.launchParameter);
  expect(first?.jobName).not.toBe(second?.jobName);
  expect(first?.environment.tempLocation).not.toBe(second?.environment.tempLocation);
});

test('validateOnly asks Dataflow about both legs, and makes no job', async () => {
  const { world, launches } = worldThat();
  const answer = await inWorld(world, (engine) => engine.start({ ...request, validateOnly: true }));
  expect(answer).toMatchObject({ kind: 'planned', validatedBy: 'dataflow' });
  expect([launches(), world.dataflow.jobs]).toEqual([2, []]);
});

test('a dry run leaves a line in the log, by which a published one is seen to arrive', async () => {
  const { world } = worldThat();
  const lines: unknown[] = [];
  const [served] = world.served;
  const engine = createEngine({
    ...(served?.engine.deps ?? expect.fail('no instance')),
    log: (moment, fields) => lines.push([moment, fields?.runId, fields?.executionId]),
  });
  await inWorld(world, () => engine.start({ ...request, dryRun: true }));
  expect(lines).toEqual([['planned', 'chained', parentId]]);
});

test('what Dataflow has against the legs is answered as violations', async () => {
  const violations = [{ parameter: 'yaml_pipeline', description: 'is not YAML' }];
  const { world } = worldThat({ refusal: () => new EngineError('INVALID_ARGUMENT', 'refused', { violations }) });
  const answer = await inWorld(world, (engine) => engine.start({ ...request, validateOnly: true }));
  const path = '/launchParameter/parameters/yaml_pipeline';
  expect(answer).toMatchObject({ kind: 'rejected', violations: [{ path }, { path }] });
});
