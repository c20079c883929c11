// What a warm-up read makes of its three readings; the stopwatch is the test's own.

import { describe, expect, test } from 'vitest';
import { measureReads, type RangeReader, warmUpRows } from '../../shared/sql/warm-up.ts';

/** A source where the first read of a place takes `coldMs`, any other `warmMs`; parallel reads take as long as one. */
function source(coldMs: number, warmMs: number, bytesPerRead = 1_000_000) {
  const seen = new Set<number>();
  let now = 0;
  let open = 0;
  const opened = async (): Promise<RangeReader> => {
    open += 1;
    let received = 0;
    return {
      async read(fromShare) {
        const startedAt = now;
        const tookMs = seen.has(fromShare) ? warmMs : coldMs;
        seen.add(fromShare);
        await Promise.resolve();
        now = Math.max(now, startedAt + tookMs);
        received += bytesPerRead;
      },
      bytesReceived: () => received,
      async close() {
        open -= 1;
      },
    };
  };
  return { opened, stopwatch: () => now, stillOpen: () => open, places: seen };
}

describe('a warm-up read', () => {
  test('tells the rate of one connection and of four together, from places that it had not read', async () => {
    const { opened, stopwatch, places } = source(100, 20);
    expect(await measureReads(opened, stopwatch)).toEqual({
      warm: false,
      connections: 4,
      bytesRead: 6_000_000,
      durationMs: 220,
      mbPerSecPerConnection: 10,
      mbPerSecTotal: 40,
    });
    expect(places.size).toBe(5);
  });

  test('says warm where reading a range again gains nothing', async () => {
    const { opened, stopwatch } = source(20, 20);
    expect(await measureReads(opened, stopwatch)).toMatchObject({ warm: true });
  });

  test('says nothing where nothing came, or too fast to time', async () => {
    const nothing = source(100, 20, 0);
    expect(await measureReads(nothing.opened, nothing.stopwatch)).toBeUndefined();
    const instant = source(0, 0);
    expect(await measureReads(instant.opened, instant.stopwatch)).toBeUndefined();
  });

  test('closes every connection, also when one fails', async () => {
    const { opened, stopwatch, stillOpen } = source(100, 20);
    await measureReads(opened, stopwatch);
    expect(stillOpen()).toBe(0);
    let count = 0;
    const failing = async (): Promise<RangeReader> => {
      count += 1;
      if (count === 3) throw new Error('too many connections');
      return opened();
    };
    await expect(measureReads(failing, stopwatch)).rejects.toThrow('too many connections');
    expect(stillOpen()).toBe(0);
  });

  test('takes fewer rows the wider they are, at most 16 MB and 20,000', () => {
    expect([warmUpRows(10), warmUpRows(8000), warmUpRows(10_000_000), warmUpRows(null)]).toEqual([
      20_000, 2000, 100, 20_000,
    ]);
  });
});
