// Translates what SQLite throws at the call; nothing above this folder knows an SQLite number.

import { EngineError } from '../../shared/base/errors.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html): busy, locked. Everything else says nothing definite: retry. */
const contended = [5, 6];

/** Runs a synchronous piece of work as the port's promise; throws EngineError UNAVAILABLE when the file is locked, UNKNOWN otherwise. */
export async function stored<T>(what: string, work: () => T): Promise<T> {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    const code = contended.includes(resultCode(cause) & 0xff) ? 'UNAVAILABLE' : 'UNKNOWN';
    throw new EngineError(code, `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** SQLITE_CONSTRAINT_PRIMARYKEY: a row with this key is there already. */
export function isDuplicate(error: unknown): boolean {
  return resultCode(error) === 1555;
}

function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
}
