// Which resource was slower or faster than assumed: the speeds that explain a load's past throughputs with the least surprise.

import type { Speeds } from './speeds.ts';
import { type Fleet, throughputOf } from './throughput.ts';

/** One past run: the fleet, and the MB/s it reached while reading. */
export type Observation = { readonly fleet: Fleet; readonly mbPerSec: number; readonly weight: number };

/**
 * The speeds under which the observed throughputs are least surprising, starting from `assumed`. A single factor could make the
 * estimate of the fleet that ran right, but not tell whether a bigger fleet would be faster: a run limited by its connections and one
 * limited by the source ask for opposite choices. Maximum a posteriori in logarithms: each speed may leave its assumption at a price
 * (`spread`), each observation may miss at a price that grows slowly for outliers. Deterministic; returns `assumed` without runs.
 */
export function calibrate(assumed: Speeds, observations: readonly Observation[], measured: boolean): Speeds {
  if (observations.length === 0) return assumed;
  const spread = measured ? { ...looseSpread, perConnection: 0.3 } : looseSpread;
  const surprise = (speeds: Speeds): number => surpriseOf(speeds, assumed, spread, observations);
  let best = assumed;
  let least = surprise(best);
  for (const start of startingPoints(assumed, observations)) {
    const found = descend(start, assumed, spread, surprise);
    const value = surprise(found);
    if (value < least - 1e-9) {
      best = found;
      least = value;
    }
  }
  return best;
}

type Fitted = 'sourceTotal' | 'perConnection' | 'cpuPerVcpu';
const fitted: readonly Fitted[] = ['perConnection', 'sourceTotal', 'cpuPerVcpu'];

/** Standard deviations of the logarithm of true over assumed: a factor of about 2 either way is unsurprising, 2.5 for the total. */
const looseSpread: Readonly<Record<Fitted, number>> = { perConnection: 0.7, sourceTotal: 0.9, cpuPerVcpu: 0.6 };
/** Run-to-run scatter of the logarithm of throughput. */
const scatter = 0.1;

/**
 * Source and target limits cannot be told apart from outside (both cap the whole fleet), so they are fitted as one total; the
 * smaller of the two assumptions keeps the name.
 */
function withTotal(speeds: Speeds, total: number): Speeds {
  return speeds.sourceTotal <= speeds.sink
    ? { ...speeds, sourceTotal: total, sink: Math.max(speeds.sink, total) }
    : { ...speeds, sink: total, sourceTotal: Math.max(speeds.sourceTotal, total) };
}
const totalOf = (speeds: Speeds): number => Math.min(speeds.sourceTotal, speeds.sink);

const get = (speeds: Speeds, name: Fitted): number => (name === 'sourceTotal' ? totalOf(speeds) : speeds[name]);
const set = (speeds: Speeds, name: Fitted, value: number): Speeds =>
  name === 'sourceTotal' ? withTotal(speeds, value) : { ...speeds, [name]: value };

function surpriseOf(
  speeds: Speeds,
  assumed: Speeds,
  spread: Readonly<Record<Fitted, number>>,
  observations: readonly Observation[],
): number {
  let sum = 0;
  for (const name of fitted) sum += (Math.log(get(speeds, name) / get(assumed, name)) / spread[name]) ** 2;
  for (const { fleet, mbPerSec, weight } of observations) {
    const miss = Math.log(mbPerSec / throughputOf(speeds, fleet).mbPerSec) / scatter;
    sum += weight * outlierShape * Math.log1p(miss ** 2 / outlierShape);
  }
  return sum;
}
/** Student-like tails: a run three times slower than the others is a bad day, not a new speed. */
const outlierShape = 4;

/** The assumption itself, and each speed alone moved to where the newest run would be explained by it. */
function startingPoints(assumed: Speeds, observations: readonly Observation[]): Speeds[] {
  const newest = observations[0];
  if (newest === undefined) return [assumed];
  const { fleet, mbPerSec } = newest;
  const busy = Math.min(fleet.workers * fleet.vcpusPerWorker, fleet.readers);
  return [
    assumed,
    withTotal(assumed, mbPerSec),
    { ...assumed, perConnection: mbPerSec / fleet.readers },
    { ...assumed, cpuPerVcpu: mbPerSec / (busy * fleet.vcpuSpeed) },
  ];
}

/** Line searches over each speed in turn, finer each round; the range covers a factor of about 13 either way. */
function descend(
  start: Speeds,
  assumed: Speeds,
  spread: Readonly<Record<Fitted, number>>,
  surprise: (speeds: Speeds) => number,
): Speeds {
  let best = start;
  let least = surprise(best);
  for (const reach of [3, 1, 0.3, 0.1]) {
    for (const name of fitted) {
      const centre = reach === 3 ? get(assumed, name) : get(best, name);
      for (let step = -12; step <= 12; step++) {
        const tried = set(best, name, centre * Math.exp((step / 12) * reach * spread[name]));
        const value = surprise(tried);
        if (value < least) {
          best = tried;
          least = value;
        }
      }
    }
  }
  return best;
}
