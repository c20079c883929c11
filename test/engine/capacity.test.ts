// Places: given once per execution whatever is repeated, never beyond a limit, in fair order, and never to whoever has ended.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import {
  admit,
  type Capacity,
  emptyCapacity,
  fairOrder,
  release,
  type Want,
  waitingMs,
} from '../../shared/engine/capacity.ts';

const now = 1_767_323_045_000;
const hour = 3_600_000;

const want = (executionId: string, fields: Partial<Want> = {}): Want => ({
  executionId,
  attempt: 1,
  source: 'shop',
  connections: 8,
  connectionBudget: 20,
  maxConcurrentJobs: 2,
  acceptedAt: now,
  runningMs: 18 * hour,
  ...fields,
});

/** Asks for each in turn and keeps what came of it. */
function ask(
  wants: readonly Want[],
  from: Capacity = emptyCapacity,
  at = now,
): { capacity: Capacity; admitted: string[] } {
  const admitted: string[] = [];
  let capacity = from;
  for (const one of wants) {
    const admission = admit(capacity, one, at);
    capacity = admission.capacity;
    if (admission.admitted) admitted.push(one.executionId);
  }
  return { capacity, admitted };
}

const runningIds = (capacity: Capacity): string[] => Object.keys(capacity.running).sort();

describe('a place', () => {
  test('is kept by whoever holds it: asking again writes nothing', () => {
    const { capacity } = ask([want('a')]);
    const again = admit(capacity, want('a'), now + 1);
    expect(again.admitted).toBe(true);
    expect(again.capacity).toBe(capacity);
  });

  test('is refused beyond the number of jobs, and beyond the connections of a source, each with its reason', () => {
    const { capacity } = ask([want('a'), want('b')]);
    expect(admit(capacity, want('c', { source: 'depot' }), now).reason).toBe('2 of 2 concurrent jobs are running');
    const { capacity: wide } = ask([want('a', { maxConcurrentJobs: 9 }), want('b', { maxConcurrentJobs: 9 })]);
    expect(admit(wide, want('c', { maxConcurrentJobs: 9 }), now).reason).toBe(
      'source shop: 16 of 20 connections are in use, 8 are needed',
    );
  });

  test('is given back once: a second release changes nothing', () => {
    const { capacity } = ask([want('a'), want('b')]);
    const released = release(capacity, 'a', now);
    expect(runningIds(released ?? emptyCapacity)).toEqual(['b']);
    expect(release(released ?? emptyCapacity, 'a', now)).toBeUndefined();
  });

  test('given back stays given back: a request that read the execution before its end gets no place', () => {
    const released = release(ask([want('a')]).capacity, 'a', now) ?? emptyCapacity;
    const late = admit(released, want('a'), now + 60_000);
    expect(late.admitted).toBe(false);
    expect(late.capacity).toBe(released);
  });

  test('is refused to an execution that ended before it ever had one', () => {
    const released = release(emptyCapacity, 'a', now) ?? emptyCapacity;
    expect(admit(released, want('a'), now).admitted).toBe(false);
  });

  test('of the dead expires', () => {
    const { capacity } = ask([want('a'), want('b')]);
    expect(admit(capacity, want('c'), now + 18 * hour).admitted).toBe(true);
  });
});

describe('a further attempt', () => {
  test('that holds fewer connections frees the rest', () => {
    const { capacity } = ask([want('a', { connections: 16 })]);
    const { capacity: smaller, admitted } = ask([want('a', { connections: 8 }), want('b')], capacity);
    expect(admitted).toEqual(['a', 'b']);
    expect(smaller.running.a?.connections).toBe(8);
  });

  test('that would hold more connections than are free waits, and holds none meanwhile', () => {
    const { capacity } = ask([want('a'), want('b')]);
    const { capacity: waiting, admitted } = ask([want('a', { connections: 16 })], capacity);
    expect(admitted).toEqual([]);
    expect(runningIds(waiting)).toEqual(['b']);
    expect(admit(release(waiting, 'b', now) ?? waiting, want('a', { connections: 16 }), now).admitted).toBe(true);
  });

  test('holds its place for its own running time, however late it began', () => {
    const { capacity } = ask([want('a')]);
    const later = now + 6 * hour;
    expect(admit(capacity, want('a'), later).capacity.running.a?.expiresAt).toBe(later + 18 * hour);
  });
});

describe('an earlier attempt, asking late,', () => {
  const second = { attempt: 2, connections: 4 };

  test('neither widens nor gives up the place of a later one', () => {
    const { capacity } = ask([want('a'), want('a', second)]);
    const late = admit(capacity, want('a'), now);
    expect(late.admitted).toBe(false);
    expect(late.capacity).toBe(capacity);
  });
});

