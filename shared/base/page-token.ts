// Page tokens: the key of the last row, opaque to callers.

import * as z from 'zod';
import { EngineError } from './errors.ts';

const keySchema = z.tuple([z.number(), z.string()]);

/** A token for the row after which the next page starts: its sort value and its id. */
export function pageTokenOf(key: [number, string]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The key in a token. Throws EngineError INVALID_ARGUMENT for anything this system did not write. */
export function parsePageToken(token: string): [number, string] {
  try {
    return keySchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new EngineError('INVALID_ARGUMENT', 'pageToken is not one this list gave out; leave it out to start over', {
      cause,
    });
  }
}
