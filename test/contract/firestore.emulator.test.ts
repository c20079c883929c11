// The contracts of Ledger, Documents and Recommendations on Google's Firestore emulator.

import { describe } from 'vitest';
import { firestoreDocuments } from '../../shared/gcp/firestore-documents.ts';
import { firestoreLedger } from '../../shared/gcp/firestore-ledger.ts';
import { firestoreRecommendations, recommendationId } from '../../shared/gcp/firestore-recommendations.ts';
import { firestoreStore, hasFirestore } from '../support/firestore-store.ts';
import { documentsContract } from './documents.contract.ts';
import { ledgerContract } from './ledger.contract.ts';
import { recommendationsContract } from './recommendations.contract.ts';

describe.runIf(hasFirestore)('on the emulator', () => {
  ledgerContract('Firestore', async () => {
    const store = firestoreStore();
    const firestore = store.connect();
    return {
      ledger: firestoreLedger(firestore),
      connect: async () => firestoreLedger(store.connect()),
      async writeRaw(executionId, document) {
        await firestore.collection('executions').doc(executionId).set(document);
      },
      close: store.close,
    };
  });

  documentsContract('Firestore', async () => {
    const store = firestoreStore();
    return {
      documents: firestoreDocuments(store.connect()),
      connect: async () => firestoreDocuments(store.connect()),
      close: store.close,
    };
  });

  recommendationsContract('Firestore', async () => {
    const store = firestoreStore();
    const firestore = store.connect();
    return {
      recommendations: firestoreRecommendations(firestore),
      async writeRaw(runId, document) {
        await firestore.collection('recommendations').doc(recommendationId(runId)).set(document);
      },
      close: store.close,
    };
  });
});
