// A refused launch ends an execution only where it is the whole truth: not for who no longer holds the lease, nor while an earlier request made a job.

import { expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { leaseMs } from '../../shared/engine/settings.ts';
import { type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const candidate = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };
const request: StartRequest = { runId: 'run-1', queue: true, trigger: 'http', direct: { load: 'orders', candidate } };
const id = executionIdOf('run-1');
const refusal = new EngineError('INVALID_ARGUMENT', 'jobs.launch: a parameter is not known');

type Stand = ScriptedEngine & {
  /** What each launch request, in order, is answered with. */
  readonly answers: PromiseWithResolvers<unknown>[];
};

function stage(): Stand {
  const stand = scriptedEngine();
  const answers: Stand['answers'] = [];
  stand.service.interfere = (method) => {
    if (method !== 'launch') return undefined;
    const answer = Promise.withResolvers<unknown>();
    answers.push(answer);
    return answer.promise;
  };
  return { ...stand, answers };
}

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await new Promise((resolve) => setImmediate(resolve));
};

/** Lets the lease end, looks twice, and is launching again when this answers. */
async function launchAgain(stand: Stand): Promise<{ tick: ReturnType<ScriptedEngine['tick']> }> {
  const { settings } = stand.deps;
  stand.clock.time += leaseMs(settings) + 1;
  await stand.tick();
  stand.clock.time += settings.listLagMs + 2 * settings.clockSkewMs;
  const tick = stand.tick();
  await until(() => stand.answers.length === 2);
  return { tick };
}

test('a refusal that arrives after another owner took the lease changes nothing', async () => {
  const stand = stage();
  const first = stand.engine.start(request);
  await until(() => stand.answers.length === 1);
  const { tick } = await launchAgain(stand);
  const taken = await stand.read(id);
  expect(taken).toMatchObject({
    status: 'LAUNCHING',
    attempts: [{ launchIntents: [{}, {}].map(() => expect.any(Number)) }],
  });
  stand.answers[0]?.reject(refusal);
  expect((await first).kind).toBe('pending');
  expect(await stand.read(id)).toEqual(taken);
  expect(stand.logged.filter(({ moment }) => moment === 'superseded')).toHaveLength(1);
  stand.answers[1]?.resolve({ id: 'job-2', name: taken.attempts[0]?.jobName, createdAt: stand.clock.time });
  await tick;
  expect(await stand.read(id)).toMatchObject({ status: 'SUBMITTED', attempts: [{ jobId: 'job-2' }] });
});

test('a relaunch that is refused adopts the job an earlier request has made after all', async () => {
  const stand = stage();
  const first = stand.engine.start(request);
  await until(() => stand.answers.length === 1);
  stand.answers[0]?.reject(new EngineError('DEADLINE_EXCEEDED', 'jobs.launch: no answer'));
  await first;
  const { tick } = await launchAgain(stand);
  const { attempts } = await stand.read(id);
  const [attempt] = attempts;
  stand.service.active = [
    { id: 'job-1', name: attempt?.jobName ?? '', state: 'JOB_STATE_RUNNING', createdAt: attempt?.intentAt ?? 0 },
  ];
  stand.answers[1]?.reject(refusal);
  await tick;
  expect(await stand.read(id)).toMatchObject({ status: 'SUBMITTED', attempts: [{ jobId: 'job-1', adopted: true }] });
});

test('a launch that is refused, the only one of its attempt, ends it without a look', async () => {
  const stand = stage();
  const first = stand.engine.start(request);
  await until(() => stand.answers.length === 1);
  stand.answers[0]?.reject(refusal);
  await first;
  expect((await stand.read(id)).status).toBe('REJECTED');
  expect(stand.service.count('list')).toBe(0);
});
