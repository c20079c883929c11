// Names the Beam and Dataflow options that belong into the environment of a launch, never into its parameters.

/** Beam option → the environment field that sets it. Known pairs the service refuses twice (dataflow-env.md 1), and their relatives. */
export const runtimeOptions: Readonly<Record<string, string>> = {
  workerMachineType: 'the candidate (machineType)',
  machineType: 'the candidate (machineType)',
  numWorkers: 'the candidate (workerCount)',
  maxNumWorkers: 'the candidate (workerCount)',
  maxWorkers: 'the candidate (workerCount)',
  serviceAccount: 'serviceAccountEmail',
  serviceAccountEmail: 'serviceAccountEmail',
  network: 'network',
  subnetwork: 'subnetwork',
  tempLocation: 'tempLocation',
  gcpTempLocation: 'tempLocation',
  stagingLocation: 'stagingLocation',
  autoscalingAlgorithm: 'autoscalingAlgorithm',
  kmsKeyName: 'kmsKeyName',
  dataflowKmsKey: 'kmsKeyName',
  ipConfiguration: 'ipConfiguration',
  usePublicIps: 'ipConfiguration',
  enableStreamingEngine: 'enableStreamingEngine',
  sdkContainerImage: 'sdkContainerImage',
  diskSizeGb: 'diskSizeGb',
  zone: 'workerZone',
  workerZone: 'workerZone',
  workerRegion: 'workerRegion',
  flexRSGoal: 'flexrsGoal',
  flexrsGoal: 'flexrsGoal',
  experiments: 'additionalExperiments',
  additionalExperiments: 'additionalExperiments',
  dataflowServiceOptions: 'additionalExperiments',
  labels: 'additionalUserLabels',
  additionalUserLabels: 'additionalUserLabels',
  saveHeapDumpsToGcsPath: 'saveHeapDumpsToGcsPath',
  dumpHeapOnOOM: 'dumpHeapOnOom',
  jobName: 'the engine (a function of the execution)',
  project: 'the deployment',
  region: 'the deployment',
  runner: 'the deployment',
};

/** Beam options without an environment field: they travel in additionalPipelineOptions. */
const pipelineOptions = new Set(['numberOfWorkerHarnessThreads', 'workerDiskType']);

/** True for names that must not stand among template parameters. */
export function isRuntimeOption(name: string): boolean {
  return Object.hasOwn(runtimeOptions, name) || pipelineOptions.has(name);
}
