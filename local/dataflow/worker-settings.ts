// Reads the runtime environment of a launch: bounds of workers, the machine's shape, threads, labels and the job's name.

import { findMachineType } from '../../shared/plan/machine-types.ts';
import { ApiError, withTrace } from './api-error.ts';
import type { WorkerSettings } from './job-record.ts';
import type { WireEnvironment } from './launch-request.ts';

/** Job.name in jobs.proto. */
const jobNamePattern = /^[a-z]([-a-z0-9]{0,1022}[a-z0-9])?$/;
const labelKey = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const labelValue = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Worker default of Java batch jobs (Dataflow's older documentation). */
const defaultMachineType = 'n1-standard-1';
/** Worker disk of batch jobs with service shuffle (Dataflow documentation). */
const defaultDiskGb = 25;
/** maxWorkers 1..1000 by the comment of FlexTemplateRuntimeEnvironment. */
const workerLimit = 1000;

/** Throws INVALID_ARGUMENT for a name the service would not take. */
export function checkJobName(name: string): void {
  if (jobNamePattern.test(name)) return;
  throw new ApiError(
    'INVALID_ARGUMENT',
    withTrace(
      `The workflow could not be created. Causes: Invalid job name '${name}': a name consists of [-a-z0-9], starts with a letter, ends with a letter or number and has at most 1024 characters.`,
    ),
  );
}

/** The labels of the request; throws INVALID_ARGUMENT naming every label that breaks the rules of Job.labels. */
export function checkLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels);
  const wrong = entries
    .filter(([key, value]) => !labelKey.test(key) || !labelValue.test(value) || Buffer.byteLength(key) > 128)
    .map(([key, value]) => `'${key}=${value}'`);
  if (entries.length > 64) wrong.push(`${entries.length} labels, at most 64`);
  if (wrong.length === 0) return labels;
  throw new ApiError('INVALID_ARGUMENT', withTrace(`Invalid user labels: ${wrong.join(', ')}.`));
}

/** The workers of the request; throws INVALID_ARGUMENT naming everything that is out of bounds. */
export function readWorkerSettings(environment: WireEnvironment): WorkerSettings {
  const { numWorkers, maxWorkers, workerRegion, workerZone } = environment;
  const problems: string[] = [];
  if (numWorkers < 0 || numWorkers > workerLimit)
    problems.push(`numWorkers is ${numWorkers}, must be 1 to ${workerLimit}`);
  if (maxWorkers < 0 || maxWorkers > workerLimit)
    problems.push(`maxWorkers is ${maxWorkers}, must be 1 to ${workerLimit}`);
  if (maxWorkers > 0 && numWorkers > maxWorkers)
    problems.push(`numWorkers (${numWorkers}) is larger than maxWorkers (${maxWorkers})`);
  if (workerRegion !== '' && workerZone !== '') problems.push('workerRegion and workerZone are mutually exclusive');
  if (environment.diskSizeGb < 0) problems.push(`diskSizeGb is ${environment.diskSizeGb}, must not be negative`);
  const machine = findMachineType(environment.machineType || defaultMachineType);
  if (!machine.ok) problems.push(machine.message);
  const launcher = findMachineType(environment.launcherMachineType || defaultMachineType);
  if (!launcher.ok) problems.push(`launcherMachineType: ${launcher.message}`);
  const threads = threadsOption(environment.additionalPipelineOptions);
  if (threads !== undefined && !(threads >= 1)) problems.push('numberOfWorkerHarnessThreads must be a positive number');
  if (problems.length > 0 || !machine.ok) {
    throw new ApiError(
      'INVALID_ARGUMENT',
      withTrace(`The workflow could not be created. Causes: ${problems.join('; ')}.`),
    );
  }
  const { name, vcpus, memoryGib } = machine.machineType;
  return {
    numWorkers,
    maxWorkers,
    fixedWorkers: environment.autoscalingAlgorithm === 'AUTOSCALING_ALGORITHM_NONE',
    machineType: name,
    vcpus,
    memoryGib,
    diskGb: environment.diskSizeGb || defaultDiskGb,
    threadsPerWorker: threads ?? vcpus,
    zone: environment.workerZone || environment.zone,
    serviceAccountEmail: environment.serviceAccountEmail,
    tempLocation: environment.tempLocation || environment.stagingLocation,
    flexrs: environment.flexrsGoal === 'FLEXRS_COST_OPTIMIZED',
    experiments: environment.additionalExperiments,
  };
}

/**
 * Workers of a job that has `ranges` pieces of work: the fixed number, or as many as autoscaling would raise to keep all pieces busy.
 * Without maxWorkers nothing scales here, though Dataflow would go up to 2,000: one machine has no such number to give.
 */
export function workersFor(settings: WorkerSettings, ranges: number): number {
  const initial = Math.max(1, settings.numWorkers);
  if (settings.fixedWorkers || settings.maxWorkers === 0) return initial;
  const wanted = Math.max(initial, Math.ceil(ranges / settings.threadsPerWorker));
  return Math.min(wanted, settings.maxWorkers);
}

function threadsOption(options: readonly string[]): number | undefined {
  const found = options
    .map((option) => /^(?:--)?numberOfWorkerHarnessThreads=(.*)$/.exec(option)?.[1])
    .findLast((value) => value !== undefined);
  return found === undefined ? undefined : Number(found);
}
