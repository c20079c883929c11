// The launch request as it arrives over the wire: names and defaults as @grpc/proto-loader delivers them.

export type WireEnvironment = {
  readonly numWorkers: number;
  readonly maxWorkers: number;
  readonly zone: string;
  readonly serviceAccountEmail: string;
  readonly tempLocation: string;
  readonly stagingLocation: string;
  readonly machineType: string;
  readonly launcherMachineType: string;
  readonly additionalExperiments: readonly string[];
  readonly additionalPipelineOptions: readonly string[];
  readonly network: string;
  readonly subnetwork: string;
  readonly additionalUserLabels: Readonly<Record<string, string>>;
  readonly kmsKeyName: string;
  readonly ipConfiguration: string;
  readonly workerRegion: string;
  readonly workerZone: string;
  readonly enableStreamingEngine: boolean;
  readonly flexrsGoal: string;
  readonly sdkContainerImage: string;
  readonly diskSizeGb: number;
  readonly autoscalingAlgorithm: string;
};

export type WireLaunchRequest = {
  readonly projectId: string;
  readonly location: string;
  readonly validateOnly: boolean;
  readonly launchParameter: {
    readonly jobName: string;
    readonly containerSpecGcsPath?: string;
    readonly containerSpec?: object | null;
    readonly parameters: Readonly<Record<string, string>>;
    readonly update: boolean;
    readonly environment: WireEnvironment | null;
  } | null;
};

/** The environment of a request that sent none: proto3 defaults. */
export const emptyEnvironment: WireEnvironment = {
  numWorkers: 0,
  maxWorkers: 0,
  zone: '',
  serviceAccountEmail: '',
  tempLocation: '',
  stagingLocation: '',
  machineType: '',
  launcherMachineType: '',
  additionalExperiments: [],
  additionalPipelineOptions: [],
  network: '',
  subnetwork: '',
  additionalUserLabels: {},
  kmsKeyName: '',
  ipConfiguration: 'WORKER_IP_UNSPECIFIED',
  workerRegion: '',
  workerZone: '',
  enableStreamingEngine: false,
  flexrsGoal: 'FLEXRS_UNSPECIFIED',
  sdkContainerImage: '',
  diskSizeGb: 0,
  autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_UNKNOWN',
};
