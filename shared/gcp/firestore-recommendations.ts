// The Recommendations port on Firestore: documents `recommendations/{runId}`, written by the recommender or by anybody who keeps the contract.

import type { Firestore } from '@google-cloud/firestore';
import { EngineError } from '../base/errors.ts';
import { documentIdOf, payloadHashOf } from '../base/ids.ts';
import type { Recommendations } from '../engine/ports.ts';
import { type Recommendation, recommendationSchema } from '../schema/recommendation.ts';
import { createDocument } from './firestore-client.ts';
import { translated } from './grpc-errors.ts';

export function firestoreRecommendations(firestore: Firestore): Recommendations {
  const collection = firestore.collection('recommendations');
  const read = async (runId: string): Promise<Recommendation | undefined> => {
    const snapshot = await translated(`recommendation of run ${JSON.stringify(runId)}`, () =>
      collection.doc(recommendationId(runId)).get(),
    );
    if (!snapshot.exists) return undefined;
    const parsed = recommendationSchema.safeParse(snapshot.data());
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
      throw new EngineError(
        'CORRUPT_RECORD',
        `recommendations/${snapshot.id} does not fit schema version 1: ${problems}`,
      );
    }
    return parsed.data;
  };
  return {
    read,
    async write(recommendation) {
      const created = await createDocument(collection.doc(recommendationId(recommendation.runId)), recommendation);
      if (created.kind === 'created') return 'written';
      const stored = await read(recommendation.runId);
      return stored !== undefined && payloadHashOf(stored) === payloadHashOf(recommendation) ? 'written' : 'conflict';
    },
  };
}

/**
 * The document id of a run: the runId itself where that is a safe id, so that producers need no code of ours; a hash otherwise. A slash
 * would silently name another path, `.`, `..` and `__x__` are refused by Firestore (reliability facts 3).
 */
export function recommendationId(runId: string): string {
  return /^(?!\.{1,2}$)(?!__.*__$)[A-Za-z0-9._~:@+-]{1,200}$/.test(runId) ? runId : documentIdOf('run', runId);
}
