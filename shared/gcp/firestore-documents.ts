// The Documents port on Firestore: one collection per kind, the value under one field, an expiry for the TTL policy.

import { type Firestore, Timestamp } from '@google-cloud/firestore';
import type { Documents } from '../engine/ports.ts';
import { createDocument, replaceDocument, versionOf } from './firestore-client.ts';
import { translated } from './grpc-errors.ts';

const fields = ['value', 'expiresAt'];

export function firestoreDocuments(firestore: Firestore): Documents {
  return {
    async read(kind, id) {
      const snapshot = await translated(`read of ${kind}/${id}`, () => firestore.collection(kind).doc(id).get());
      if (!snapshot.exists || snapshot.updateTime === undefined) return undefined;
      return { value: snapshot.get('value'), version: versionOf(snapshot.updateTime) };
    },
    async write(kind, id, value, version, options = {}) {
      const document = firestore.collection(kind).doc(id);
      const data = {
        value,
        ...(options.expiresAt === undefined ? {} : { expiresAt: Timestamp.fromMillis(options.expiresAt) }),
      };
      if (version !== undefined) return replaceDocument(document, data, fields, version);
      const created = await createDocument(document, data);
      return created.kind === 'created' ? { kind: 'applied', version: created.version } : { kind: 'conflict' };
    },
  };
}
