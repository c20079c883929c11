// The Documents and Recommendations ports in memory.

import { EngineError } from '../../shared/base/errors.ts';
import { payloadHashOf } from '../../shared/base/ids.ts';
import type { Documents, Recommendations, Versioned } from '../../shared/engine/ports.ts';
import { type Recommendation, recommendationSchema } from '../../shared/schema/recommendation.ts';
import type { Sync } from './remote.ts';

/** Expired documents stay: the service deletes them "some time after", which is never soon enough to rely on. */
export function memoryDocuments(): Sync<Documents> {
  const documents = new Map<string, Versioned<unknown>>();
  let versions = 0;
  return {
    read: (kind, id) => documents.get(`${kind}/${id}`),
    write(kind, id, value, version) {
      const key = `${kind}/${id}`;
      if (documents.get(key)?.version !== version) return { kind: 'conflict' };
      versions += 1;
      documents.set(key, { value, version: `v${versions}` });
      return { kind: 'applied', version: `v${versions}` };
    },
  };
}

export type MemoryRecommendations = {
  readonly port: Sync<Recommendations>;
  /** Lays a document down past the port, as any producer may. */
  writeRaw(runId: string, document: Record<string, unknown>): void;
};

export function memoryRecommendations(): MemoryRecommendations {
  const documents = new Map<string, { readonly document: unknown; readonly checked: boolean }>();
  const port: Sync<Recommendations> = {
    read(runId) {
      const stored = documents.get(runId);
      if (stored === undefined) return undefined;
      return stored.checked ? (stored.document as Recommendation) : parse(runId, stored.document);
    },
    write(recommendation) {
      const stored = documents.get(recommendation.runId);
      if (stored !== undefined)
        return payloadHashOf(stored.document) === payloadHashOf(recommendation) ? 'written' : 'conflict';
      documents.set(recommendation.runId, { document: recommendation, checked: true });
      return 'written';
    },
  };
  return {
    port,
    writeRaw(runId, document) {
      documents.set(runId, { document, checked: false });
    },
  };
}

function parse(runId: string, document: unknown): Recommendation {
  const parsed = recommendationSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
  throw new EngineError('CORRUPT_RECORD', `recommendations/${runId} does not fit its schema: ${problems}`);
}
