// Loads OpenTelemetry's SDK, only where a collector is configured, and puts it around the engine.

import { GoogleAuth } from 'google-auth-library';
import type { EngineDeps } from '../engine/deps.ts';
import type { Engine } from '../engine/engine.ts';
import { createSpanIds } from './span-ids.ts';
import { tracedPorts } from './tracing.ts';

export type Tracing = {
  /** The ports with their spans. */
  ports(deps: EngineDeps): EngineDeps;
  /** The engine whose verbs send their spans before they answer: afterwards the instance may have no CPU. */
  engine(engine: Engine): Engine;
  /** Sends what is left and ends the SDK. */
  close(): Promise<void>;
};

/** A collector that does not answer must not hold a launch. */
const exportTimeoutMs = 2_000;

/**
 * Tracing to the collector at `endpoint` (its base URL; `/v1/traces` is added). Google's own takes the service account's token. The SDK
 * loads while the first request is under way; tracing that fails costs spans, never an answer.
 */
export function createTracing(options: {
  readonly endpoint: string;
  readonly projectId: string;
  readonly service: string;
}): Tracing {
  const ids = createSpanIds();
  const provider = startProvider(options, ids).catch(() => undefined);
  const around =
    <A extends unknown[], R>(verb: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const started = await provider;
      try {
        return await verb(...args);
      } finally {
        await started?.forceFlush().catch(() => undefined);
      }
    };
  return {
    ports: (deps) => tracedPorts(deps, ids),
    engine: (engine) => ({
      ...engine,
      start: around(engine.start),
      rejectUnreadable: around(engine.rejectUnreadable),
      cancel: around(engine.cancel),
      advance: around(engine.advance),
      wake: around(engine.wake),
    }),
    async close() {
      await (await provider)?.shutdown();
    },
  };
}

async function startProvider(
  { endpoint, projectId, service }: Parameters<typeof createTracing>[0],
  idGenerator: ReturnType<typeof createSpanIds>,
) {
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
    ...(isGoogles(endpoint) ? { headers: googleHeaders(projectId) } : {}),
  });
  const provider = new NodeTracerProvider({
    idGenerator,
    resource: resourceFromAttributes({ 'service.name': service, 'gcp.project_id': projectId }),
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: exportTimeoutMs })],
  });
  provider.register();
  return provider;
}

function isGoogles(endpoint: string): boolean {
  return new URL(endpoint).hostname.endsWith('.googleapis.com');
}

/** The exporter asks anew for each request; the token is kept by the auth library until it expires. */
function googleHeaders(projectId: string): () => Promise<Record<string, string>> {
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/trace.append' });
  return async () => {
    try {
      return { ...Object.fromEntries((await auth.getRequestHeaders()).entries()), 'x-goog-user-project': projectId };
    } catch {
      // A headers factory must not throw; without a token the collector refuses the spans, which is all that is lost.
      return {};
    }
  };
}
