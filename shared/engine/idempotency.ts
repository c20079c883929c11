// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): same key and payload, same answer; other payload 422; in flight 409.

import * as z from 'zod';
import { EngineError } from '../base/errors.ts';
import { documentIdOf } from '../base/ids.ts';
import type { EngineDeps } from './deps.ts';
import { leaseMs } from './settings.ts';

/** An HTTP answer that can be stored and replayed. */
const answerSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});
export type Answer = z.output<typeof answerSchema>;

const recordSchema = z.strictObject({
  payloadHash: z.string(),
  token: z.string(),
  startedAt: z.int(),
  /** `refused`: nothing was done, so any request may follow; `open`: ended by a fault, so the same request runs again. */
  state: z.enum(['running', 'refused', 'open', 'done']),
  answer: answerSchema.optional(),
});
type KeyRecord = z.output<typeof recordSchema>;

export type Idempotent =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly replayed: boolean }
  | { readonly kind: 'in-flight'; readonly retryAfterSec: number }
  | { readonly kind: 'other-payload' };

/** How long an answer is kept for replay; the execution itself is remembered as long as its document lives. */
const keepMs = 30 * 86_400_000;

/**
 * Runs `run` once per key and payload. Only answers below 300 are kept: a refused request may be corrected under the same key (as
 * Stripe does), and a fault may be retried. A run whose instance died is taken over after the lease; `run` itself must be idempotent.
 */
export async function answerOnce(
  deps: Pick<EngineDeps, 'documents' | 'clock' | 'tokens' | 'settings'>,
  key: string,
  payloadHash: string,
  run: () => Promise<Answer>,
): Promise<Idempotent> {
  const id = documentIdOf('key', key);
  const token = deps.tokens.next();
  const begun = await begin(deps, id, { payloadHash, token, startedAt: deps.clock.now(), state: 'running' });
  if (begun.kind !== 'ours') return begun;
  let answer: Answer | undefined;
  try {
    answer = await run();
    return { kind: 'answered', answer, replayed: false };
  } finally {
    const keep = answer !== undefined && answer.status < 300;
    const record: KeyRecord = {
      payloadHash,
      token,
      startedAt: deps.clock.now(),
      state: keep ? 'done' : answer !== undefined && answer.status < 500 ? 'refused' : 'open',
      ...(keep && answer !== undefined ? { answer } : {}),
    };
    await deps.documents.write('idempotency', id, record, begun.version, { expiresAt: deps.clock.now() + keepMs });
  }
}

async function begin(
  deps: Pick<EngineDeps, 'documents' | 'clock' | 'settings'>,
  id: string,
  record: KeyRecord,
): Promise<{ kind: 'ours'; version: string } | Idempotent> {
  const options = { expiresAt: deps.clock.now() + keepMs };
  const created = await deps.documents.write('idempotency', id, record, undefined, options);
  if (created.kind === 'applied') return { kind: 'ours', version: created.version };
  const stored = await deps.documents.read('idempotency', id);
  if (stored === undefined) return { kind: 'in-flight', retryAfterSec: 1 };
  const known = parse(id, stored.value);
  // The store may have retried our own create silently.
  if (known.token === record.token) return { kind: 'ours', version: stored.version };
  if (known.payloadHash !== record.payloadHash && known.state !== 'refused') return { kind: 'other-payload' };
  if (known.state === 'done' && known.answer !== undefined)
    return { kind: 'answered', answer: known.answer, replayed: true };
  const freeAt = known.startedAt + leaseMs(deps.settings);
  if (known.state === 'running' && deps.clock.now() <= freeAt) {
    return {
      kind: 'in-flight',
      retryAfterSec: Math.max(1, Math.min(30, Math.ceil((freeAt - deps.clock.now()) / 1000))),
    };
  }
  const taken = await deps.documents.write('idempotency', id, record, stored.version, options);
  return taken.kind === 'applied' ? { kind: 'ours', version: taken.version } : { kind: 'in-flight', retryAfterSec: 1 };
}

/** Throws EngineError CORRUPT_RECORD: "in flight" would be the answer for ever. */
function parse(id: string, value: unknown): KeyRecord {
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`).join('; ');
  throw new EngineError('CORRUPT_RECORD', `idempotency/${id} does not fit its schema: ${problems}`);
}
