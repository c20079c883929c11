// The baseline of the backtest: the original's estimator, learning and choice, reimplemented from its documented formulas, faults included.

/** Source of every constant: sahoosar/streamnova, agent/estimator, agent/metrics and agent/recommender. Proven against its own outputs in test/recommend. */
export type OriginalCandidate = {
  readonly machineType: string;
  readonly workerCount: number;
  readonly shardCount: number;
  readonly label?: string | undefined;
};

export type OriginalEstimate = {
  readonly candidate: OriginalCandidate;
  readonly estimatedDurationSec: number;
  readonly estimatedCostUsd: number;
  readonly effectiveThroughputMbPerSec: number;
  readonly bottleneck: 'SOURCE' | 'CPU' | 'SINK' | 'PARALLELISM';
};

export type OriginalTable = {
  /** MiB. */
  readonly totalMb: number;
  readonly sourceType: string;
  readonly loadPattern: 'DIRECT' | 'GCS_BQ';
  readonly measuredMbPerSec?: number | null;
  /** Rates of earlier throughput profiles. */
  readonly history?: readonly number[];
};

/** One estimate beside its actual, as the original stored it: the corrected estimate, not the raw one. */
export type OriginalRecord = {
  readonly machineType: string | null;
  readonly estimatedDurationSec: number | null;
  readonly actualDurationSec: number | null;
  readonly estimatedCostUsd: number | null;
  readonly actualCostUsd: number | null;
};

export type OriginalSignals = {
  readonly durationCorrectionByMachineFamily: Readonly<Record<string, number>>;
  readonly costCorrectionByMachineFamily: Readonly<Record<string, number>>;
  readonly successCountByMachineType: Readonly<Record<string, number>>;
};

export const noSignals: OriginalSignals = {
  durationCorrectionByMachineFamily: {},
  costCorrectionByMachineFamily: {},
  successCountByMachineType: {},
};

const usdPerVcpuHour: Readonly<Record<string, number>> = { n2d: 0.027, n2: 0.031, c3: 0.035 };
const fallbackSec = 3600;

/** The original's estimate of one candidate, corrected by what it learnt. */
export function originalEstimate(
  candidate: OriginalCandidate,
  table: OriginalTable,
  signals: OriginalSignals = noSignals,
): OriginalEstimate {
  const oracle = table.sourceType.includes('oracle');
  const source = Math.min(measuredRate(table), oracle ? 80 : 500);
  const vcpus = vcpusByName(candidate.machineType);
  const slots = candidate.workerCount * Math.max(1, vcpus);
  const parallelism = Math.min(Math.max(1, candidate.shardCount), slots);
  const family = ['n2d', 'n2', 'c3'].find((prefix) => candidate.machineType.startsWith(prefix)) ?? 'n2';
  const rate = usdPerVcpuHour[family] ?? 0.031;
  const costAt = (seconds: number) => (seconds / 3600) * vcpus * candidate.workerCount * rate;
  if (parallelism <= 0) {
    return answer(candidate, fallbackSec, costAt(fallbackSec), 0, 'PARALLELISM');
  }
  const parallel = (source * parallelism) / (1 + 30 / slots);
  const cpu = Math.max(1, candidate.workerCount) * Math.max(1, vcpus) * 60;
  const sink = table.loadPattern === 'GCS_BQ' ? 400 : 100;
  const effective = Math.min(parallel, cpu, sink);
  const capped = sink < cpu ? 'SINK' : 'CPU';
  const bottleneck = effective >= parallel - 1e-6 ? (oracle ? 'SOURCE' : 'PARALLELISM') : capped;
  const seconds = effective > 0 ? table.totalMb / effective : fallbackSec;
  const duration = seconds * (signals.durationCorrectionByMachineFamily[family] ?? 1);
  const cost = costAt(seconds) * (signals.costCorrectionByMachineFamily[family] ?? 1);
  return answer(candidate, usable(duration, fallbackSec), usable(cost, 0), effective, bottleneck);
}

function answer(
  candidate: OriginalCandidate,
  estimatedDurationSec: number,
  estimatedCostUsd: number,
  effectiveThroughputMbPerSec: number,
  bottleneck: OriginalEstimate['bottleneck'],
): OriginalEstimate {
  return { candidate, estimatedDurationSec, estimatedCostUsd, effectiveThroughputMbPerSec, bottleneck };
}

const usable = (value: number, fallback: number): number => (Number.isFinite(value) && value >= 0 ? value : fallback);

function measuredRate(table: OriginalTable): number {
  if (table.measuredMbPerSec && table.measuredMbPerSec > 0) return table.measuredMbPerSec;
  const rates = (table.history ?? []).filter((rate) => rate > 0);
  return rates.length > 0 ? mean(rates) : 50;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The number after the last hyphen, else 0. */
function vcpusByName(machineType: string): number {
  const last = Number(machineType.split('-').at(-1));
  return Number.isInteger(last) && last > 0 ? last : 0;
}

/** What the original learns: mean ratios by family over the last 100 records with an actual of at least 0 and an estimate above 0. */
export function originalSignals(records: readonly OriginalRecord[]): OriginalSignals {
  const usableRecords = records
    .slice(-100)
    .filter((record) => (record.actualDurationSec ?? -1) >= 0 && (record.estimatedDurationSec ?? 0) > 0);
  const durations = new Map<string, number[]>();
  const costs = new Map<string, number[]>();
  const successes: Record<string, number> = {};
  for (const record of usableRecords) {
    const family = familyLearnt(record.machineType);
    push(durations, family, (record.actualDurationSec ?? 0) / (record.estimatedDurationSec ?? 1));
    if ((record.estimatedCostUsd ?? 0) > 0 && record.actualCostUsd !== null) {
      push(costs, family, record.actualCostUsd / (record.estimatedCostUsd ?? 1));
    }
    const machineType = record.machineType ?? 'unknown';
    successes[machineType] = (successes[machineType] ?? 0) + 1;
  }
  return {
    durationCorrectionByMachineFamily: means(durations),
    costCorrectionByMachineFamily: means(costs),
    successCountByMachineType: successes,
  };
}

function familyLearnt(machineType: string | null): string {
  if (machineType?.startsWith('n2d')) return 'n2d';
  return machineType?.startsWith('c3') ? 'c3' : 'n2';
}

function push(lists: Map<string, number[]>, key: string, value: number): void {
  lists.set(key, [...(lists.get(key) ?? []), value]);
}

const means = (lists: ReadonlyMap<string, number[]>): Record<string, number> =>
  Object.fromEntries([...lists].map(([key, values]) => [key, mean(values)]));
