// The contracts of Documents and Recommendations on the stores the simulation uses.

import type { Documents, Recommendations } from '../../shared/engine/ports.ts';
import { memoryDocuments, memoryRecommendations } from '../simulation/memory-documents.ts';
import { perfectWire, remote } from '../simulation/remote.ts';
import { documentsContract } from './documents.contract.ts';
import { recommendationsContract } from './recommendations.contract.ts';

documentsContract('memory', async () => {
  const store = memoryDocuments();
  const connect = (): Documents => remote<Documents>('documents', store, perfectWire);
  return { documents: connect(), connect: async () => connect(), close: async () => {} };
});

recommendationsContract('memory', async () => {
  const store = memoryRecommendations();
  return {
    recommendations: remote<Recommendations>('recommendations', store.port, perfectWire),
    writeRaw: async (runId, document) => store.writeRaw(runId, document),
    close: async () => {},
  };
});
