// An execution that cannot be read for an hour is shown as STALE; it is never ended for it, and it recovers.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionView } from '../../shared/schema/execution-view.ts';
import { anAttempt, anEndedExecution, anExecution, someTime } from '../support/execution.ts';
import { aSubmitted, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const hour = 3_600_000;
const stales = ({ logged }: Pick<ScriptedEngine, 'logged'>) =>
  logged.filter(({ moment }) => moment === 'stale').map(({ fields }) => fields);

async function unreadableFor(
  ms: number,
): Promise<ScriptedEngine & { view: () => Promise<ReturnType<typeof executionView>> }> {
  const stand = scriptedEngine();
  const execution = aSubmitted({ status: 'RUNNING' });
  await stand.put(execution);
  stand.service.interfere = () => {
    throw new EngineError('UNAVAILABLE', 'the service is down');
  };
  for (const end = someTime + ms; stand.clock.time < end; stand.clock.time += 60_000) await stand.tick();
  const view = async () =>
    executionView(await stand.read(execution.executionId), stand.clock.time, stand.deps.settings.staleAfterMs);
  return { ...stand, view };
}

describe('an execution that cannot be read', () => {
  test('is not stale within the hour', async () => {
    expect((await (await unreadableFor(59 * 60_000)).view()).stale).toBeUndefined();
  });

  test('is stale after an hour, says since when, and keeps its status', async () => {
    const { view } = await unreadableFor(hour);
    expect(await view()).toMatchObject({
      status: 'RUNNING',
      stale: { since: new Date(someTime).toISOString(), pollErrors: expect.any(Number) },
    });
  });

  test('is called so in the log from then on at every look, and not before', async () => {
    expect(stales(await unreadableFor(59 * 60_000))).toEqual([]);
    const stand = await unreadableFor(2 * hour);
    const { executionId } = aSubmitted();
    expect(stales(stand).length).toBeGreaterThan(10);
    for (const fields of stales(stand)) expect(fields).toMatchObject({ executionId, jobId: 'job-run-1' });
  });

  test('is not ended after a week, and is asked for every five minutes all the while', async () => {
    const stand = await unreadableFor(7 * 24 * hour);
    expect(await stand.view()).toMatchObject({ status: 'RUNNING' });
    expect(stand.published).toEqual([]);
    const ticks = (7 * 24 * 60) / 5;
    expect(stand.service.count('list') / 2).toBeGreaterThan(ticks * 0.9);
    expect(stand.service.count('list') / 2).toBeLessThan(ticks * 1.1 + 10);
  });

  test('is stale no more with the first look that succeeds', async () => {
    const stand = await unreadableFor(2 * hour);
    stand.service.interfere = () => undefined;
    stand.service.active = [{ id: 'job-run-1', state: 'JOB_STATE_RUNNING' }];
    stand.clock.time += 300_000;
    await stand.tick();
    expect((await stand.view()).stale).toBeUndefined();
  });
});

describe('a launch whose job cannot be looked up', () => {
  const launching = anExecution({
    status: 'LAUNCHING',
    attempts: [anAttempt({ region: 'us-central1' })],
    owner: 'somebody',
    leaseUntil: someTime,
    nextCheckAt: someTime + 1,
  });
  const stand = async (list: () => unknown, minutes: number) => {
    const scripted = scriptedEngine();
    await scripted.put(launching);
    scripted.service.interfere = (method) => (method === 'list' ? list() : undefined);
    for (let minute = 0; minute < minutes; minute += 1) {
      scripted.clock.time += 60_000;
      await scripted.tick();
    }
    const view = async () =>
      executionView(
        await scripted.read(launching.executionId),
        scripted.clock.time,
        scripted.deps.settings.staleAfterMs,
      );
    return { ...scripted, view };
  };
  const failing = (): never => {
    throw new EngineError('UNAVAILABLE', 'the service is down');
  };
  const partial = () => ({ jobs: [], complete: false });

  test.each([
    ['because the service is down', failing],
    ['because the list stays partial', partial],
  ])('%s is stale after an hour, launches nothing, and is asked for with pauses', async (_, list) => {
    const { view, service, logged } = await stand(list, 75);
    expect(stales({ logged })).not.toEqual([]);
    expect(await view()).toMatchObject({ status: 'LAUNCHING', stale: { pollErrors: expect.any(Number) } });
    expect(service.count('launch')).toBe(0);
    expect(service.count('list')).toBeLessThan(25);
  });

  test('is stale no more once the list has answered whole', async () => {
    const { view, service, clock, tick } = await stand(failing, 75);
    service.interfere = () => undefined;
    clock.time += 300_000;
    await tick();
    expect(await view()).toMatchObject({ status: 'LAUNCHING' });
    expect((await view()).stale).toBeUndefined();
  });
});

test('ended executions and those that wait are never stale', () => {
  const ended = anEndedExecution({ unreadableSince: someTime });
  expect(executionView(ended, someTime + 2 * hour, hour).stale).toBeUndefined();
  expect(executionView(anExecution({ pollErrors: 9 }), someTime + 2 * hour, hour).stale).toBeUndefined();
});
