// The simulated world of the backtest: sources, workers and a Dataflow with hidden true parameters that no recommender ever sees.

import type { SizedCandidate } from '../../shared/recommend/candidates.ts';
import { costOf } from '../../shared/recommend/cost.ts';
import type { Prices } from '../../shared/recommend/price-book.ts';
import { createRandom, type Random } from './random.ts';

/**
 * The truth about one load. What it has in common with the recommender's model is that resources limit each other; everything
 * else differs: limits blend smoothly instead of a hard minimum, connections get in each other's way, ranges differ in size and are
 * simulated one by one, start-up grows with the fleet, families have speeds of their own, some loads drift, runs scatter, and a few
 * have a bad day. The catalogue's idea of the size is off, and bytes on the wire are not bytes in the table.
 */
export type Truth = {
  readonly name: string;
  readonly sourceType: 'postgres' | 'mysql';
  /** Bytes of the table as the catalogue counts, in run 0; it grows. */
  readonly tableBytes: number;
  readonly rowBytes: number;
  readonly growthPerRun: number;
  readonly wireRatio: number;
  readonly freeConnections: number;
  /** MB/s on the wire. */
  readonly perConnection: number;
  readonly sourceTotal: number;
  readonly cpuPerVcpu: number;
  readonly sink: number;
  readonly familySpeed: Readonly<Record<string, number>>;
  /** Exponent of the smooth minimum: 3 is a soft knee, 12 nearly a hard one. */
  readonly knee: number;
  /** Connections from which they get in each other's way, and how much. */
  readonly crowdFrom: number;
  readonly crowding: number;
  /** Spread of the logarithm of range sizes. */
  readonly unevenness: number;
  readonly launchSec: number;
  readonly workerSec: number;
  readonly startupPerDoublingSec: number;
  readonly scatter: number;
  /** From this run on, the source is this much faster or slower. */
  readonly drift: { readonly fromRun: number; readonly factor: number };
};

/** What one run took, as the service would report it. */
export type Actual = { readonly startupSec: number; readonly runningSec: number; readonly costMicroUsd: number };

/** A load's truth, drawn from wide distributions: an order of magnitude for every rate. */
export function drawTruth(seed: number, index: number): Truth {
  const random = createRandom(seed, `load-${index}`);
  const perConnection = random.logUniform(4, 40);
  return {
    name: `load-${index}`,
    sourceType: random.chance(0.7) ? 'postgres' : 'mysql',
    tableBytes: random.logUniform(2e8, 5e11),
    rowBytes: Math.round(random.logUniform(60, 2000)),
    growthPerRun: random.uniform(-0.01, 0.03),
    wireRatio: random.factor(0.25),
    freeConnections: Math.round(random.logUniform(10, 200)),
    perConnection,
    sourceTotal: perConnection * random.logUniform(2, 40),
    cpuPerVcpu: random.logUniform(5, 40),
    sink: random.logUniform(80, 1000),
    familySpeed: drawFamilySpeeds(random),
    knee: random.uniform(3, 12),
    crowdFrom: random.logUniform(8, 128),
    crowding: random.uniform(0, 0.25),
    unevenness: random.uniform(0.05, 0.6),
    launchSec: random.logUniform(70, 300),
    workerSec: random.logUniform(40, 150),
    startupPerDoublingSec: random.uniform(0, 12),
    scatter: random.uniform(0.04, 0.12),
    drift: random.chance(0.2)
      ? { fromRun: Math.round(random.uniform(4, 15)), factor: random.logUniform(0.65, 1.5) }
      : { fromRun: 0, factor: 1 },
  };
}

/** Spread of the logarithm of a family's speed between loads: the same machine suits one row shape better than another. */
const familySpread = 0.08;

/** Newer generations are faster on average, but each load sees it differently. */
function drawFamilySpeeds(random: Random): Record<string, number> {
  const typical = { n1: 0.7, e2: 0.75, n2: 1, n2d: 1.05, t2d: 1.25, c3: 1.3 };
  return Object.fromEntries(
    Object.entries(typical).map(([family, speed]) => [family, speed * random.factor(familySpread)]),
  );
}