describe('whoever will not queue', () => {
  const leaseMs = 5 * 60_000;

  test('does not shorten or shrink the place of the job that runs already', () => {
    const { capacity } = ask([want('a')]);
    const again = admit(capacity, want('a', { connections: 4, runningMs: leaseMs, joinsQueue: false }), now);
    expect(again.admitted).toBe(true);
    expect(again.capacity).toBe(capacity);
  });

  test('is refused when it would need more than that job holds, which is left as it is', () => {
    const { capacity } = ask([want('a')]);
    const again = admit(capacity, want('a', { connections: 9, runningMs: leaseMs, joinsQueue: false }), now);
    expect(again.admitted).toBe(false);
    expect(again.capacity).toBe(capacity);
  });

  test('keeps the place of an earlier try that died before it claimed anything', () => {
    const terms = { runningMs: leaseMs, joinsQueue: false };
    const { capacity } = ask([want('a', terms)]);
    const again = admit(capacity, want('a', terms), now + 60_000);
    expect(again.admitted).toBe(true);
    expect(again.capacity.running.a?.expiresAt).toBe(now + 60_000 + leaseMs);
  });

  test('leaves nothing behind when there is no place', () => {
    const { capacity } = ask([want('a'), want('b')]);
    const admission = admit(capacity, want('c', { joinsQueue: false }), now);
    expect(admission.admitted).toBe(false);
    expect(admission.capacity).toBe(capacity);
  });

  test('passes nobody who waits and fits', () => {
    const { capacity } = ask([want('a'), want('b'), want('waits')]);
    const free = release(capacity, 'a', now) ?? capacity;
    expect(admit(free, want('c', { joinsQueue: false, acceptedAt: now + 1 }), now).admitted).toBe(false);
  });
});

describe('a queue as long as one document holds', () => {
  test('takes nobody else in, and serves who is in it', () => {
    const waiting = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [
        `w${index}`,
        { attempt: 1, source: 'shop', connections: 8, since: now + index, expiresAt: now + hour },
      ]),
    );
    const queue: Capacity = { ...ask([want('a'), want('b')]).capacity, waiting };
    const late = admit(queue, want('late', { acceptedAt: now + hour }), now);
    expect(late).toEqual({ capacity: queue, admitted: false, reason: '2 of 2 concurrent jobs are running' });
    const free = release(queue, 'a', now) ?? queue;
    expect(admit(free, want('late', { acceptedAt: now + hour }), now).admitted).toBe(false);
    expect(admit(free, want('w0'), now).admitted).toBe(true);
  });
});

describe('the order of those who wait', () => {
  test('is oldest first within a source and round-robin over sources, the longest unserved first', () => {
    const wants = [
      want('s1', { acceptedAt: now + 1 }),
      want('s2', { acceptedAt: now + 2 }),
      want('d1', { source: 'depot', acceptedAt: now + 3 }),
    ];
    const full = ask([want('x', { source: 'depot' }), want('y', { source: 'depot' })]).capacity;
    expect(fairOrder(ask(wants, full).capacity)).toEqual(['s1', 'd1', 's2']);
  });

  test('lets a place go to whoever is first, not to whoever asks first', () => {
    const { capacity } = ask([want('a'), want('b'), want('first', { acceptedAt: now + 1 })]);
    const free = release(capacity, 'a', now) ?? capacity;
    const second = admit(free, want('second', { acceptedAt: now + 2 }), now);
    expect(second.reason).toBe('others have waited longer');
    expect(admit(second.capacity, want('first', { acceptedAt: now + 1 }), now).admitted).toBe(true);
  });

  test('keeps what becomes free of a source for whoever waits longest there, however much that needs', () => {
    const terms = { maxConcurrentJobs: 9, connectionBudget: 32 };
    const small = (index: number) => want(`s${index}`, { ...terms, connections: 16, acceptedAt: now + index });
    const big = want('big', { ...terms, connections: 32, acceptedAt: now + 1 });
    let { capacity } = ask([small(0), big]);
    for (let index = 2; index < 20; index += 1) {
      const younger = admit(capacity, small(index), now);
      expect(younger).toMatchObject({ admitted: false, reason: 'others have waited longer' });
      capacity = younger.capacity;
    }
    expect(admit(capacity, want('else', { ...terms, source: 'depot' }), now).admitted).toBe(true);
    expect(admit(release(capacity, 's0', now) ?? capacity, big, now).admitted).toBe(true);
  });

  test('is not held up by whoever needs more than its source ever has', () => {
    const { capacity } = ask([want('never', { connections: 21 })]);
    expect(admit(capacity, want('small', { acceptedAt: now + 1 }), now).admitted).toBe(true);
  });

  test('forgets whoever has not asked again for half an hour', () => {
    const { capacity } = ask([want('a'), want('b'), want('gone')]);
    const later = now + waitingMs + 1;
    const free = release(capacity, 'a', later) ?? capacity;
    expect(admit(free, want('new', { acceptedAt: later }), later).admitted).toBe(true);
  });
});

const step = fc.record({
  executionId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  verb: fc.constantFrom('ask', 'ask', 'ask', 'release'),
  source: fc.constantFrom('shop', 'depot'),
  connections: fc.constantFrom(0, 4, 8, 12),
});

property.prop([fc.array(step, { maxLength: 60 })])(
  'whatever is asked and given back in whatever order, no limit is exceeded, and every step taken twice changes nothing',
  (steps) => {
    let capacity: Capacity = emptyCapacity;
    for (const [index, { executionId, verb, source, connections }] of steps.entries()) {
      const at = now + index * 1_000;
      const once = (from: Capacity): Capacity =>
        verb === 'release'
          ? (release(from, executionId, at) ?? from)
          : admit(from, want(executionId, { source, connections, maxConcurrentJobs: 3 }), at).capacity;
      capacity = once(capacity);
      expect(once(capacity)).toEqual(capacity);
      const running = Object.values(capacity.running);
      expect(running.length).toBeLessThanOrEqual(3);
      for (const name of ['shop', 'depot']) {
        const inUse = running
          .filter((entry) => entry.source === name)
          .reduce((sum, entry) => sum + entry.connections, 0);
        expect(inUse).toBeLessThanOrEqual(20);
      }
      expect(Object.keys(capacity.waiting).filter((id) => capacity.running[id] !== undefined)).toEqual([]);
    }
  },
);
