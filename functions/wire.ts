// The composition root: settings → clients → adapters → engine. The only file of the functions that reads process.env.

import { randomUUID } from 'node:crypto';
import { systemClock } from '../shared/base/clock.ts';
import { parseSettings, type Settings } from '../shared/base/config.ts';
import { EngineError } from '../shared/base/errors.ts';
import { createLog } from '../shared/base/log.ts';
import type { EngineDeps } from '../shared/engine/deps.ts';
import { createEngine, type Engine } from '../shared/engine/engine.ts';
import { defaultSettings } from '../shared/engine/settings.ts';
import { readObject } from '../shared/gcp/cloud-storage.ts';
import { createDataflowJobs } from '../shared/gcp/dataflow-jobs.ts';
import { createFirestore } from '../shared/gcp/firestore-client.ts';
import { firestoreDocuments } from '../shared/gcp/firestore-documents.ts';
import { firestoreLedger } from '../shared/gcp/firestore-ledger.ts';
import { firestoreRecommendations } from '../shared/gcp/firestore-recommendations.ts';
import { loadConfigSource } from '../shared/gcp/load-config-source.ts';
import { pubsubOutcomes } from '../shared/gcp/pubsub-outcomes.ts';
import { secretManager } from '../shared/gcp/secrets.ts';
import { createTracing, type Tracing } from '../shared/gcp/start-tracing.ts';
import { tracedLog } from '../shared/gcp/tracing.ts';
import { detectEnvironment } from '../shared/plan/environment.ts';
import { createProfiler } from '../shared/sql/profiler.ts';
import { anyCaller, type Caller, oidcCaller } from './caller.ts';

export type Wired = { readonly engine: Engine; readonly caller: Caller; readonly tickBudgetMs: number };

let wired: Wired | undefined;

/** The engine of this process, built once on first use. Throws EngineError CONFIG naming every bad variable. */
export function wire(): Wired {
  wired ??= compose(process.env);
  return wired;
}

function compose(env: Readonly<Record<string, string | undefined>>): Wired {
  const settings = parseSettings(env);
  const deps = depsOf(settings, env);
  const tracing = tracingOf(settings, deps.runtime.projectId, env.K_SERVICE);
  return {
    engine: tracing === undefined ? createEngine(deps) : tracing.engine(createEngine(tracing.ports(deps))),
    caller: callerOf(settings, env.K_SERVICE !== undefined),
    tickBudgetMs: settings.TICK_BUDGET_MS,
  };
}

function depsOf(settings: Settings, env: Readonly<Record<string, string | undefined>>): EngineDeps {
  const projectId = settings.GOOGLE_CLOUD_PROJECT ?? 'local';
  const region = settings.REGION ?? 'us-central1';
  const detected = detectEnvironment({
    dataflowEmulatorHost: settings.DATAFLOW_EMULATOR_HOST,
    projectId: settings.GOOGLE_CLOUD_PROJECT,
    region: settings.REGION,
  });
  const local = detected.environment === 'LOCAL';
  const firestore = createFirestore({
    projectId,
    emulator: settings.FIRESTORE_EMULATOR_HOST !== undefined,
    ...(settings.FIRESTORE_DATABASE === undefined ? {} : { databaseId: settings.FIRESTORE_DATABASE }),
  });
  return {
    ledger: firestoreLedger(firestore),
    documents: firestoreDocuments(firestore),
    recommendations: firestoreRecommendations(firestore),
    jobs: createDataflowJobs(
      settings.DATAFLOW_EMULATOR_HOST === undefined ? {} : { emulatorHost: settings.DATAFLOW_EMULATOR_HOST },
    ),
    outcomes: pubsubOutcomes({ projectId, topic: settings.OUTCOMES_TOPIC }),
    profiler: createProfiler({
      resolveSecret: local ? environmentSecrets(env) : secretManager(),
      connectTimeoutMs: 5_000,
      clock: systemClock,
    }),
    // On a machine of its own nothing may ask Google: user templates pass unchecked there, secrets come from the environment.
    ...(local ? {} : { containerSpec: readObject }),
    config: loadConfigSource({ location: settings.LOAD_CONFIG, env, clock: systemClock }),
    clock: systemClock,
    tokens: { next: randomUUID },
    log: tracedLog(createLog(), projectId),
    settings: engineSettings(settings),
    runtime: { projectId, region, environment: detected.environment, environmentReason: detected.reason },
  };
}

/** `secret://local/NAME` is the variable NAME; nothing else is a secret here. */
function environmentSecrets(env: Readonly<Record<string, string | undefined>>): (path: string) => Promise<string> {
  return async (path) => {
    const value = env[/^secret:\/\/local\/(\w+)$/.exec(path)?.[1] ?? ''];
    if (value === undefined)
      throw new EngineError('NOT_FOUND', `${path} is not set: on this machine secrets are environment variables`);
    return value;
  };
}

function engineSettings(settings: Settings): EngineDeps['settings'] {
  return {
    ...defaultSettings,
    launchDeadlineMs: settings.LAUNCH_DEADLINE_MS,
    launchLatenessMs: settings.LAUNCH_LATENESS_MS,
    clockSkewMs: settings.CLOCK_SKEW_MS,
    launchSlackMs: settings.LAUNCH_SLACK_MS,
    listLagMs: settings.LIST_LAG_MS,
    pollYoungMs: settings.POLL_YOUNG_MS,
    pollSteadyMs: settings.POLL_STEADY_MS,
    queueRetryMs: settings.QUEUE_RETRY_MS,
    settleAfterMs: settings.SETTLE_AFTER_MS,
  };
}

/** Undefined without a collector: then nothing of OpenTelemetry's SDK is loaded. */
function tracingOf(settings: Settings, projectId: string, service = 'streamnova'): Tracing | undefined {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint === undefined ? undefined : createTracing({ endpoint, projectId, service });
}

/** Cloud Run names the service in K_SERVICE. */
function callerOf(settings: Settings, behindCloudRun: boolean): Caller {
  if (settings.PUSH_AUDIENCE === undefined) return anyCaller;
  return oidcCaller({
    audience: settings.PUSH_AUDIENCE,
    behindCloudRun,
    serviceAccounts: (settings.PUSH_SERVICE_ACCOUNTS ?? '')
      .split(',')
      .map((email) => email.trim())
      .filter(Boolean),
  });
}
