// One candidate's time and money: start-up, reading, cost by component, bottleneck and assumptions; raw and corrected.

import type { MachineType } from '../plan/machine-types.ts';
import type { Candidate, Estimate } from '../schema/candidate.ts';
import { costOf } from './cost.ts';
import { type Correction, noCorrection } from './learning.ts';
import type { Prices } from './price-book.ts';
import { familySpeed, type Speeds, type StartupTimes } from './speeds.ts';
import { type Bottleneck, type Fleet, fleetOfShape, rangeStretch, throughputOf } from './throughput.ts';
import type { Workload } from './workload.ts';

/** What the recommendation's document carries for a candidate beyond the schema's fields. */
export type CandidateEstimate = Estimate & {
  /** From the accepted launch to workers at work; a FlexRS delay is not in it. */
  readonly startupSec: number;
  readonly runningSec: number;
  /** Up to this long a FlexRS job may wait before it starts; counted in estimatedDurationSec. */
  readonly delaySec: number;
  readonly sizeBytes: number;
  /** Absent where it is not known: a second leg is sized by it once the rows are. */
  readonly rowBytes?: number;
  readonly readers: number;
  /** The estimate before any correction: what the cohort compares the run with. */
  readonly raw: RawEstimate;
  /** Clean runs behind the correction. */
  readonly samples: number;
  /** Of a three-stage load, whose estimate is that of both legs: the second one's share. */
  readonly secondLeg?: { readonly estimatedDurationSec: number; readonly estimatedCostMicroUsd: number };
};

export type RawEstimate = { readonly startupSec: number; readonly runningSec: number; readonly costMicroUsd: number };

export type EstimateInput = {
  readonly candidate: Candidate;
  readonly machine: MachineType;
  readonly workload: Workload;
  /** How long a fleet reads at the speeds there may be, before any learning. */
  readonly reading: ReadingOf;
  readonly startup: StartupTimes;
  /** Of the candidate's own mode: FlexRS prices for a FlexRS candidate. */
  readonly prices: Prices;
  /** Absent: nothing was learnt. `reading` is at the speeds past runs leave likely; `correction` is what is left to correct. */
  readonly learnt?: { readonly reading: ReadingOf; readonly correction: Correction };
  readonly diskGb?: number;
  readonly assumptions?: readonly string[];
};

/** FlexRS starts a job within six hours. */
export const flexRsDelaySec = 6 * 3600;
/** Boot disk of a batch worker with service shuffle. */
export const defaultDiskGb = 25;
/** Workers join one after another: time lost for a fleet of n is about this many seconds x log2(n + 1). Assumed. */
const rampSecPerDoubling = 3;
/** The service charges a quarter of the first 250 GB a job shuffles (recalled; 0.25 in a published sample of metrics). */
const billableShuffleShare = 0.25;

/** The estimate of one candidate. Pure and total: any candidate with at least one worker and one range. */
export function estimateCandidate(input: EstimateInput): CandidateEstimate {
  const { candidate, workload, learnt } = input;
  const fleet = fleetOf(candidate, input.machine, workload);
  const correction = learnt?.correction ?? noCorrection;
  const rawReading = input.reading(fleet);
  const reading = learnt === undefined ? rawReading : learnt.reading(fleet);
  const rawRunningSec = rawReading.seconds;
  const runningSec = reading.seconds * correction.running;
  const rawStartupSec = input.startup.launchSec + input.startup.workerSec;
  const startupSec = rawStartupSec * correction.startup;
  const raw = costOfRun(input, fleet, input.startup.workerSec, rawRunningSec, 1);
  const cost = costOfRun(input, fleet, input.startup.workerSec * correction.startup, runningSec, correction.cost);
  const delaySec = candidate.flexRs === true ? flexRsDelaySec : 0;
  return {
    candidate,
    estimatedDurationSec: delaySec + startupSec + runningSec,
    estimatedCostMicroUsd: cost.total,
    effectiveThroughputMbPerSec: runningSec > 0 ? workload.sizeBytes / 1e6 / runningSec : 0,
    bottleneck: startupSec > runningSec ? 'STARTUP' : reading.bottleneck,
    costMicroUsd: cost,
    assumptions: [...(input.assumptions ?? [])],
    startupSec,
    runningSec,
    delaySec,
    sizeBytes: workload.sizeBytes,
    ...(workload.rowBytesKnown ? { rowBytes: workload.rowBytes } : {}),
    readers: fleet.readers,
    raw: { startupSec: rawStartupSec, runningSec: rawRunningSec, costMicroUsd: raw.total },
    samples: correction.samples,
  };
}

