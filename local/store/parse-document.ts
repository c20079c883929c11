// Reads a stored document back through its schema: a damaged one is named, with every place that does not fit.

import type * as z from 'zod';
import { EngineError } from '../../shared/base/errors.ts';

/** The document in `text`. Throws EngineError CORRUPT_RECORD naming `what` (kind and id) and the path of every problem. */
export function parseDocument<T>(what: string, schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(parseJson(what, text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
  throw new EngineError('CORRUPT_RECORD', `${what} does not fit its schema: ${problems}`);
}

/** Any JSON value. Throws EngineError CORRUPT_RECORD naming `what`. */
export function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('CORRUPT_RECORD', `${what} is not JSON`, { cause });
  }
}
