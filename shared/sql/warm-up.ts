// Measures how fast a table is read: one connection, the same range again, then several at once; bytes counted on the wire.

import { systemStopwatch } from '../base/clock.ts';
import type { TableProfile } from '../schema/profile.ts';

/** A connection that reads one range: from a place in the table (a share of it, 0..1) some rows onwards. */
export type RangeReader = {
  read(fromShare: number): Promise<void>;
  /** Bytes received so far, protocol included: what the network carries. */
  bytesReceived(): number;
  close(): Promise<void>;
};

/** Milliseconds from any moment on; only differences count. */
export type Stopwatch = () => number;

const parallelConnections = 4;
/** A range read a second time comes from memory. If that gains less than this, the first time did too: the table is warm. */
const warmRatio = 1.3;

/** Rows a warm-up read takes from each place: 20,000, or fewer where that would be more than 16 MB. */
export function warmUpRows(averageRowBytes: number | null): number {
  return Math.max(100, Math.min(20_000, Math.floor(16e6 / Math.max(1, averageRowBytes ?? 1))));
}

/**
 * The rate of one connection, from its first read of a range, and of four together at other places, which that read cannot have warmed.
 * `warm` says whether the first read was served from memory. Connecting is not counted. Undefined when nothing was received, or too
 * fast to time.
 */
export async function measureReads(
  open: () => Promise<RangeReader>,
  stopwatch: Stopwatch = systemStopwatch,
): Promise<TableProfile['readThroughput']> {
  const timed = (readers: readonly RangeReader[], places: readonly number[]) => time(readers, places, stopwatch);
  const one = await openAll(open, 1);
  const many: RangeReader[] = [];
  try {
    const first = await timed(one, [0]);
    const again = await timed(one, [0]);
    many.push(...(await openAll(open, parallelConnections)));
    const places = many.map((_, index) => (index + 1) / (parallelConnections + 1));
    const together = await timed(many, places);
    if (first.bytes === 0 || together.bytes === 0 || first.durationMs <= 0 || together.durationMs <= 0)
      return undefined;
    return {
      warm: first.durationMs < warmRatio * again.durationMs,
      connections: parallelConnections,
      bytesRead: first.bytes + again.bytes + together.bytes,
      durationMs: Math.round(first.durationMs + again.durationMs + together.durationMs),
      mbPerSecPerConnection: mbPerSec(first),
      mbPerSecTotal: mbPerSec(together),
    };
  } finally {
    await Promise.allSettled([...one, ...many].map((reader) => reader.close()));
  }
}

type Timed = { readonly bytes: number; readonly durationMs: number };

async function openAll(open: () => Promise<RangeReader>, count: number): Promise<RangeReader[]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, open));
  const readers = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) return readers;
  await Promise.allSettled(readers.map((reader) => reader.close()));
  throw failed.reason;
}

async function time(readers: readonly RangeReader[], places: readonly number[], stopwatch: Stopwatch): Promise<Timed> {
  const before = readers.map((reader) => reader.bytesReceived());
  const startedAt = stopwatch();
  await Promise.all(readers.map((reader, index) => reader.read(places[index] ?? 0)));
  const durationMs = stopwatch() - startedAt;
  return {
    bytes: readers.reduce((sum, reader, index) => sum + reader.bytesReceived() - (before[index] ?? 0), 0),
    durationMs,
  };
}

const mbPerSec = ({ bytes, durationMs }: Timed): number => Math.round((bytes / 1e6 / (durationMs / 1000)) * 100) / 100;
