// Reads a JSON request body within its limits; every problem is a problem document.

import type { Request } from '@google-cloud/functions-framework';
import type * as z from 'zod';
import type { Violation } from '../shared/base/errors.ts';
import { violationsOf } from '../shared/schema/api.ts';
import { unstorable } from '../shared/schema/storable.ts';
import type { Problem } from './problem.ts';

/** The framework buffers up to 1 GiB before any code of ours runs; a request of this API is a few hundred bytes. */
export const maxBodyBytes = 256 * 1024;

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

const refused = (
  status: number,
  type: string,
  title: string,
  detail: string,
  errors?: readonly Violation[],
): Parsed<never> => ({
  ok: false,
  problem: { status, type, title, detail, ...(errors === undefined ? {} : { errors }) },
});

/** The body as `schema` has it, or 413, 415, 400 with every violation. `optional`: an empty body counts as `{}`. */
export function parseBody<S extends z.ZodType>(
  request: Request,
  schema: S,
  options: { readonly optional?: boolean } = {},
): Parsed<z.output<S>> {
  const body = request.rawBody ?? Buffer.alloc(0);
  if (body.length > maxBodyBytes) {
    return refused(
      413,
      'too-large',
      'Request body too large',
      `the body has ${body.length} bytes; ${maxBodyBytes} are allowed`,
    );
  }
  if (body.length === 0 && options.optional === true) return parseValue({}, schema);
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
    return refused(
      415,
      'unsupported-media-type',
      'Unsupported media type',
      'send the body as Content-Type: application/json',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return refused(
      400,
      'malformed-json',
      'Malformed JSON',
      error instanceof Error ? error.message.slice(0, 200) : 'not JSON',
    );
  }
  const errors = unstorable(value);
  return errors.length > 0 ? invalid(errors) : parseValue(value, schema);
}

/** A value as `schema` has it, or 400 with every violation at once. */
export function parseValue<S extends z.ZodType>(value: unknown, schema: S): Parsed<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return invalid(violationsOf(parsed.error));
}

function invalid(errors: readonly Violation[]): Parsed<never> {
  const detail = errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ');
  return refused(400, 'invalid-request', 'Invalid request', detail, errors);
}