/** Bytes of the table at a run. */
export const bytesAt = (truth: Truth, run: number): number => truth.tableBytes * (1 + truth.growthPerRun) ** run;

/** What a candidate takes on average at a run, without scatter: what regret is measured with. */
export function expected(truth: Truth, sized: SizedCandidate, run: number, prices: Prices): Actual {
  return outcomeOf(truth, sized, run, prices, { startup: 1, running: 1 });
}

/** What one run of a candidate takes, with scatter and, rarely, a bad day; `random` decides. */
export function execute(truth: Truth, sized: SizedCandidate, run: number, prices: Prices, random: Random): Actual {
  const badDay = random.chance(0.04) ? random.uniform(1.3, 2.5) : 1;
  return outcomeOf(truth, sized, run, prices, {
    startup: random.factor(truth.scatter * 1.5),
    running: random.factor(truth.scatter) * badDay,
  });
}

function outcomeOf(
  truth: Truth,
  { candidate, machine }: SizedCandidate,
  run: number,
  prices: Prices,
  noise: { readonly startup: number; readonly running: number },
): Actual {
  const readers = Math.min(candidate.shardCount, candidate.maxConcurrentShards ?? candidate.shardCount);
  const doublings = Math.log2(candidate.workerCount);
  const workerSec = (truth.workerSec + truth.startupPerDoublingSec * doublings) * noise.startup;
  const startupSec = truth.launchSec * noise.startup + workerSec;
  const megabytes = (bytesAt(truth, run) * truth.wireRatio) / 1e6;
  const rate = rateOf(truth, sizedFleet(candidate.workerCount, machine.vcpus, machine.family, readers), run);
  const runningSec = (megabytes / rate) * makespan(truth, candidate.shardCount, readers) * noise.running;
  const upSec = candidate.workerCount * (workerSec + runningSec);
  const cost = costOf(
    {
      vcpuSec: upSec * machine.vcpus,
      memoryMibSec: upSec * machine.memoryGib * 1024,
      pdGbSec: upSec * 25,
      ssdGbSec: 0,
      billableShuffleGb: 0,
    },
    prices,
  );
  return { startupSec, runningSec, costMicroUsd: cost.total };
}

const sizedFleet = (workers: number, vcpus: number, family: string, readers: number) => ({
  workers,
  vcpus,
  family,
  readers,
});

function rateOf(truth: Truth, fleet: ReturnType<typeof sizedFleet>, run: number): number {
  const drift = run >= truth.drift.fromRun ? truth.drift.factor : 1;
  const crowd = 1 + truth.crowding * Math.max(0, Math.log2(fleet.readers / truth.crowdFrom));
  const busy = Math.min(fleet.workers * fleet.vcpus, fleet.readers);
  const limits = [
    truth.perConnection * drift * fleet.readers,
    (truth.sourceTotal * drift) / crowd,
    truth.cpuPerVcpu * (truth.familySpeed[fleet.family] ?? 1) * busy,
    truth.sink,
  ];
  return limits.reduce((sum, limit) => sum + limit ** -truth.knee, 0) ** (-1 / truth.knee);
}

const makespans = new WeakMap<Truth, Map<string, number>>();

/** How much longer the slowest reader takes than an even share: ranges of uneven size handed out one by one to free readers. */
function makespan(truth: Truth, ranges: number, readers: number): number {
  const known = makespans.get(truth) ?? new Map<string, number>();
  makespans.set(truth, known);
  const key = `${ranges}/${readers}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const random = createRandom(ranges, truth.name);
  const sizes = Array.from({ length: ranges }, () => random.factor(truth.unevenness));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const busyUntil = new Array<number>(readers).fill(0);
  for (const size of sizes) {
    let first = 0;
    for (let reader = 1; reader < readers; reader++)
      if ((busyUntil[reader] ?? 0) < (busyUntil[first] ?? 0)) first = reader;
    busyUntil[first] = (busyUntil[first] ?? 0) + size;
  }
  const stretch = (Math.max(...busyUntil) * readers) / total;
  known.set(key, stretch);
  return stretch;
}
