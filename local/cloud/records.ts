// Where the local cloud keeps its documents: its own SQLite file, or Google's Firestore emulator.

import type { DatabaseSync } from 'node:sqlite';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { createFirestore } from '../../shared/gcp/firestore-client.ts';
import { firestoreDocuments } from '../../shared/gcp/firestore-documents.ts';
import { firestoreLedger } from '../../shared/gcp/firestore-ledger.ts';
import { firestoreRecommendations } from '../../shared/gcp/firestore-recommendations.ts';
import { sqliteDocuments } from '../store/sqlite-documents.ts';
import { sqliteLedger } from '../store/sqlite-ledger.ts';
import { sqliteRecommendations } from '../store/sqlite-recommendations.ts';
import type { Emulators } from './emulators.ts';

export type Records = Pick<EngineDeps, 'ledger' | 'documents' | 'recommendations'> & {
  /** For people. */
  readonly name: string;
  close(): Promise<void>;
};

/** The documents in a database opened by `openStore`, which stays the caller's to close. */
export function sqliteRecords(db: DatabaseSync): Records {
  return {
    name: 'SQLite',
    ledger: sqliteLedger(db),
    documents: sqliteDocuments(db),
    recommendations: sqliteRecommendations(db),
    close: async () => {},
  };
}

/** The documents in the emulator at `host`, by the adapters of the deployed functions. The client itself reads FIRESTORE_EMULATOR_HOST. */
export function firestoreRecords(host: string, { projectId }: Emulators): Records {
  const firestore = createFirestore({ projectId, emulator: true });
  return {
    name: `Firestore emulator at ${host}`,
    ledger: firestoreLedger(firestore),
    documents: firestoreDocuments(firestore),
    recommendations: firestoreRecommendations(firestore),
    close: () => firestore.terminate(),
  };
}
