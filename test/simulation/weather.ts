// The weather of a schedule: which fate each port call meets, drawn from the seed.

import type { ErrorCode } from '../../shared/base/errors.ts';
import { type EngineSettings, leaseMs } from '../../shared/engine/settings.ts';
import { type Call, type Fate, type Fault, faults } from './faulty-wire.ts';
import type { Random } from './random.ts';

type Target = { readonly call: string; readonly fault: Fault; readonly rate: number };

export type Weather = {
  /** Probability of each fault on any call. */
  readonly rates: Readonly<Partial<Record<Fault, number>>>;
  /** Faults that strike some calls far more often (FoundationDB's "buggify"). */
  readonly targets: readonly Target[];
  /** Extreme: times are mostly 0, or exactly at a bound. Exact: always. */
  readonly times: 'ordinary' | 'slow' | 'extreme' | 'exact';
  /** How much later than its deadline a launch request may arrive. */
  readonly launchLatenessMs: number;
};

/** Client libraries retry stores in silence; `non_idempotent` calls of Dataflow they do not (its gapic configuration). */
export const retriedInSilence = /^(ledger|documents|recommendations|outcomes)\./;
const ambiguous: readonly ErrorCode[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNKNOWN', 'ABORTED'];

/** What the weather depends on: what the schedule is about, and whether launch requests may be later than the lease. */
export function drawWeather(random: Random, settings: EngineSettings, focus: string, late: boolean): Weather {
  const lease = leaseMs(settings);
  const launchLatenessMs = late ? random.pick([lease, 2 * lease, 4 * lease]) : settings.launchLatenessMs;
  if (focus === 'lease') return { rates: {}, targets: lastMoments, times: 'exact', launchLatenessMs };
  const times = focus === 'boundary' ? 'extreme' : random.pick(['ordinary', 'ordinary', 'slow'] as const);
  const rates: Partial<Record<Fault, number>> = {};
  // A few kinds at a time: were every kind always on, few schedules would get far enough to be interesting.
  for (const fault of faults) if (random.chance(0.5)) rates[fault] = random.pick([0.01, 0.03, 0.08]);
  const target = { call: random.pick(targets), fault: random.pick(faults), rate: random.pick([0.3, 0.6, 0.9]) };
  return {
    rates,
    targets: [
      ...(random.chance(0.6) ? [target] : []),
      ...(late ? [lateLaunch] : []),
      ...(focus === 'queue' ? slowDocuments : []),
    ],
    times,
    launchLatenessMs,
  };
}

const lateLaunch: Target = { call: 'jobs.launch', fault: 'request late', rate: 0.6 };

/** All that can hurt a lease: an owner that gets to its launch as late as it may, a request that arrives as late as it may. */
const lastMoments: readonly Target[] = [{ call: 'ledger.create', fault: 'answer late', rate: 0.8 }, lateLaunch];

/** Whoever asks for a place hears of it so late that the world has moved on. */
const slowDocuments: readonly Target[] = [
  { call: 'documents.read', fault: 'answer late', rate: 0.4 },
  { call: 'documents.write', fault: 'answer late', rate: 0.2 },
];

const targets = [
  'jobs.launch',
  'jobs.launch',
  'jobs.list',
  'ledger.create',
  'ledger.replace',
  'ledger.read',
  'ledger.due',
  'documents.read',
  'documents.write',
  'outcomes.publish',
] as const;

/** The fate of a call in this weather. */
export function drawFate(random: Random, weather: Weather, settings: EngineSettings, call: Call): Fate {
  const fault = drawFault(random, weather, call);
  const there = delay(random, weather);
  const back = there + (random.chance(0.5) ? 0 : delay(random, weather));
  switch (fault) {
    case undefined:
      return { appliedAfterMs: there, answeredAfterMs: Math.min(back, call.deadlineMs) };
    case 'crash before':
      return { fault };
    case 'crash after it applied':
      return { fault, appliedAfterMs: there };
    case 'request lost':
      return { fault, answeredAfterMs: errorAfter(random, weather, call), error: random.pick(ambiguous) };
    case 'answer lost':
      return {
        fault,
        appliedAfterMs: there,
        answeredAfterMs: Math.max(there, errorAfter(random, weather, call)),
        error: random.pick(ambiguous),
      };
    case 'answer late':
      return {
        fault,
        appliedAfterMs: there,
        answeredAfterMs: Math.max(there, lateAnswer(random, weather, settings, call)),
      };
    case 'request late': {
      const answeredAfterMs = errorAfter(random, weather, call);
      const latest = call.deadlineMs + (call.name === 'jobs.launch' ? weather.launchLatenessMs : 120_000);
      const appliedAfterMs = isExtreme(weather) && random.chance(0.7) ? latest : random.int(answeredAfterMs, latest);
      return { fault, appliedAfterMs, answeredAfterMs, error: random.pick(ambiguous) };
    }
    case 'silent retry':
      return { fault, appliedAfterMs: there, answeredAfterMs: back, twice: true };
  }
}

function drawFault(random: Random, weather: Weather, call: Call): Fault | undefined {
  const { rates } = weather;
  const allowed = (fault: Fault): boolean => fault !== 'silent retry' || retriedInSilence.test(call.name);
  for (const { call: name, fault, rate } of weather.targets) {
    if (name === call.name && random.chance(rate) && allowed(fault)) return fault;
  }
  let roll = random.next();
  for (const fault of faults) {
    roll -= rates[fault] ?? 0;
    if (roll < 0) return allowed(fault) ? fault : undefined;
  }
  return undefined;
}

function delay(random: Random, weather: Weather): number {
  if (weather.times === 'exact') return 0;
  if (weather.times === 'extreme') return random.chance(0.8) ? 0 : 1;
  return weather.times === 'slow' && random.chance(0.2) ? random.int(100, 8_000) : random.int(1, 60);
}

function errorAfter(random: Random, weather: Weather, call: Call): number {
  if (isExtreme(weather)) return random.pick([0, 1, call.deadlineMs]);
  return random.chance(0.5) ? random.int(1, 2_000) : call.deadlineMs;
}

/** Late answers: at the bounds the engine reckons with when times are extreme. */
function lateAnswer(random: Random, weather: Weather, settings: EngineSettings, call: Call): number {
  if (isExtreme(weather)) {
    const { launchSlackMs } = settings;
    return Math.min(call.deadlineMs, random.pick([launchSlackMs, launchSlackMs, launchSlackMs + 1, call.deadlineMs]));
  }
  return random.int(1_000, call.deadlineMs);
}

const isExtreme = ({ times }: Weather): boolean => times === 'extreme' || times === 'exact';
