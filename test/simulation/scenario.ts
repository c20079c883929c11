// What happens in one schedule, drawn from its seed: who asks for what and when, how jobs live, what goes wrong, which limits hold.

import { EngineError } from '../../shared/base/errors.ts';
import { failureTable } from '../../shared/engine/failure-table.ts';
import { defaultSettings, type EngineSettings } from '../../shared/engine/settings.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { type Clocks, drawSteadyClocks } from './clocks.ts';
import { configOf } from './load-configs.ts';
import type { Manners } from './memory-dataflow.ts';
import type { JobLife } from './memory-job.ts';
import { createRandom, type Random } from './random.ts';
import { drawWeather, type Weather } from './weather.ts';
import { worldStart } from './world.ts';

/**
 * `boundary`: times are 0 or exactly at their bounds, clocks are wild. `lease`: everything conspires against one lease, to the
 * millisecond. `queue`: a crowd before one place that is soon free, and many give up. `impatient`: callers who will not queue ask again
 * and again for what runs already, with too few places. The others are about what their names say.
 */
export const focuses = [
  'launch',
  'boundary',
  'lease',
  'cancel',
  'attempts',
  'capacity',
  'queue',
  'callers',
  'impatient',
  'chain',
  'mixed',
] as const;
export type Focus = (typeof focuses)[number];

export type Wish = {
  readonly runId: string;
  readonly mode: 'COST_OPTIMAL' | 'BALANCED';
  readonly load: string;
  readonly publishedAt: number;
  /** Copies with a life of their own: a publisher that published twice. */
  readonly copies: number;
  /** How long after the first the others come. */
  readonly copiesWithinMs: number;
  /** When the recommendation can be read; Pub/Sub may outrun Firestore. Undefined: never. */
  readonly writtenAt: number | undefined;
  /** How it is asked for: an event, or over HTTP by a caller who waits or will not queue. */
  readonly by: 'event' | 'http' | 'http, no queue';
  readonly cancelAt: number | undefined;
  /** Somebody cancels as soon as it waits for a place. */
  readonly cancelsQueued: boolean;
};

export type Scenario = {
  readonly seed: number;
  readonly focus: Focus;
  readonly random: Random;
  readonly settings: EngineSettings;
  readonly config: LoadConfig;
  readonly weather: Weather;
  readonly faultyUntil: number;
  readonly wishes: readonly Wish[];
  readonly instances: number;
  readonly clocks: Clocks;
  readonly tickEveryMs: readonly [number, number];
  readonly inBound: boolean;
  readonly strict: boolean;
  readonly strangers: boolean;
};

const frequent: readonly Focus[] = ['launch', 'launch', 'boundary', 'lease', 'queue', 'queue', 'impatient', ...focuses];

/** What requests later than the lease can hurt: above all the next attempt. */
const frequentWhenLate: readonly Focus[] = ['attempts', 'attempts', 'attempts', 'launch', ...focuses];

/** Monitoring calls are not paced by the minute here: pacing is a matter of real time. */
const settings: EngineSettings = { ...defaultSettings, metricsCallsPerMinute: Number.POSITIVE_INFINITY };

/** The scenario of `seed`. `late`: launch requests may arrive after the lease, outside the bound of S2. */
export function drawScenario(seed: number, options: { readonly late?: boolean } = {}): Scenario {
  const random = createRandom(seed);
  const focus = random.pick(options.late === true ? frequentWhenLate : frequent);
  const crowd = focus === 'queue';
  const impatient = focus === 'impatient';
  const many = crowd || impatient || focus === 'capacity' || focus === 'mixed';
  const faultyMs = random.pick(impatient ? [300_000, 600_000] : [300_000, 600_000, 1_200_000]);
  const late = options.late === true;
  return {
    seed,
    focus,
    random,
    settings: {
      ...settings,
      advancePageSize: random.pick([500, 500, 2]),
      advanceConcurrency: random.pick([1, 4, 8]),
      pollYoungMs: random.pick([30_000, 30_000, 10_001]),
    },
    config: configOf(
      many
        ? {
            maxConcurrentJobs: crowd || impatient ? 1 : random.pick([1, 2, 3]),
            connectionBudget: random.pick([10, 20, 40]),
          }
        : {},
    ),
    weather: drawWeather(random, settings, focus, late),
    faultyUntil: worldStart + faultyMs,
    wishes: drawWishes(
      random,
      focus,
      crowd ? random.int(4, 6) : impatient ? 3 : many ? random.int(2, 5) : focus === 'callers' ? 2 : 1,
      faultyMs,
    ),
    instances: focus === 'lease' ? 2 : random.int(2, 3),
    clocks: clocksOf(random, focus),
    tickEveryMs: random.pick([crowd ? [2_000, 10_000] : [20_000, 60_000], [5_000, 120_000]]),
    inBound: !late,
    strict: seed % 64 === 0,
    strangers: focus !== 'lease' && random.chance(0.25),
  };
}

function clocksOf(random: Random, focus: Focus): Clocks {
  if (focus === 'lease') return { kind: 'treacherous' };
  return focus === 'boundary' ? { kind: 'wild' } : drawSteadyClocks(random, settings.clockSkewMs);
}

