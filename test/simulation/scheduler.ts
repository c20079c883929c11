// Virtual time: a queue of events, run one by one, each to the last of its microtasks. No timer is ever set.

export type Scheduler = {
  /** True time in epoch ms; no instance of the engine sees it without its skew. */
  now(): number;
  /** Runs `action` at `time` (now, if that has passed). */
  at(time: number, action: () => void): void;
  /** Events yet to come: requests under way, answers, pauses. */
  pending(): number;
  /** Runs events until none is left or the next one lies after `until`. Rejects with what an event threw. */
  run(until: number): Promise<void>;
};

type Event = { readonly time: number; readonly tie: number; readonly order: number; readonly action: () => void };

const earlier = (left: Event, right: Event): boolean =>
  left.time - right.time < 0 ||
  (left.time === right.time && (left.tie < right.tie || (left.tie === right.tie && left.order < right.order)));

/** `tie` orders events of the same millisecond: a random number tries every order over many seeds; a constant keeps first come, first served. */
export function createScheduler(startAt: number, tie: () => number): Scheduler {
  const heap: Event[] = [];
  let now = startAt;
  let order = 0;

  return {
    now: () => now,
    pending: () => heap.length,
    at(time, action) {
      order += 1;
      push(heap, { time: Math.max(now, time), tie: tie(), order, action });
    },
    run: (until) =>
      new Promise((done, failed) => {
        const step = (): void => {
          const event = heap[0];
          if (event === undefined || event.time > until) {
            done();
            return;
          }
          pop(heap);
          now = event.time;
          try {
            event.action();
          } catch (error) {
            failed(error);
            return;
          }
          // A tick asked for from inside the microtask queue comes when that queue is empty: everything the event set off has run by then.
          queueMicrotask(() => process.nextTick(step));
        };
        step();
      }),
  };
}

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !earlier(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const leftIndex = 2 * index + 1;
    const left = heap[leftIndex];
    if (left === undefined) break;
    const right = heap[leftIndex + 1];
    const [childIndex, child] =
      right !== undefined && earlier(right, left) ? [leftIndex + 1, right] : [leftIndex, left];
    if (!earlier(child, last)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
}