/**
 * The fleet a candidate stands for: readers are capped by ranges, and by what the source grants. Files are no ranges: a plan sets them no
 * limit, so every vCPU reads, also where the candidate was made for a table that is read by one reader before (leg 1 of a chain).
 */
export function fleetOf(
  candidate: Candidate,
  machine: MachineType,
  workload: Pick<Workload, 'readMode' | 'maxReaders'>,
): Fleet {
  const vcpus = candidate.workerCount * machine.vcpus;
  const isFiles = workload.readMode === 'files';
  const asked = isFiles
    ? Math.max(vcpus, candidate.maxConcurrentShards ?? 0)
    : (candidate.maxConcurrentShards ?? vcpus);
  const ranges =
    workload.readMode === 'query' ? 1 : isFiles ? Math.max(candidate.shardCount, asked) : candidate.shardCount;
  return fleetOfShape({
    workers: candidate.workerCount,
    vcpusPerWorker: machine.vcpus,
    vcpuSpeed: familySpeed(machine.family),
    readers: Math.max(1, Math.min(ranges, asked, workload.maxReaders)),
    ranges,
  });
}

/** How long a fleet reads and what holds it back. */
export type Reading = { readonly seconds: number; readonly bottleneck: Bottleneck };

export type ReadingOf = (fleet: Fleet) => Reading;

/**
 * `readingOf` at these scenarios, worked out once for each shape of a fleet: machine types that differ in memory alone read alike, and
 * with history readings are most of the work (measured: 40 % of it).
 */
export function readingAt(
  scenarios: readonly Speeds[],
  workload: Pick<Workload, 'sizeBytes' | 'fullestShare'>,
): ReadingOf {
  const known = new Map<string, Reading>();
  return (fleet) => {
    const shape = `${fleet.workers} ${fleet.vcpusPerWorker} ${fleet.vcpuSpeed} ${fleet.readers} ${fleet.ranges}`;
    const reading = known.get(shape) ?? readingOf(scenarios, fleet, workload);
    known.set(shape, reading);
    return reading;
  };
}

/** Ramp, throughput and whole ranges: the mean time over the scenarios, and the limit that binds in most of them. */
export function readingOf(
  scenarios: readonly Speeds[],
  fleet: Fleet,
  workload: Pick<Workload, 'sizeBytes' | 'fullestShare'>,
): Reading {
  const counts: Record<Bottleneck, number> = { SOURCE: 0, CONNECTIONS: 0, CPU: 0, NETWORK: 0, SINK: 0 };
  let secondsPerMb = 0;
  let bottleneck: Bottleneck = 'SOURCE';
  for (const speeds of scenarios) {
    const limit = throughputOf(speeds, fleet);
    secondsPerMb += 1 / limit.mbPerSec;
    counts[limit.bottleneck] += 1;
    if (counts[limit.bottleneck] > counts[bottleneck]) bottleneck = limit.bottleneck;
  }
  const megabytes = workload.sizeBytes / 1e6;
  const readSec = megabytes * (secondsPerMb / scenarios.length) * rangeStretch(fleet, workload.fullestShare);
  return { seconds: rampSec(fleet) + readSec, bottleneck };
}

export const rampSec = (fleet: Pick<Fleet, 'workers'>): number => rampSecPerDoubling * Math.log2(fleet.workers + 1);

function costOfRun(input: EstimateInput, fleet: Fleet, billedStartupSec: number, runningSec: number, factor: number) {
  const { machine, workload } = input;
  const workerSec = fleet.workers * (billedStartupSec + runningSec) * factor;
  return costOf(
    {
      vcpuSec: workerSec * machine.vcpus,
      memoryMibSec: workerSec * machine.memoryGib * 1024,
      pdGbSec: workerSec * (input.diskGb ?? defaultDiskGb),
      ssdGbSec: 0,
      billableShuffleGb: workload.readMode === 'query' ? (workload.sizeBytes / 1e9) * billableShuffleShare * factor : 0,
    },
    input.prices,
  );
}
