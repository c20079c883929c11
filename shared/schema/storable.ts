// What a document store takes for text and field names: a request that holds anything else is refused before it could fail to be recorded.

import type { Violation } from '../base/errors.ts';

/** Firestore's bound on a field name in bytes (Firestore quotas: 1,500 bytes), held with room for the path above it. */
const maxKeyBytes = 1_000;
/** Firestore takes 20 levels; the record itself needs a few. */
const maxDepth = 12;

/**
 * Every place of a JSON value no document store takes: text that is not well-formed Unicode (half of a surrogate pair), field names that
 * are empty, reserved (`__name__`) or too long, and values nested too deeply. Measured on the emulator: writes with them fail with INVALID_ARGUMENT, UNKNOWN or a
 * client error, so a message holding one would come back until it is dead-lettered, without a record.
 */
export function unstorable(value: unknown, path = '', depth = 0): Violation[] {
  if (typeof value === 'string') {
    return value.isWellFormed() ? [] : [violation(path, 'must be well-formed Unicode text')];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (depth >= maxDepth) return [violation(path, `must not be nested more than ${maxDepth} levels deep`)];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = `${path}/${pointerPart(key)}`;
    const problem = Array.isArray(value) ? undefined : keyProblem(key);
    return [...(problem === undefined ? [] : [violation(at, problem)]), ...unstorable(part, at, depth + 1)];
  });
}

function keyProblem(key: string): string | undefined {
  if (key === '') return 'a field name must not be empty';
  if (!key.isWellFormed()) return 'a field name must be well-formed Unicode text';
  if (/^__.*__$/s.test(key)) return 'a field name must not begin and end with two underscores';
  if (Buffer.byteLength(key) > maxKeyBytes) return `a field name must not have more than ${maxKeyBytes} bytes`;
  return undefined;
}

const violation = (path: string, message: string): Violation => ({ code: 'UNSTORABLE', path, message });

const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
