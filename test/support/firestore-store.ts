// Fresh, isolated Firestore stores on the emulator: a random project each, nothing shared, nothing cleared.

import { randomUUID } from 'node:crypto';
import type { Firestore } from '@google-cloud/firestore';
import { inject } from 'vitest';
import { createFirestore } from '../../shared/gcp/firestore-client.ts';

/** True where the emulators run; the suites say aloud why they are skipped elsewhere (test/support/start-emulators.ts). */
export const hasFirestore = inject('firestoreEmulator') !== undefined;

/** A store in its own project: `connect` opens a further client to it, `close` ends them all. */
export function firestoreStore(): { connect(): Firestore; close(): Promise<void> } {
  // The client reads the variable itself; it is the documented way to reach the emulator.
  process.env.FIRESTORE_EMULATOR_HOST = inject('firestoreEmulator');
  const projectId = `test-${randomUUID().slice(0, 8)}`;
  const clients: Firestore[] = [];
  return {
    connect() {
      const client = createFirestore({ projectId, emulator: true });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.terminate()));
    },
  };
}
