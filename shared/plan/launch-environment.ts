// Builds the runtime environment of a launch from configuration and candidate, and refuses what Dataflow would.

import type { Violation } from '../base/errors.ts';
import type { Candidate } from '../schema/candidate.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { LaunchEnvironment, PlanTarget } from '../schema/plan.ts';
import { checkEnvironment } from './check-environment.ts';
import type { FleetReaders } from './hold-connections.ts';
import { jobLabels } from './labels.ts';

/** The walltime guard when nothing sets one: 6 h. A job without it can bill for as long as nobody looks. */
export const defaultMaxRuntimeSec = 6 * 3600;

export type EnvironmentInput = {
  readonly load: EffectiveLoad;
  readonly candidate: Candidate;
  readonly target: PlanTarget;
  readonly readers: FleetReaders;
  readonly tempLocation: string;
  readonly maxRuntimeSec: number;
  readonly deadlineSec: number | undefined;
};

export type BuiltEnvironment = {
  readonly environment: LaunchEnvironment;
  readonly launchOptions: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
};

/**
 * FlexTemplateRuntimeEnvironment and launchOptions. numWorkers = maxWorkers = the candidate's workers, always; where a connection limit
 * must hold, autoscaling is off and the threads of each worker are fixed; the walltime guard is always set.
 */
export function buildEnvironment(input: EnvironmentInput): BuiltEnvironment {
  const { load, candidate, target, readers } = input;
  const at = `/loads/${load.name}/environment`;
  const {
    maxRuntimeSec: _guard,
    launchOptions = {},
    additionalUserLabels = {},
    additionalExperiments = [],
    additionalPipelineOptions = [],
    tempLocation: _folder,
    flexrsGoal: configuredGoal,
    ...configured
  } = load.environment ?? {};
  const own = { executionId: target.executionId, attempt: target.attempt, load: load.name, runId: target.runId };
  const labels = jobLabels(own, additionalUserLabels, `${at}/additionalUserLabels`);
  const checked = checkEnvironment(input);
  const flexrsGoal = flexGoal(candidate, configuredGoal);
  const launcherMachineType = candidate.launcherMachineType ?? configured.launcherMachineType;
  const threads = readers.setThreads ? [`numberOfWorkerHarnessThreads=${readers.threadsPerWorker}`] : [];
  const options = [...additionalPipelineOptions, ...threads];
  const environment: LaunchEnvironment = {
    ...withoutUndefined(configured),
    machineType: candidate.machineType.trim().toLowerCase(),
    numWorkers: candidate.workerCount,
    maxWorkers: candidate.workerCount,
    tempLocation: input.tempLocation,
    ...(launcherMachineType === undefined ? {} : { launcherMachineType }),
    ...(readers.fixed ? { autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_NONE' } : {}),
    ...(flexrsGoal === undefined ? {} : { flexrsGoal }),
    additionalExperiments: [
      ...new Set(additionalExperiments),
      `max_workflow_runtime_walltime_seconds=${input.maxRuntimeSec}`,
    ],
    ...(options.length === 0 ? {} : { additionalPipelineOptions: options }),
    additionalUserLabels: labels.labels,
  };
  const steps = [
    `${candidate.workerCount} × ${environment.machineType}, numWorkers = maxWorkers`,
    ...(readers.fixed
      ? [`autoscaling off and ${readers.threadsPerWorker} thread(s) a worker, so that the connection limit holds`]
      : []),
    `the job is stopped after ${input.maxRuntimeSec} s at the latest (walltime guard)`,
  ];
  return {
    environment,
    launchOptions,
    steps,
    warnings: [
      ...labels.warnings,
      ...checked.warnings,
      ...autoscalingWarning(configured.autoscalingAlgorithm, readers),
    ],
    violations: [...labels.violations, ...checked.violations],
  };
}

function flexGoal(candidate: Candidate, configured: LaunchEnvironment['flexrsGoal']): string | undefined {
  if (candidate.flexRs === true) return 'FLEXRS_COST_OPTIMIZED';
  return candidate.flexRs === false && configured === 'FLEXRS_COST_OPTIMIZED' ? undefined : configured;
}

function autoscalingWarning(configured: string | undefined, readers: FleetReaders): string[] {
  if (!readers.fixed || configured !== 'AUTOSCALING_ALGORITHM_BASIC') return [];
  return ['autoscalingAlgorithm BASIC is replaced by NONE: a connection limit must hold'];
}

function withoutUndefined<T extends object>(value: T): { [key in keyof T]: Exclude<T[key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [key in keyof T]: Exclude<T[key], undefined>;
  };
}