function drawWishes(random: Random, focus: Focus, count: number, faultyMs: number): Wish[] {
  return Array.from({ length: count }, (_, index): Wish => {
    const publishedAt = worldStart + (index === 0 ? 0 : random.int(0, focus === 'queue' ? 5_000 : faultyMs / 3));
    const alone = focus === 'lease';
    const behind = !alone && random.chance(0.1) ? random.pick([5_000, 60_000, undefined]) : 0;
    return {
      runId: `run-${index + 1}`,
      mode: random.pick(['COST_OPTIMAL', 'BALANCED']),
      load: focus === 'chain' ? 'staged' : random.pick(['orders', 'customers', 'items']),
      publishedAt,
      copies: alone ? 1 : focus === 'impatient' ? random.int(4, 6) : random.pick([1, 1, 2, 3]),
      copiesWithinMs: focus === 'impatient' ? faultyMs : 2_000,
      writtenAt: behind === undefined ? undefined : publishedAt + behind,
      by:
        focus === 'impatient'
          ? 'http, no queue'
          : focus === 'callers' || focus === 'mixed'
            ? random.pick(['event', 'http', 'http, no queue'])
            : 'event',
      cancelsQueued: focus === 'queue' && random.chance(0.8),
      cancelAt:
        focus === 'cancel' || (!alone && random.chance(0.15))
          ? publishedAt + random.pick([random.int(0, 200), random.int(0, 60_000), random.int(0, faultyMs)])
          : undefined,
    };
  });
}

/** How the simulated Dataflow behaves in this scenario. `quiet`: once faults have stopped it refuses nothing and hides nothing. */
export function mannersOf(scenario: Scenario, quiet: () => boolean): Manners {
  const { random, focus, settings, inBound } = scenario;
  const failing = focus === 'attempts' ? 0.7 : focus === 'impatient' ? 0.5 : random.pick([0, 0.15, 0.6]);
  const extreme = focus === 'boundary' || focus === 'lease';
  // Late and repeated requests are dangerous when the first attempt failed soon and the next one, of another size, still runs.
  const staggered = !inBound || focus === 'impatient';
  const texts = focus === 'impatient' ? resizingTexts : failureTexts;
  const refusing = focus !== 'lease' && random.chance(0.2) ? 0.3 : 0;
  const partial = focus !== 'lease' && random.chance(0.3) ? random.pick([0.2, 0.5, 0.9]) : 0;
  const short = extreme || focus === 'queue' || random.chance(0.5);
  // Only what would run on for long shows that nobody told it to cancel.
  const longestMs = focus === 'cancel' ? 7_200_000 : 600_000;
  return {
    life: () => drawLife(random, { failing, short, lagMs: settings.listLagMs, extreme, staggered, texts, longestMs }),
    refusal: () => (quiet() || !random.chance(refusing) ? undefined : drawRefusal(random)),
    launchAnswer: () => (random.chance(0.05) ? 'nothing' : 'job'),
    nameTaken: () => (random.chance(0.3) ? 'answer it' : 'refuse'),
    partialList: () => !quiet() && random.chance(partial),
    filtersByPrefix: random.chance(0.5),
    listPageSize: random.pick([1, 2, 1000]),
  };
}

/** Dataflow's own texts. A row more would give every seed another life, and those kept for the faults they once showed would show nothing. */
const failureTexts = failureTable.filter(({ code }) => code !== 'LOCAL_VALIDATES_ONLY').map(({ sample }) => sample);
/** Failures after which the next attempt is smaller or bigger. */
const resizingTexts = failureTable
  .filter((row) => row.class === 'quota' || row.class === 'size')
  .map((row) => row.sample);

function drawLife(
  random: Random,
  options: {
    readonly failing: number;
    readonly short: boolean;
    readonly lagMs: number;
    readonly extreme: boolean;
    readonly staggered: boolean;
    readonly texts: readonly string[];
    readonly longestMs: number;
  },
): JobLife {
  const fails = random.chance(options.failing);
  const short = options.staggered ? random.chance(fails ? 0.9 : 0.1) : options.short || random.chance(0.3);
  return {
    queuedMs: short ? 0 : random.int(0, 30_000),
    startingMs: short ? random.int(500, 3_000) : random.int(1_000, 180_000),
    runningMs: short ? random.int(500, 7_000) : random.int(10_000, options.longestMs),
    end: fails ? 'JOB_STATE_FAILED' : 'JOB_STATE_DONE',
    ...(fails ? { errorText: random.pick(options.texts) } : {}),
    listLagMs:
      options.extreme && random.chance(0.7) ? options.lagMs : random.pick([-1, -1, random.int(0, options.lagMs)]),
    hiddenMs: random.pick([0, 0, random.int(0, 60_000)]),
    notReadyMs: random.pick([0, 0, random.int(0, 120_000)]),
    cancelMs: random.int(0, 120_000),
    forgottenCancels: random.pick([0, 0, 0, 1]),
  };
}

function drawRefusal(random: Random): EngineError {
  const code = random.pick([
    'RESOURCE_EXHAUSTED',
    'RESOURCE_EXHAUSTED',
    'INVALID_ARGUMENT',
    'PERMISSION_DENIED',
  ] as const);
  const violations = code === 'INVALID_ARGUMENT' ? [{ parameter: 'table', description: 'is required' }] : [];
  return new EngineError(code, `jobs.launch: simulated ${code}`, { violations });
}
