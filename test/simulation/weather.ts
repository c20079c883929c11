// The weather of a schedule: which fate each port call meets, drawn from the seed.

import type { ErrorCode } from '../../shared/base/errors.ts';
import type { EngineSettings } from '../../shared/engine/settings.ts';
import { type Call, type Fate, type Fault, faults } from './faulty-wire.ts';
import type { Random } from './random.ts';

export type Weather = {
  /** Probability of each fault on any call. */
  readonly rates: Readonly<Partial<Record<Fault, number>>>;
  /** One fault that strikes some calls far more often (FoundationDB's "buggify"). */
  readonly target?: { readonly call: string; readonly fault: Fault; readonly rate: number };
  /** Extreme: times are 0 or exactly at their bound. */
  readonly times: 'ordinary' | 'slow' | 'extreme';
  /** How much later than its deadline a launch request may arrive. */
  readonly launchLatenessMs: number;
};

/** Client libraries retry stores in silence; `non_idempotent` calls of Dataflow they do not (its gapic configuration). */
const retriedInSilence = /^(ledger|documents|recommendations|outcomes)\./;
const ambiguous: readonly ErrorCode[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNKNOWN', 'ABORTED'];

export function drawWeather(random: Random, settings: EngineSettings, times: Weather['times'], late: boolean): Weather {
  const rates: Partial<Record<Fault, number>> = {};
  // A few kinds at a time: were every kind always on, few schedules would get far enough to be interesting.
  for (const fault of faults) if (random.chance(0.5)) rates[fault] = random.pick([0.01, 0.03, 0.08]);
  const target = { call: random.pick(targets), fault: random.pick(faults), rate: random.pick([0.3, 0.6, 0.9]) };
  const lease = settings.launchSlackMs + settings.launchLatenessMs + 2 * settings.clockSkewMs;
  return {
    rates,
    ...(random.chance(0.6) ? { target } : {}),
    times,
    launchLatenessMs: late ? random.pick([lease, 2 * lease, 4 * lease]) : settings.launchLatenessMs,
  };
}

const targets = [
  'jobs.launch',
  'jobs.launch',
  'jobs.list',
  'ledger.create',
  'ledger.replace',
  'ledger.read',
  'ledger.remove',
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
      const appliedAfterMs =
        weather.times === 'extreme' && random.chance(0.7) ? latest : random.int(answeredAfterMs, latest);
      return { fault, appliedAfterMs, answeredAfterMs, error: random.pick(ambiguous) };
    }
    case 'silent retry':
      return { fault, appliedAfterMs: there, answeredAfterMs: back, twice: true };
  }
}

function drawFault(random: Random, weather: Weather, call: Call): Fault | undefined {
  const { target, rates } = weather;
  const allowed = (fault: Fault): boolean => fault !== 'silent retry' || retriedInSilence.test(call.name);
  if (target?.call === call.name && random.chance(target.rate) && allowed(target.fault)) return target.fault;
  let roll = random.next();
  for (const fault of faults) {
    roll -= rates[fault] ?? 0;
    if (roll < 0) return allowed(fault) ? fault : undefined;
  }
  return undefined;
}

function delay(random: Random, weather: Weather): number {
  if (weather.times === 'extreme') return random.chance(0.8) ? 0 : 1;
  return weather.times === 'slow' && random.chance(0.2) ? random.int(100, 8_000) : random.int(1, 60);
}

function errorAfter(random: Random, weather: Weather, call: Call): number {
  if (weather.times === 'extreme') return random.pick([0, 1, call.deadlineMs]);
  return random.chance(0.5) ? random.int(1, 2_000) : call.deadlineMs;
}

/** Late answers: at the bounds the engine reckons with when times are extreme. */
function lateAnswer(random: Random, weather: Weather, settings: EngineSettings, call: Call): number {
  if (weather.times === 'extreme')
    return Math.min(
      call.deadlineMs,
      random.pick([settings.launchSlackMs, settings.launchSlackMs + 1, call.deadlineMs]),
    );
  return random.int(1_000, call.deadlineMs);
}
