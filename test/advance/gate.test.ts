// The gate before the monitoring API: so many calls in any second, not only in those a clock happens to count; so many in flight.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGate } from '../../shared/engine/gate.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Asks for calls at these times (ms), and answers when each of them began. */
async function begun(callsPerMinute: number, asked: readonly number[]): Promise<number[]> {
  const gate = createGate({ concurrency: 100, callsPerMinute });
  const starts: number[] = [];
  for (const at of asked) setTimeout(() => void gate(async () => starts.push(Date.now())), at);
  await vi.advanceTimersByTimeAsync(60_000);
  return starts;
}

/** The most calls that began within any stretch of a second. */
const mostInASecond = (starts: readonly number[]): number =>
  Math.max(...starts.map((from) => starts.filter((start) => start >= from && start < from + 1000).length));

test.each([
  ['all at once', () => 0],
  ['one early, the others as its second ends', (index: number) => (index === 0 ? 0 : 900)],
  ['two bursts', (index: number) => (index < 9 ? 950 : 1_050)],
  ['a trickle that turns into a flood', (index: number) => Math.min(index * 300, 2_950)],
])('ten a second are never more than ten in any second: %s', async (_, at) => {
  const asked = Array.from({ length: 40 }, (_one, index) => at(index));
  const starts = await begun(600, asked);
  expect(starts).toHaveLength(40);
  expect(mostInASecond(starts)).toBeLessThanOrEqual(10);
});

test('calls are not held back for longer than the cap asks for', async () => {
  const starts = await begun(
    600,
    Array.from({ length: 40 }, () => 0),
  );
  expect(Math.max(...starts)).toBeLessThanOrEqual(3_100);
});

test('fewer than 60 a minute are still one a second', async () => {
  expect(mostInASecond(await begun(30, [0, 0, 0]))).toBe(1);
});

test('no more are in flight than may be', async () => {
  const gate = createGate({ concurrency: 3, callsPerMinute: Number.POSITIVE_INFINITY });
  let inFlight = 0;
  let most = 0;
  const call = async (): Promise<void> => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setTimeout(resolve, 10));
    inFlight -= 1;
  };
  const all = Promise.all(Array.from({ length: 10 }, () => gate(call)));
  await vi.advanceTimersByTimeAsync(1_000);
  await all;
  expect(most).toBe(3);
});
