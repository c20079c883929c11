// Who may run now: the capacity document of a project as pure functions. Entries are keyed by execution, so applying twice changes nothing.

import * as z from 'zod';

const entrySchema = z.strictObject({
  /** Whose need this is: an earlier attempt's request, however late, changes nothing of it. */
  attempt: z.int().min(1),
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
  /** Executions that gave their place back, and until when that is remembered: one read before its end must not get a new place after. */
  ended: z.record(z.string(), z.int()).default({}),
});

export type Capacity = z.output<typeof capacitySchema>;
type Entry = z.output<typeof entrySchema>;

export const emptyCapacity: Capacity = { running: {}, waiting: {}, served: {}, ended: {} };

export type Want = {
  readonly executionId: string;
  /** Number of the attempt that asks. */
  readonly attempt: number;
  readonly source: string;
  readonly connections: number;
  readonly connectionBudget?: number;
  readonly maxConcurrentJobs?: number;
  readonly acceptedAt: number;
  /** How long the job may hold its place: its walltime guard plus a margin. An entry older than that is dead. */
  readonly runningMs: number;
  /** False: leave no entry in the queue when there is no place. */
  readonly joinsQueue?: boolean;
};

/** A waiting entry that nobody renewed for this long belongs to an execution that vanished; ticks renew it at half-time. */
export const waitingMs = 30 * 60_000;

/** How long an end is remembered: longer than any request or tick that read the execution before may still be under way. */
const endedMs = 15 * 60_000;

/**
 * Entries the queue holds at most; who finds it full stays QUEUED and asks again. With as many jobs (`policy.maxConcurrentJobs`), some
 * 200 bytes each, and the ends of a quarter of an hour the document stays below the 1 MiB that Firestore takes.
 */
const maxWaiting = 1_000;

export type Admission = { readonly capacity: Capacity; readonly admitted: boolean; readonly reason: string };

/**
 * Gives `want` a place, or a place in the queue. Idempotent: who holds a place keeps it. Fair: oldest first per source, round-robin over
 * sources; whoever would be served before `want` and fits, or waits longer for the same source, keeps `want` waiting.
 */
export function admit(capacity: Capacity, want: Want, now: number): Admission {
  const alive = withoutExpired(capacity, now);
  if (alive.ended[want.executionId] !== undefined)
    return { capacity: alive, admitted: false, reason: 'the execution has ended' };
  const held = alive.running[want.executionId];
  if (held !== undefined && held.attempt > want.attempt)
    return { capacity: alive, admitted: false, reason: 'a later attempt holds the place' };
  if (held !== undefined && want.joinsQueue === false) return keepPlace(alive, held, want, now);
  if (held !== undefined && held.source === want.source && held.connections >= want.connections) {
    const capacity = holdsEnough(held, want, now) ? alive : withPlace(alive, want, now);
    return { capacity, admitted: true, reason: 'holds a place already' };
  }
  // A further attempt that needs more than its predecessor held asks like everybody else, and gives back what it held.
  return held === undefined ? queueUp(alive, want, now) : queueUp(withoutPlace(alive, want.executionId), want, now);
}

/**
 * Whoever will not queue asks before it knows whether the execution exists: what is held may be a running job's. It is never made
 * smaller or shorter, and nothing is given up for more.
 */
function keepPlace(alive: Capacity, held: Entry, want: Want, now: number): Admission {
  if (held.source !== want.source || held.connections < want.connections)
    return { capacity: alive, admitted: false, reason: 'a smaller place is held for the same execution' };
  const reason = 'holds a place already';
  const expiresAt = now + want.runningMs;
  if (held.expiresAt >= expiresAt) return { capacity: alive, admitted: true, reason };
  const running = { ...alive.running, [want.executionId]: { ...held, expiresAt } };
  return { capacity: { ...alive, running }, admitted: true, reason };
}

