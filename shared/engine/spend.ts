// What a load has cost per UTC day: a document of entries keyed by execution, so that booking twice changes nothing.

import * as z from 'zod';
import { EngineError } from '../base/errors.ts';
import { documentIdOf } from '../base/ids.ts';
import type { Execution } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';

type Deps = Pick<EngineDeps, 'documents' | 'clock'>;

const microUsdSchema = z.int().min(0);
/** Micro-dollars: a plain number is the estimate, from acceptance on; from the end on what was metered, and when that was read (epoch ms). */
const bookingSchema = z.union([microUsdSchema, z.strictObject({ microUsd: microUsdSchema, readAt: z.int().min(0) })]);
export type Booking = z.output<typeof bookingSchema>;
const spendSchema = z.record(z.string(), bookingSchema);
type Spend = z.output<typeof spendSchema>;

const maxRaces = 20;
/** A day's document is of no use after the day but for looking back; the store may delete it then. */
const keepMs = 90 * 86_400_000;

/** The cost booked today (UTC) for a load by all executions but `executionId`, in micro-dollars. */
export async function spentToday(deps: Deps, load: string, executionId: string): Promise<number> {
  const { spend } = await readSpend(deps, load, deps.clock.now());
  return sumWithout(spend, executionId);
}

/**
 * Books an amount for the execution on the day it was accepted. With a `budget` nothing is booked that would exceed it; answers whether
 * the execution is booked. An estimate never takes the place of a metered amount, nor an earlier reading that of a later one, however
 * late it arrives. Throws EngineError ABORTED after losing too many races.
 */
export async function book(
  deps: Deps,
  execution: Pick<Execution, 'executionId' | 'load' | 'acceptedAt'>,
  booking: Booking,
  budget?: number,
): Promise<boolean> {
  for (let race = 0; race < maxRaces; race += 1) {
    const { id, spend, version } = await readSpend(deps, execution.load, execution.acceptedAt);
    if (!supersedes(booking, spend[execution.executionId])) return true;
    if (budget !== undefined && sumWithout(spend, execution.executionId) + amountOf(booking) > budget) return false;
    const booked = { ...spend, [execution.executionId]: booking };
    const expiresAt = execution.acceptedAt + keepMs;
    const written = await deps.documents.write('spend', id, booked, version, { expiresAt });
    if (written.kind === 'applied') return true;
  }
  throw new EngineError('ABORTED', `spend of load ${execution.load}: lost ${maxRaces} races; done again later`);
}

async function readSpend(
  deps: Deps,
  load: string,
  at: number,
): Promise<{ id: string; spend: Spend; version: string | undefined }> {
  const id = documentIdOf('spend', `${load}\u0000${new Date(at).toISOString().slice(0, 10)}`);
  const stored = await deps.documents.read('spend', id);
  if (stored === undefined) return { id, spend: {}, version: undefined };
  const parsed = spendSchema.safeParse(stored.value);
  if (!parsed.success)
    throw new EngineError('CORRUPT_RECORD', `spend/${id} does not fit its schema: ${parsed.error.message}`);
  return { id, spend: parsed.data, version: stored.version };
}

function sumWithout(spend: Spend, executionId: string): number {
  return Object.entries(spend).reduce((sum, [key, entry]) => (key === executionId ? sum : sum + amountOf(entry)), 0);
}

const amountOf = (booking: Booking): number => (typeof booking === 'number' ? booking : booking.microUsd);

function supersedes(booking: Booking, known: Booking | undefined): boolean {
  if (known === undefined) return true;
  if (typeof booking === 'number') return typeof known === 'number' && booking !== known;
  // What was metered stands even where the estimate was equal: only then an estimate that is late finds that it is.
  return typeof known === 'number' || (booking.readAt > known.readAt && booking.microUsd !== known.microUsd);
}
