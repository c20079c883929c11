// The real functions under the functions framework over real HTTP, on memory stores and a clock that stands still until it is told to move.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { anyCaller } from '../../functions/caller.ts';
import { createExecute } from '../../functions/execute.ts';
import { createOnRecommendation } from '../../functions/on-recommendation.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createEngine, type Engine } from '../../shared/engine/engine.ts';
import type { Documents, Jobs, Ledger, Outcomes, Recommendations } from '../../shared/engine/ports.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { calmLife, calmManners } from '../simulation/calm-world.ts';
import { configOf } from '../simulation/load-configs.ts';
import { type MemoryDataflow, memoryDataflow } from '../simulation/memory-dataflow.ts';
import { memoryDocuments, memoryRecommendations } from '../simulation/memory-documents.ts';
import { type MemoryLedger, memoryLedger } from '../simulation/memory-ledger.ts';
import { memoryOutcomes } from '../simulation/memory-outcomes.ts';
import { remote, type Send } from '../simulation/remote.ts';
import { place } from '../simulation/world.ts';
import { someTime } from '../support/execution.ts';

export type ServedEngine = {
  readonly engine: Engine;
  readonly ledger: MemoryLedger;
  readonly recommendations: ReturnType<typeof memoryRecommendations>;
  readonly dataflow: MemoryDataflow;
  readonly clock: { time: number };
  /** What happens to every port call; a test replaces it. */
  wire: Send;
  /** Serves a function and answers its URL. */
  serve(name: 'execute' | 'onRecommendation'): Promise<string>;
  stop(): Promise<void>;
};

export function servedEngine(): ServedEngine {
  const clock = { time: someTime };
  const now = (): number => clock.time;
  const ledger = memoryLedger();
  const recommendations = memoryRecommendations();
  const dataflow = memoryDataflow({ now, manners: { ...calmManners, life: () => calmLife }, onJob: () => {} });
  const served: Pick<ServedEngine, 'wire'> = { wire: async (_name, apply) => apply() };
  const send: Send = (name, apply, args) => served.wire(name, apply, args);
  let tokens = 0;
  const deps: EngineDeps = {
    ledger: remote<Ledger>('ledger', ledger.port, send),
    documents: remote<Documents>('documents', memoryDocuments(), send),
    recommendations: remote<Recommendations>('recommendations', recommendations.port, send),
    jobs: remote<Jobs>('jobs', dataflow.port, send),
    outcomes: remote<Outcomes>('outcomes', memoryOutcomes().port, send),
    config: async () => configOf({}),
    clock: { now },
    tokens: {
      next() {
        tokens += 1;
        return `token-${tokens}`;
      },
    },
    log: silentLog,
    settings: defaultSettings,
    runtime: { ...place, environment: 'DATAFLOW', environmentReason: 'a test' },
  };
  const engine = createEngine(deps);
  const servers: Server[] = [];
  return Object.assign(served, {
    engine,
    ledger,
    recommendations,
    dataflow,
    clock,
    async serve(name: 'execute' | 'onRecommendation') {
      http(name, name === 'execute' ? createExecute(engine, anyCaller) : createOnRecommendation(engine, anyCaller));
      const server = getTestServer(name);
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async stop() {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  });
}