function queueUp(alive: Capacity, want: Want, now: number): Admission {
  const entry = waitingEntry(alive.waiting[want.executionId], want, now);
  const waiting =
    entry === alive.waiting[want.executionId] ? alive.waiting : { ...alive.waiting, [want.executionId]: entry };
  let trial: Capacity = { ...alive, waiting };
  const kept = new Set<string>();
  for (const executionId of fairOrder(trial)) {
    const candidate = waiting[executionId];
    if (candidate === undefined || kept.has(candidate.source)) continue;
    if (obstacle(trial, candidate, want.maxConcurrentJobs) !== undefined) {
      if (fitsAlone(candidate)) kept.add(candidate.source);
      continue;
    }
    trial = moveToRunning(trial, executionId, now);
    if (executionId === want.executionId)
      return { capacity: withPlace(alive, want, now), admitted: true, reason: 'a place was free' };
  }
  const reason = obstacle(alive, entry, want.maxConcurrentJobs) ?? 'others have waited longer';
  const isFull = alive.waiting[want.executionId] === undefined && Object.keys(alive.waiting).length >= maxWaiting;
  const stays = waiting === alive.waiting || want.joinsQueue === false || isFull;
  return { capacity: stays ? alive : { ...alive, waiting }, admitted: false, reason };
}

/**
 * What becomes free of its source is kept for whoever waits longest there: else younger and smaller ones would take it for ever. Whoever
 * needs more than there is at all (the budget was made smaller since) holds up nobody.
 */
const fitsAlone = ({ connections, connectionBudget }: Entry): boolean =>
  connections <= (connectionBudget ?? connections);

/** A place is held for the running time of the attempt that asks, less the time its launch may take to be repeated. */
const holdsEnough = (held: Entry, want: Want, now: number): boolean =>
  held.attempt === want.attempt &&
  held.connections === want.connections &&
  held.expiresAt - now >= want.runningMs - waitingMs;

function withPlace(capacity: Capacity, want: Want, now: number): Capacity {
  const entry = { ...waitingEntry(undefined, want, now), expiresAt: now + want.runningMs };
  return moveToRunning(
    { ...capacity, waiting: { ...capacity.waiting, [want.executionId]: entry } },
    want.executionId,
    now,
  );
}

function withoutPlace(capacity: Capacity, executionId: string): Capacity {
  const { [executionId]: _place, ...running } = capacity.running;
  return { ...capacity, running };
}

/** The entry as it stands while at least half its time is left, so that asking again writes nothing. */
function waitingEntry(standing: Entry | undefined, want: Want, now: number): Entry {
  if (
    standing !== undefined &&
    standing.expiresAt - now > waitingMs / 2 &&
    standing.attempt === want.attempt &&
    standing.source === want.source &&
    standing.connections === want.connections &&
    standing.connectionBudget === want.connectionBudget
  ) {
    return standing;
  }
  return {
    attempt: want.attempt,
    source: want.source,
    connections: want.connections,
    ...(want.connectionBudget === undefined ? {} : { connectionBudget: want.connectionBudget }),
    since: want.acceptedAt,
    expiresAt: now + waitingMs,
  };
}

/**
 * Takes an ended execution out, wherever it stands, and remembers that it ended. Undefined when that was done before: nothing to write.
 * The memory is written even when there was nothing to take out, so that a reservation still under way finds another version.
 */
export function release(capacity: Capacity, executionId: string, now: number): Capacity | undefined {
  const alive = withoutExpired(capacity, now);
  if (alive.ended[executionId] !== undefined) return undefined;
  const { [executionId]: _waited, ...waiting } = alive.waiting;
  return {
    ...withoutPlace(alive, executionId),
    waiting,
    ended: { ...alive.ended, [executionId]: now + endedMs },
  };
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
    ...capacity,
    running: { ...capacity.running, [executionId]: entry },
    waiting,
    served: { ...capacity.served, [entry.source]: now },
  };
}

function withoutExpired(capacity: Capacity, now: number): Capacity {
  const expiries = [
    ...[...Object.values(capacity.running), ...Object.values(capacity.waiting)].map(({ expiresAt }) => expiresAt),
    ...Object.values(capacity.ended),
  ];
  if (expiries.every((expiresAt) => expiresAt > now)) return capacity;
  const alive = (entries: Capacity['running']) =>
    Object.fromEntries(Object.entries(entries).filter(([, entry]) => entry.expiresAt > now));
  return {
    ...capacity,
    running: alive(capacity.running),
    waiting: alive(capacity.waiting),
    ended: Object.fromEntries(Object.entries(capacity.ended).filter(([, until]) => until > now)),
  };
}
