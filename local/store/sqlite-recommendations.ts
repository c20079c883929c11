// The Recommendations port on SQLite: one row per runId, checked on read because any producer may have written it.

import type { DatabaseSync } from 'node:sqlite';
import { payloadHashOf } from '../../shared/base/ids.ts';
import type { Recommendations } from '../../shared/engine/ports.ts';
import { type Recommendation, recommendationSchema } from '../../shared/schema/recommendation.ts';
import { parseDocument } from './parse-document.ts';
import { stored } from './sqlite-errors.ts';

/** The recommendations in a database opened by `openStore`. */
export function sqliteRecommendations(db: DatabaseSync): Recommendations {
  const select = db.prepare('SELECT document FROM recommendations WHERE run_id = ?');
  const insert = db.prepare('INSERT INTO recommendations VALUES (?, ?) ON CONFLICT DO NOTHING');
  const read = (runId: string): Recommendation | undefined => {
    const row = select.get(runId) as { document: string } | undefined;
    return row === undefined
      ? undefined
      : parseDocument(`recommendations/${runId}`, recommendationSchema, row.document);
  };
  return {
    read: (runId) => stored(`recommendation of run ${JSON.stringify(runId)}`, () => read(runId)),
    write: (recommendation) =>
      stored(`recommendation of run ${JSON.stringify(recommendation.runId)}`, () => {
        const { changes } = insert.run(recommendation.runId, JSON.stringify(recommendation));
        if (changes === 1) return 'written';
        const present = read(recommendation.runId);
        return present !== undefined && payloadHashOf(present) === payloadHashOf(recommendation)
          ? 'written'
          : 'conflict';
      }),
  };
}
