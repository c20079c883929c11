// The Documents port on SQLite: one row per kind and id, the value as JSON, compare-and-set on an integer version.

import type { DatabaseSync } from 'node:sqlite';
import type { Documents } from '../../shared/engine/ports.ts';
import { nextVersion } from './next-version.ts';
import { parseJson } from './parse-document.ts';
import { stored } from './sqlite-errors.ts';

type Row = { readonly version: number; readonly document: string };

/** The documents in a database opened by `openStore`; expired ones are dropped when the store is opened. */
export function sqliteDocuments(db: DatabaseSync): Documents {
  const select = db.prepare('SELECT version, document FROM documents WHERE kind = ? AND id = ?');
  const insert = db.prepare('INSERT INTO documents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const update = db.prepare(
    'UPDATE documents SET version = ?, expires_at = ?, document = ? WHERE kind = ? AND id = ? AND version = ?',
  );
  return {
    read: (kind, id) =>
      stored(`read of ${kind}/${id}`, () => {
        const row = select.get(kind, id) as Row | undefined;
        if (row === undefined) return undefined;
        return { value: parseJson(`${kind}/${id}`, row.document), version: String(row.version) };
      }),
    write: (kind, id, value, version, options = {}) =>
      stored(`write of ${kind}/${id}`, () => {
        const next = nextVersion(db);
        const expiresAt = options.expiresAt ?? null;
        const document = JSON.stringify(value);
        const { changes } =
          version === undefined
            ? insert.run(kind, id, next, expiresAt, document)
            : update.run(next, expiresAt, document, kind, id, Number(version));
        return changes === 1 ? { kind: 'applied', version: String(next) } : { kind: 'conflict' };
      }),
  };
}
