// Documents that do not fit their schema: each is named with its place, nothing is launched from it, and nobody else has to wait for it.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { documentIdOf, executionIdOf } from '../../shared/base/ids.ts';
import type { LogFields, Moment } from '../../shared/base/log.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { aRecommendation } from '../support/execution.ts';
import {
  type FirestoreEngine,
  firestoreEngine,
  type TemporaryDataflow,
  temporaryDataflow,
} from '../support/firestore-engine.ts';
import { hasFirestore } from '../support/firestore-store.ts';

const delivery = (runId: string): StartRequest => ({ runId, queue: true, trigger: 'event' });

describe.runIf(hasFirestore)('a damaged document', () => {
  let dataflow: TemporaryDataflow;
  let instance: FirestoreEngine;
  let log: [Moment, LogFields][];
  beforeAll(async () => {
    dataflow = await temporaryDataflow();
  });
  afterAll(() => dataflow.stop());
  beforeEach(() => {
    log = [];
    instance = firestoreEngine({
      address: inject('firestoreEmulator') ?? '',
      dataflow: dataflow.address,
      override: { log: (moment, fields = {}) => void log.push([moment, fields]) },
    });
  });
  afterEach(() => instance.close());

  const jobsOf = (runId: string) => dataflow.jobsOf(instance.deps.runtime.projectId, executionIdOf(runId));
  const document = (collection: string, id: string) => instance.firestore.collection(collection).doc(id);

  async function started(runId: string): Promise<string> {
    await instance.deps.recommendations.write(aRecommendation({ runId }));
    await instance.engine.start(delivery(runId));
    return executionIdOf(runId);
  }

  test('among the executions is named by the tick, which goes on with all others to their ends', async () => {
    const damaged = await started('damaged');
    const sound = [await started('sound-1'), await started('sound-2')];
    await document('executions', damaged).update({ attempts: [{ number: 'one' }], status: 'ALMOST' });
    for (let tick = 0; tick < 5; tick += 1) {
      instance.clock.forward(400_000);
      await instance.engine.advance(instance.clock.now() + 50_000);
    }
    for (const executionId of sound) {
      expect((await instance.engine.read(executionId))?.value).toMatchObject({
        status: 'SUCCEEDED',
        nextCheckAt: null,
      });
    }
    const named = log.filter(([moment]) => moment === 'damaged').map(([, { error }]) => String(error));
    expect(named[0]).toMatch(new RegExp(`executions/${damaged}.*/status.*/attempts/0/number`, 's'));
  });

  test('that is the execution of a message keeps the message from launching: it is refused with the place, and dead-letters', async () => {
    const executionId = await started('run-1');
    await document('executions', executionId).update({ owner: 7 });
    const again = instance.engine.start(delivery('run-1'));
    await expect(again).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
      message: expect.stringMatching(new RegExp(`executions/${executionId}.*/owner`)),
    });
    expect(jobsOf('run-1')).toHaveLength(1);
  });

  test('that is a recommendation rejects its event with every place, recorded once however often it is delivered', async () => {
    const damaged = {
      ...aRecommendation({ runId: 'run-1' }),
      load: '../etc',
      mode: 'CHEAP',
      recommended: { candidate: {} },
    };
    await document('recommendations', 'run-1').set(damaged);
    for (let time = 0; time < 3; time += 1) {
      const result = await instance.engine.start(delivery('run-1'));
      expect(result).toMatchObject({ kind: 'rejected', reason: 'invalid-recommendation' });
    }
    const { executions } = await instance.engine.list({ pageSize: 10 });
    expect(executions.map(({ value }) => value.status)).toEqual(['REJECTED']);
    expect(executions[0]?.value.violations?.[0]?.message).toMatch(
      /recommendations\/run-1.*\/load.*\/mode.*\/recommended\/candidate\/machineType/s,
    );
    expect(jobsOf('run-1')).toEqual([]);
  });

  test('that is the capacity of the project launches nothing and is named; once mended the tick launches what waited, once', async () => {
    const capacity = document('capacity', instance.deps.runtime.projectId);
    await capacity.set({
      value: { running: { 'exe-x': { source: 'db', connections: 'many' } }, waiting: {}, served: {} },
    });
    await instance.deps.recommendations.write(aRecommendation({ runId: 'run-1' }));
    await expect(instance.engine.start(delivery('run-1'))).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
      message: expect.stringContaining(`capacity/${instance.deps.runtime.projectId}`),
    });
    instance.clock.forward(400_000);
    await instance.engine.advance(instance.clock.now() + 50_000);
    expect(jobsOf('run-1')).toEqual([]);

    await capacity.delete();
    for (let tick = 0; tick < 8; tick += 1) {
      instance.clock.forward(600_000);
      await instance.engine.advance(instance.clock.now() + 50_000);
    }
    expect(jobsOf('run-1')).toHaveLength(1);
    expect((await instance.engine.read(executionIdOf('run-1')))?.value.status).toBe('SUCCEEDED');
  });

  test('that is what the load learnt keeps no outcome from the world', async () => {
    await started('run-1');
    instance.clock.forward(400_000);
    await instance.engine.advance(instance.clock.now() + 50_000);
    const cohorts = await instance.firestore.collection('cohorts').get();
    for (const { ref } of cohorts.docs) await ref.set({ value: 'learnt nothing' });
    await started('run-2');
    // Several: the job runs in real time, and may not have ended when the first looks.
    for (let tick = 0; tick < 5; tick += 1) {
      instance.clock.forward(400_000);
      await instance.engine.advance(instance.clock.now() + 50_000);
    }
    expect(instance.published.map(({ orderingKey }) => orderingKey)).toContain(executionIdOf('run-2'));
  });

  test('that is the record of an Idempotency-Key is named instead of being "in flight" for ever', async () => {
    await document('idempotency', documentIdOf('key', 'k1')).set({ value: { state: 'finished' } });
    const asked = instance.engine.answerOnce('k1', 'hash', async () => ({ status: 200, headers: {}, body: {} }));
    await expect(asked).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
      message: expect.stringMatching(/idempotency\/key-[0-9a-f]{40}.*\/state/s),
    });
  });
});
