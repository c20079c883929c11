// How fast each resource on the way from source to target is taken to be before anything was measured, and why.

import type { SourceType, TargetType } from '../schema/load-config.ts';
import type { TableProfile } from '../schema/profile.ts';

/** Rates in MB/s (1 MB = 1,000,000 bytes of table data as the catalogue counts them). */
export type Speeds = {
  /** What the source delivers to all readers together. */
  readonly sourceTotal: number;
  /** What one connection delivers when nothing else limits it. */
  readonly perConnection: number;
  /** What one vCPU of an n2 machine decodes and encodes; other families by `familySpeed`. */
  readonly cpuPerVcpu: number;
  /** What the target takes in. */
  readonly sink: number;
};

/** Standard deviations of the logarithm of true over assumed: 0.7 means that a factor of 2 either way is no surprise. */
export type SpeedSpread = {
  readonly perConnection: number;
  /** Of the smaller of source and sink. */
  readonly total: number;
  readonly cpuPerVcpu: number;
};

/** Where the time before the first row goes. */
export type StartupTimes = {
  /** From the accepted launch to the first worker VM: launcher VM, job graph. Not billed as worker time. */
  readonly launchSec: number;
  /** From the first worker VM to workers at work; billed. */
  readonly workerSec: number;
};

/** Which Dataflow is estimated: Google's, or the local one, whose "workers" are processes of this machine. */
export type Runtime = 'DATAFLOW' | 'LOCAL';

export type SpeedAssumptions = {
  readonly speeds: Speeds;
  readonly spread: SpeedSpread;
  readonly startup: StartupTimes;
  readonly assumptions: readonly string[];
};

/**
 * Flex start-up on Dataflow: 3 min 40 s from launch to running in a public Terraform log (terraform-provider-google issue 26893);
 * how much of it is worker time is an assumption.
 */
const dataflowStartup: StartupTimes = { launchSec: 140, workerSec: 80 };
const unmeasured: SpeedSpread = { perConnection: 0.7, total: 0.9, cpuPerVcpu: 0.6 };
/** A warm-up read is one moment seen from another machine than the workers. */
const measuredSpread = 0.3;
/** The local Dataflow's QUEUED and PENDING last 150 ms each; the rest is opening the first connections. */
const localStartup: StartupTimes = { launchSec: 0.3, workerSec: 0.2 };

/**
 * No public measurement states these per type; they are round assumptions of the right order (the original's were 50 MB/s a
 * connection for any source, 60 MB/s a vCPU, 100 and 400 MB/s for the target). A warm-up read replaces the source's, and every
 * clean run corrects all of them.
 */
const sourceSpeeds: Readonly<Record<SourceType, Pick<Speeds, 'sourceTotal' | 'perConnection'>>> = {
  postgres: { sourceTotal: 200, perConnection: 15 },
  mysql: { sourceTotal: 200, perConnection: 15 },
  oracle: { sourceTotal: 200, perConnection: 12 },
  sqlserver: { sourceTotal: 200, perConnection: 15 },
  jdbc: { sourceTotal: 150, perConnection: 10 },
  gcs: { sourceTotal: 2000, perConnection: 40 },
  bigquery: { sourceTotal: 1000, perConnection: 20 },
};
const sinkSpeeds: Readonly<Record<TargetType, number>> = { bigquery: 400, gcs: 800 };
const cpuPerVcpu = 15;
/** One machine is source, workers and target at once: no fleet, so only its own ceiling counts. */
const localSpeeds: Speeds = { sourceTotal: 60, perConnection: 30, cpuPerVcpu: 1000, sink: 1000 };

/** A vCPU's speed relative to n2. Assumptions from the families' generations; runs of a family correct them. */
const familySpeeds: Readonly<Record<string, number>> = {
  n1: 0.75,
  e2: 0.8,
  n2: 1,
  n2d: 1,
  t2d: 1.2,
  c2: 1.2,
  c3: 1.25,
};

/** A vCPU's speed relative to n2; 1 for a family nothing is known about. */
export const familySpeed = (family: string): number => familySpeeds[family] ?? 1;

/** The speeds assumed for a load, from its types and, where the profile has one, its warm-up read. Pure. */
export function assumedSpeeds(
  source: SourceType,
  target: TargetType,
  runtime: Runtime,
  profile?: Pick<TableProfile, 'readThroughput'>,
): SpeedAssumptions {
  const base: Speeds =
    runtime === 'LOCAL' ? localSpeeds : { ...sourceSpeeds[source], cpuPerVcpu, sink: sinkSpeeds[target] };
  const startup = runtime === 'LOCAL' ? localStartup : dataflowStartup;
  const warmUp = profile?.readThroughput;
  if (warmUp === undefined || warmUp.mbPerSecPerConnection <= 0) {
    return {
      speeds: base,
      spread: unmeasured,
      startup,
      assumptions: [
        `source taken as ${base.perConnection} MB/s a connection and ${base.sourceTotal} MB/s in all (assumed for ${source}, not measured)`,
        ...commonAssumptions(base, startup, target, runtime),
      ],
    };
  }
  const perConnection = warmUp.mbPerSecPerConnection;
  const saturated =
    warmUp.connections > 1 && warmUp.mbPerSecTotal < saturationShare * perConnection * warmUp.connections;
  const sourceTotal = saturated ? warmUp.mbPerSecTotal : Math.max(base.sourceTotal, warmUp.mbPerSecTotal);
  const how = `${warmUp.warm ? 'warm' : 'cold'} read over ${warmUp.connections} connection(s)`;
  return {
    speeds: { ...base, perConnection, sourceTotal },
    spread: { ...unmeasured, perConnection: measuredSpread, ...(saturated ? { total: measuredSpread } : {}) },
    startup,
    assumptions: [
      `source measured at ${round(perConnection)} MB/s a connection (${how})`,
      saturated
        ? `source measured at ${round(sourceTotal)} MB/s in all: more connections did not give more`
        : `source taken as ${round(sourceTotal)} MB/s in all (the warm-up read did not reach its limit)`,
      ...commonAssumptions(base, startup, target, runtime),
    ],
  };
}

/** Below this share of connections x single rate, a parallel warm-up read has met the source's total limit. */
const saturationShare = 0.75;

function commonAssumptions(base: Speeds, startup: StartupTimes, target: TargetType, runtime: Runtime): string[] {
  const seconds = startup.launchSec + startup.workerSec;
  if (runtime === 'LOCAL') return [`local Dataflow: start-up ${seconds} s, this machine's own speed is the limit`];
  return [
    `${base.cpuPerVcpu} MB/s a vCPU (n2), ${target} takes ${base.sink} MB/s (assumed)`,
    `start-up ${seconds} s, of which ${startup.workerSec} s are billed worker time (assumed)`,
  ];
}

const round = (value: number): number => Math.round(value * 10) / 10;
