// A store that dies and comes back empty: what still runs is never launched again, and work goes on as soon as it is back.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { isEngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { StartRequest } from '../../shared/engine/request.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { aRecommendation } from '../support/execution.ts';
import {
  type FirestoreEngine,
  firestoreEngine,
  type TemporaryDataflow,
  temporaryDataflow,
} from '../support/firestore-engine.ts';
import { hasFirestore } from '../support/firestore-store.ts';
import { startEmulator } from '../support/start-emulators.ts';

const delivery: StartRequest = { runId: 'run-1', queue: true, trigger: 'event' };
const executionId = executionIdOf('run-1');

describe.runIf(hasFirestore)('Firestore killed and started again, empty', () => {
  let dataflow: TemporaryDataflow;
  let instance: FirestoreEngine;
  let port: number;
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  const start = () => startEmulator(['emulators', 'firestore', 'start'], /Dev App Server is now running/, port);
  beforeAll(async () => {
    port = await freePort(0, '--host-port');
    emulator = await start();
    dataflow = await temporaryDataflow();
  });
  afterAll(async () => {
    await emulator.stop();
    await dataflow.stop();
  });
  beforeEach(async () => {
    instance = firestoreEngine({
      address: emulator.address,
      dataflow: dataflow.address,
      runningMs: 120_000,
      // Without skew a job from before the loss is older than any new intent, so only its label can tell whose it is.
      override: { settings: { ...defaultSettings, clockSkewMs: 0 } },
    });
    await instance.deps.recommendations.write(aRecommendation());
  });
  afterEach(() => instance.close());

  const jobs = () => dataflow.jobsOf(instance.deps.runtime.projectId, executionId);

  async function loseEverything(): Promise<void> {
    await emulator.stop('SIGKILL');
    emulator = await start();
  }

  test('a redelivered message adopts the job that still runs, told by its label, and launches no other', async () => {
    expect(await instance.engine.start(delivery)).toMatchObject({ kind: 'accepted', created: true });
    const [job] = jobs();
    await loseEverything();
    expect(await instance.engine.read(executionId)).toBeUndefined();

    // The producer's document is gone with everything else: the event waits for it, as for any run that is not there yet.
    expect(await instance.engine.start(delivery)).toMatchObject({ kind: 'missing' });
    await instance.deps.recommendations.write(aRecommendation());
    const again = await instance.engine.start(delivery);
    expect(again).toMatchObject({ kind: 'accepted', execution: { status: 'SUBMITTED' } });
    expect((await instance.engine.read(executionId))?.value.attempts).toMatchObject([
      { jobId: job?.id, adopted: true },
    ]);
    expect(jobs()).toHaveLength(1);
  });

  test('calls during the outage end in answers or errors of the catalogue, and the next tick and delivery work', async () => {
    await emulator.stop('SIGKILL');
    const during = Promise.allSettled([
      instance.engine.start(delivery),
      instance.engine.advance(instance.clock.now() + 50_000),
    ]);
    emulator = await start();
    for (const one of await during) expect(one.status === 'fulfilled' || isEngineError(one.reason)).toBe(true);
    await instance.deps.recommendations.write(aRecommendation());
    expect(await instance.engine.start(delivery)).toMatchObject({ kind: 'accepted' });
    expect(await instance.engine.advance(instance.clock.now() + 50_000)).toMatchObject({ failed: 0, finished: true });
    expect(jobs()).toHaveLength(1);
  });
});
