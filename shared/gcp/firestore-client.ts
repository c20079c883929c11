// The Firestore client of this system, and the two things every adapter on it needs: versions and compare-and-set answers.

import { type DocumentReference, FieldValue, Firestore, Timestamp } from '@google-cloud/firestore';
import { PassThroughClient } from 'google-auth-library';
import type { Created, Replaced } from '../engine/ports.ts';
import { translateGrpcError } from './grpc-errors.ts';

/** `emulator`: FIRESTORE_EMULATOR_HOST is set, so no credentials are looked for (the client itself reads the variable). */
export function createFirestore(options: {
  readonly projectId: string;
  readonly databaseId?: string;
  readonly emulator: boolean;
}): Firestore {
  return new Firestore({
    projectId: options.projectId,
    ...(options.databaseId === undefined ? {} : { databaseId: options.databaseId }),
    ignoreUndefinedProperties: true,
    ...(options.emulator ? { authClient: new PassThroughClient() } : {}),
  });
}

/** A document's update time as an opaque version. Nanoseconds are kept: two writes may share a millisecond. */
export function versionOf(time: Timestamp): string {
  return `${time.seconds}.${time.nanoseconds}`;
}

function timeOf(version: string): Timestamp {
  const [seconds, nanoseconds] = version.split('.');
  return new Timestamp(Number(seconds), Number(nanoseconds));
}

/** A plain create, no transaction: contended read-write transactions stall for seconds and hold locks for a minute (measured). */
export async function createDocument(document: DocumentReference, data: Record<string, unknown>): Promise<Created> {
  try {
    const written = await document.create(data);
    return { kind: 'created', version: versionOf(written.writeTime) };
  } catch (error) {
    const translated = translateGrpcError(`create of ${document.path}`, error);
    if (translated.code === 'ALREADY_EXISTS') return { kind: 'exists' };
    throw translated;
  }
}

/**
 * Replaces the whole document if its update time is still `version`. `set` takes no precondition in this client, `update` does but
 * merges top-level fields: so every field of `fields` that `data` lacks is deleted in the same write.
 */
export async function replaceDocument(
  document: DocumentReference,
  data: Record<string, unknown>,
  fields: readonly string[],
  version: string,
): Promise<Replaced> {
  const gone = Object.fromEntries(
    fields.filter((field) => data[field] === undefined).map((field) => [field, FieldValue.delete()]),
  );
  return compareAndSet(`replace of ${document.path}`, () =>
    document.update({ ...data, ...gone }, { lastUpdateTime: timeOf(version) }),
  );
}

async function compareAndSet(what: string, write: () => Promise<{ writeTime: Timestamp }>): Promise<Replaced> {
  try {
    const written = await write();
    return { kind: 'applied', version: versionOf(written.writeTime) };
  } catch (error) {
    const translated = translateGrpcError(what, error);
    // Also what a silent retry of our own applied write answers: the caller reads again and compares.
    if (translated.code === 'FAILED_PRECONDITION' || translated.code === 'NOT_FOUND') return { kind: 'conflict' };
    throw translated;
  }
}
