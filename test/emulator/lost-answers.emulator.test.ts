// Every call in the life of an execution, its request or its answer lost on a real wire: one job, one outcome, whatever was lost.

import PQueue from 'p-queue';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
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
import { type RpcFault, startRpcProxy } from '../support/rpc-proxy.ts';

const request: StartRequest = { runId: 'run-1', queue: true, trigger: 'event' };
const executionId = executionIdOf(request.runId);

type Breaks = (method: string, index: number) => RpcFault | undefined;
type Wire = 'firestore' | 'dataflow';
type Life = { readonly calls: readonly string[]; readonly deliveries: number; readonly verdict: string };

let dataflow: TemporaryDataflow;
beforeAll(async () => {
  dataflow = await temporaryDataflow();
});
afterAll(() => dataflow.stop());

/** One life from its first delivery to rest; `breaks` decides about every call over the wire. */
async function live(wire: Wire, breaks: Breaks): Promise<Life> {
  const proxies = {
    firestore: await startRpcProxy(inject('firestoreEmulator') ?? ''),
    dataflow: await startRpcProxy(dataflow.address),
  };
  const instance = firestoreEngine({
    address: proxies.firestore.address,
    dataflow: proxies.dataflow.address,
    override: { settings: { ...defaultSettings, launchDeadlineMs: 1_000 } },
  });
  try {
    await instance.deps.recommendations.write(aRecommendation({ load: 'orders' }));
    proxies[wire].forget();
    proxies[wire].break(breaks);
    const deliveries = await deliver(instance);
    await rest(instance);
    const calls = [...proxies[wire].calls];
    proxies[wire].forget();
    return { calls, deliveries, verdict: await verdictOf(instance) };
  } finally {
    await instance.close();
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  }
}

/** Delivers until it is acknowledged; between two deliveries a tick, as in production. Answers how many it took. */
async function deliver({ engine, clock }: FirestoreEngine): Promise<number> {
  for (let delivery = 1; delivery <= 6; delivery += 1) {
    const result = await engine.start(request).catch(undeliverable);
    if (result?.kind === 'accepted') return delivery;
    clock.forward(240_000);
    await engine.advance(clock.now() + 50_000).catch(undeliverable);
  }
  throw new Error('six deliveries were not enough');
}

/** Ticks until nothing is left to do. */
async function rest({ engine, clock }: FirestoreEngine): Promise<void> {
  for (let tick = 0; tick < 12; tick += 1) {
    clock.forward(400_000);
    await engine.advance(clock.now() + 50_000).catch(undeliverable);
    const read = await engine.read(executionId).catch(undeliverable);
    if (read?.value.nextCheckAt === null) return;
  }
  throw new Error('twelve ticks were not enough');
}

/** What ends in an error of the catalogue is delivered, or ticked, again; anything else is a defect. */
function undeliverable(error: unknown): undefined {
  if (!isEngineError(error)) throw error;
}

const allIsWell = 'one job, one outcome';

async function verdictOf({ engine, deps, published }: FirestoreEngine): Promise<string> {
  const jobs = dataflow.jobsOf(deps.runtime.projectId, executionId);
  const execution = (await engine.read(executionId))?.value;
  const outcomes = new Set(published.map(({ eventId }) => eventId)).size;
  const recorded = execution?.attempts.at(-1)?.jobId;
  return jobs.length === 1 && outcomes === 1 && execution?.status === 'SUCCEEDED' && recorded === jobs[0]?.id
    ? allIsWell
    : `${jobs.length} jobs, ${outcomes} outcomes, ${execution?.status}, job ${recorded} recorded`;
}

describe.runIf(hasFirestore)('on a wire that breaks', () => {
  test('a claim whose answer was lost is recognised as our own, and launched by the delivery that made it', async () => {
    const life = await live('firestore', (_, index) => (index === 1 ? 'loseAnswer' : undefined));
    // The recommendation, our create, the client's silent repetition of it, the read that finds our own owner.
    expect(life.calls.slice(0, 4)).toEqual(['BatchGetDocuments', 'Commit', 'Commit', 'BatchGetDocuments']);
    expect(life).toMatchObject({ deliveries: 1, verdict: allIsWell });
  });

  test.each<RpcFault>(['loseAnswer', 'blackHole'])(
    'a launch whose answer never comes (%s) is found by name and adopted by the delivery that sent it',
    async (fault) => {
      const life = await live('dataflow', (_, index) => (index === 0 ? fault : undefined));
      expect(life.calls.slice(0, 2)).toEqual(['LaunchFlexTemplate', 'ListJobs']);
      expect(life).toMatchObject({ deliveries: 1, verdict: allIsWell });
    },
  );

  test.each<[Wire, string, RpcFault, number]>([
    ['firestore', 'answer', 'loseAnswer', 1],
    ['firestore', 'answer and the answer to its repetition', 'loseAnswer', 2],
    ['firestore', 'request', 'loseRequest', 1],
    ['dataflow', 'answer', 'loseAnswer', 1],
    ['dataflow', 'answer and the next one', 'loseAnswer', 2],
    ['dataflow', 'request', 'loseRequest', 1],
  ])('whichever call to %s loses its %s, there is one job and one outcome', async (wire, _what, fault, times) => {
    const golden = await live(wire, () => undefined);
    expect(golden).toMatchObject({ deliveries: 1, verdict: allIsWell });
    const queue = new PQueue({ concurrency: 8 });
    const lives = await Promise.all(
      golden.calls.map((method, broken) =>
        queue.add(async () => {
          const life = await live(wire, (_, index) => (index >= broken && index < broken + times ? fault : undefined));
          return `${broken} ${method}: ${life.verdict}`;
        }),
      ),
    );
    expect(lives).toEqual(golden.calls.map((method, index) => `${index} ${method}: ${allIsWell}`));
  });
});
