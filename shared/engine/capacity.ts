// Who may run now: the capacity document of a project as pure functions. Entries are keyed by execution, so applying twice changes nothing.

import * as z from 'zod';

const entrySchema = z.strictObject({
  source: z.string(),
  connections: z.int().min(0),
  connectionBudget: z.int().min(1).optional(),
  since: z.int(),
  expiresAt: z.int(),
});

/** `documents.read('capacity', projectId)`. */
export const capacitySchema = z.strictObject({
  running: z.record(z.string(), entrySchema),
  waiting: z.record(z.string(), entrySchema),
  /** When each source was last given a place: the one served longest ago is next (round-robin). */
  served: z.record(z.string(), z.int()),
});

export type Capacity = z.output<typeof capacitySchema>;
type Entry = z.output<typeof entrySchema>;

export const emptyCapacity: Capacity = { running: {}, waiting: {}, served: {} };

export type Want = {
  readonly executionId: string;
  readonly source: string;
  readonly connections: number;
  readonly connectionBudget?: number;
  readonly maxConcurrentJobs?: number;
  readonly acceptedAt: number;
  /** How long the job may hold its place: its walltime guard plus a margin. An entry older than that is dead. */
  readonly runningMs: number;
};

/** A waiting entry that nobody renewed for this long belongs to an execution that vanished; ticks renew it at half-time. */
export const waitingMs = 30 * 60_000;

export type Admission = { readonly capacity: Capacity; readonly admitted: boolean; readonly reason: string };

/**
 * Gives `want` a place, or a place in the queue. Idempotent: who holds a place keeps it. Fair: oldest first per source, round-robin over
 * sources; whoever would be served before `want` and fits keeps `want` waiting.
 */
export function admit(capacity: Capacity, want: Want, now: number): Admission {
  const alive = withoutExpired(capacity, now);
  const held = alive.running[want.executionId];
  if (held !== undefined) return { capacity: alive, admitted: true, reason: 'holds a place already' };
  const entry = waitingEntry(alive.waiting[want.executionId], want, now);
  const waiting =
    entry === alive.waiting[want.executionId] ? alive.waiting : { ...alive.waiting, [want.executionId]: entry };
  let trial: Capacity = { ...alive, waiting };
  for (const executionId of fairOrder(trial)) {
    const candidate = waiting[executionId];
    if (candidate === undefined || obstacle(trial, candidate, want.maxConcurrentJobs) !== undefined) continue;
    trial = moveToRunning(trial, executionId, now);
    if (executionId === want.executionId) {
      const running = { ...entry, expiresAt: now + want.runningMs };
      const placed = moveToRunning({ ...alive, waiting: { ...waiting, [executionId]: running } }, executionId, now);
      return { capacity: placed, admitted: true, reason: 'a place was free' };
    }
  }
  const reason = obstacle(alive, entry, want.maxConcurrentJobs) ?? 'others have waited longer';
  return { capacity: waiting === alive.waiting ? alive : { ...alive, waiting }, admitted: false, reason };
}

/** The entry as it stands while at least half its time is left, so that asking again writes nothing. */
function waitingEntry(standing: Entry | undefined, want: Want, now: number): Entry {
  if (
    standing !== undefined &&
    standing.expiresAt - now > waitingMs / 2 &&
    standing.source === want.source &&
    standing.connections === want.connections &&
    standing.connectionBudget === want.connectionBudget
  ) {
    return standing;
  }
  return {
    source: want.source,
    connections: want.connections,
    ...(want.connectionBudget === undefined ? {} : { connectionBudget: want.connectionBudget }),
    since: want.acceptedAt,
    expiresAt: now + waitingMs,
  };
}

/** Takes the execution out, wherever it stands. Undefined when it was not there: nothing to write. */
export function release(capacity: Capacity, executionId: string): Capacity | undefined {
  if (capacity.running[executionId] === undefined && capacity.waiting[executionId] === undefined) return undefined;
  const { [executionId]: _ran, ...running } = capacity.running;
  const { [executionId]: _waited, ...waiting } = capacity.waiting;
  return { ...capacity, running, waiting };
}

/** Waiting executions in the order they are to be served. */
export function fairOrder(capacity: Capacity): string[] {
  const bySource = new Map<string, string[]>();
  const oldestFirst = Object.entries(capacity.waiting).sort(
    ([leftId, left], [rightId, right]) => left.since - right.since || (leftId < rightId ? -1 : 1),
  );
  for (const [executionId, entry] of oldestFirst) {
    bySource.set(entry.source, [...(bySource.get(entry.source) ?? []), executionId]);
  }
  const sources = [...bySource.keys()].sort(
    (left, right) => (capacity.served[left] ?? 0) - (capacity.served[right] ?? 0) || (left < right ? -1 : 1),
  );
  const order: string[] = [];
  for (let round = 0; order.length < oldestFirst.length; round += 1) {
    for (const source of sources) {
      const executionId = bySource.get(source)?.[round];
      if (executionId !== undefined) order.push(executionId);
    }
  }
  return order;
}

/** Why this entry cannot run now, in words; undefined when it can. */
function obstacle(capacity: Capacity, entry: Entry, maxConcurrentJobs: number | undefined): string | undefined {
  const running = Object.values(capacity.running);
  if (maxConcurrentJobs !== undefined && running.length >= maxConcurrentJobs) {
    return `${running.length} of ${maxConcurrentJobs} concurrent jobs are running`;
  }
  if (entry.connectionBudget === undefined) return undefined;
  const inUse = running
    .filter((other) => other.source === entry.source)
    .reduce((sum, other) => sum + other.connections, 0);
  return inUse + entry.connections > entry.connectionBudget
    ? `source ${entry.source}: ${inUse} of ${entry.connectionBudget} connections are in use, ${entry.connections} are needed`
    : undefined;
}

function moveToRunning(capacity: Capacity, executionId: string, now: number): Capacity {
  const { [executionId]: entry, ...waiting } = capacity.waiting;
  if (entry === undefined) return capacity;
  return {
    running: { ...capacity.running, [executionId]: entry },
    waiting,
    served: { ...capacity.served, [entry.source]: now },
  };
}

function withoutExpired(capacity: Capacity, now: number): Capacity {
  const entries = [...Object.values(capacity.running), ...Object.values(capacity.waiting)];
  if (entries.every((entry) => entry.expiresAt > now)) return capacity;
  const alive = (entries: Capacity['running']) =>
    Object.fromEntries(Object.entries(entries).filter(([, entry]) => entry.expiresAt > now));
  return { ...capacity, running: alive(capacity.running), waiting: alive(capacity.waiting) };
}
