// Which speeds the resources may truly have: scenarios drawn from what is assumed and from what past runs make likely.

import { createRandom, type Random } from './random.ts';
import type { SpeedSpread, Speeds } from './speeds.ts';
import { type Fleet, throughputOf } from './throughput.ts';

/** One past run: the fleet, the MB/s it reached while reading, and how much it counts. */
export type Observation = { readonly fleet: Fleet; readonly mbPerSec: number; readonly weight: number };

/** Scenarios kept: enough for a mean that is steady to a few per cent. */
const scenarioCount = 48;
/** Run-to-run scatter of the logarithm of throughput. */
const scatter = 0.1;
/** Student-like tails: a run three times slower than the others is a bad day, not a new speed. */
const outlierShape = 4;

/**
 * Equally likely scenarios of the speeds. Without runs they spread around the assumption; with runs they gather where the observed
 * throughputs are least surprising (Metropolis sampling of the posterior in logarithms, seeded, so equal inputs give equal
 * scenarios). Scenarios instead of one best guess, because the choice needs to know what is not known: whether a run was held back by
 * its connections or by the source decides if more workers help, and one run cannot tell.
 */
export function speedScenarios(assumed: Speeds, spread: SpeedSpread, observations: readonly Observation[]): Speeds[] {
  const random = createRandom('speed scenarios');
  if (observations.length === 0) return priorScenarios(assumed, spread, random);
  const surprise = (offsets: Offsets): number => surpriseOf(offsets, assumed, spread, observations);
  let current = likeliest(surprise);
  let value = surprise(current);
  const kept: Speeds[] = [];
  for (let sweep = 0; sweep < burnIn + scenarioCount * thinning; sweep++) {
    for (let index = 0; index < fitted.length; index++) {
      const reach = reaches[Math.floor(random.next() * reaches.length)] ?? 1;
      const tried = current.with(index, (current[index] ?? 0) + reach * random.normal());
      const triedValue = surprise(tried);
      if (Math.log(random.next() + 1e-300) < (value - triedValue) / 2) {
        current = tried;
        value = triedValue;
      }
    }
    if (sweep >= burnIn && (sweep - burnIn) % thinning === 0) kept.push(speedsAt(current, assumed, spread));
  }
  return kept;
}

const burnIn = 40;
const thinning = 4;
/** Step lengths in spreads: far, near and fine, since a limit that binds is known closely and one that does not hardly at all. */
const reaches = [1.5, 0.4, 0.1];

/** The logarithms of true over assumed, in spreads: per connection, total, vCPU. */
type Offsets = readonly number[];
const fitted = ['perConnection', 'total', 'cpuPerVcpu'] as const;

function priorScenarios(assumed: Speeds, spread: SpeedSpread, random: Random): Speeds[] {
  // Antithetic pairs: their middle is the assumption itself.
  return Array.from({ length: scenarioCount / 2 }, () => fitted.map(() => random.normal())).flatMap((offsets) => [
    speedsAt(offsets, assumed, spread),
    speedsAt(
      offsets.map((offset) => -offset),
      assumed,
      spread,
    ),
  ]);
}

/**
 * Source and target limits cannot be told apart from outside (both cap the whole fleet), so they are fitted as one total; the
 * smaller of the two assumptions keeps the name.
 */
function speedsAt(offsets: Offsets, assumed: Speeds, spread: SpeedSpread): Speeds {
  const [perConnection = 0, total = 0, cpu = 0] = offsets;
  const limit = Math.min(assumed.sourceTotal, assumed.sink) * Math.exp(total * spread.total);
  const isSource = assumed.sourceTotal <= assumed.sink;
  return {
    perConnection: assumed.perConnection * Math.exp(perConnection * spread.perConnection),
    cpuPerVcpu: assumed.cpuPerVcpu * Math.exp(cpu * spread.cpuPerVcpu),
    sourceTotal: isSource ? limit : Math.max(assumed.sourceTotal, limit),
    sink: isSource ? Math.max(assumed.sink, limit) : limit,
  };
}

function surpriseOf(
  offsets: Offsets,
  assumed: Speeds,
  spread: SpeedSpread,
  observations: readonly Observation[],
): number {
  let sum = 0;
  for (const offset of offsets) sum += offset ** 2;
  const speeds = speedsAt(offsets, assumed, spread);
  for (const { fleet, mbPerSec, weight } of observations) {
    const miss = Math.log(mbPerSec / throughputOf(speeds, fleet).mbPerSec) / scatter;
    sum += weight * outlierShape * Math.log1p(miss ** 2 / outlierShape);
  }
  return sum;
}

/** Where sampling starts: line searches over each speed in turn, finer each round. */
function likeliest(surprise: (offsets: Offsets) => number): Offsets {
  let best: Offsets = fitted.map(() => 0);
  let least = surprise(best);
  for (const reach of [4, 1, 0.3]) {
    for (let index = 0; index < fitted.length; index++) {
      const centre = best[index] ?? 0;
      for (let step = -8; step <= 8; step++) {
        const tried = best.with(index, centre + (step / 8) * reach);
        const value = surprise(tried);
        if (value >= least) continue;
        best = tried;
        least = value;
      }
    }
  }
  return best;
}
