// Hands out document versions: one growing sequence for the whole store.

import type { DatabaseSync } from 'node:sqlite';

/** A number never handed out before. One that ends unused is no loss: versions are only ever compared for equality. */
export function nextVersion(db: DatabaseSync): number {
  return Number(db.prepare('UPDATE versions SET last = last + 1 RETURNING last').get()?.last);
}
