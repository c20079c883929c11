// Child process of the bench: an engine on the real Dataflow client and the SQLite ledger; a quiet tick, then one with jobs that ended.

import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../local/store/open-store.ts';
import { sqliteDocuments } from '../../local/store/sqlite-documents.ts';
import { sqliteLedger } from '../../local/store/sqlite-ledger.ts';
import { sqliteRecommendations } from '../../local/store/sqlite-recommendations.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { Tick } from '../../shared/engine/advance.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createEngine } from '../../shared/engine/engine.ts';
import type { Documents, Ledger } from '../../shared/engine/ports.ts';
import { defaultSettings } from '../../shared/engine/settings.ts';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import { benchConfig, place, quietMs } from './advance-case.ts';

export type TickTask = { readonly address: string; readonly ledgerPath: string; readonly ledgerLatencyMs: number };
export type TickFigures = Tick & { readonly sec: number; readonly outcomes: number };
export type TickReport = { readonly quiet: TickFigures; readonly busy: TickFigures; readonly rssMiB: number };

process.once('message', (task: TickTask) => void run(task));

async function run({ address, ledgerPath, ledgerLatencyMs }: TickTask): Promise<void> {
  const db = openStore(ledgerPath, Date.now());
  const jobs = createDataflowJobs({ emulatorHost: address });
  const parsed = parseLoadConfig(benchConfig, { file: 'bench.yaml', env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const published = new Set<string>();
  let ahead = 0;
  let tokens = 0;
  const deps: EngineDeps = {
    ledger: slow<Ledger>(sqliteLedger(db), ledgerLatencyMs),
    documents: slow<Documents>(sqliteDocuments(db), ledgerLatencyMs),
    recommendations: sqliteRecommendations(db),
    jobs,
    outcomes: { publish: async ({ eventId }) => void published.add(eventId) },
    config: async () => parsed.config,
    clock: { now: () => Date.now() + ahead },
    tokens: {
      next() {
        tokens += 1;
        return `token-${tokens}`;
      },
    },
    log: silentLog,
    settings: defaultSettings,
    runtime: { projectId: place.projectId, region: place.location, environment: 'LOCAL', environmentReason: 'a bench' },
  };
  const engine = createEngine(deps);
  const tick = async (): Promise<TickFigures> => {
    const before = published.size;
    const startedAt = performance.now();
    const figures = await engine.advance(deps.clock.now() + 600_000);
    const sec = Math.round(performance.now() - startedAt) / 1000;
    return { ...figures, sec, outcomes: published.size - before };
  };
  const quiet = await tick();
  ahead = quietMs;
  const busy = await tick();
  const rssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  await jobs.close();
  db.close();
  process.send?.({ quiet, busy, rssMiB } satisfies TickReport, () => process.disconnect());
}

/** Every call of a store takes so long. */
function slow<Port extends object>(port: Port, latencyMs: number): Port {
  if (latencyMs <= 0) return port;
  return new Proxy(port, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await sleep(latencyMs);
        return Reflect.apply(method, target, args) as unknown;
      };
    },
  });
}
