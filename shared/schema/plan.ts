// A plan: the exact Dataflow launch request, and every step that led to it in words and numbers.

import type { Violation } from '../base/errors.ts';

/** The body of `flexTemplates:launch` (LaunchFlexTemplateRequest), with the fields of FlexTemplateRuntimeEnvironment. */
export type LaunchRequest = {
  readonly projectId: string;
  readonly location: string;
  readonly launchParameter: {
    readonly jobName: string;
    readonly containerSpecGcsPath: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly launchOptions?: Readonly<Record<string, string>>;
    readonly environment: LaunchEnvironment;
  };
  readonly validateOnly?: boolean;
};

/** FlexTemplateRuntimeEnvironment by its JSON field names. */
export type LaunchEnvironment = {
  readonly machineType: string;
  readonly numWorkers: number;
  readonly maxWorkers: number;
  readonly launcherMachineType?: string;
  readonly autoscalingAlgorithm?: string;
  readonly serviceAccountEmail?: string;
  readonly tempLocation?: string;
  readonly stagingLocation?: string;
  readonly workerRegion?: string;
  readonly workerZone?: string;
  readonly network?: string;
  readonly subnetwork?: string;
  readonly ipConfiguration?: string;
  readonly kmsKeyName?: string;
  readonly diskSizeGb?: number;
  readonly flexrsGoal?: string;
  readonly sdkContainerImage?: string;
  readonly enableStreamingEngine?: boolean;
  readonly streamingMode?: string;
  readonly dumpHeapOnOom?: boolean;
  readonly saveHeapDumpsToGcsPath?: string;
  readonly enableLauncherVmSerialPortLogging?: boolean;
  readonly additionalExperiments?: readonly string[];
  readonly additionalPipelineOptions?: readonly string[];
  readonly additionalUserLabels?: Readonly<Record<string, string>>;
};

/** Where and for whom a plan is made. */
export type PlanTarget = {
  readonly executionId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly projectId: string;
  readonly region: string;
  /** LOCAL: the local Dataflow; `environmentReason` says why. */
  readonly environment: 'LOCAL' | 'DATAFLOW';
  readonly environmentReason: string;
};

export type Plan = {
  readonly templateName: string;
  readonly request: LaunchRequest;
  /** Human-readable decisions in order. */
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  readonly sourceName: string;
  readonly readMode: 'split' | 'query' | 'files';
  readonly shardCount: number;
  readonly threadsPerWorker: number;
  /** Ranges read at once = source connections the job can hold, fleet-wide. 0 when the source is not a database. */
  readonly maxConcurrentShards: number;
  /** Rows the profile or configuration promises; `exact` when counted, else a statistic. */
  readonly expectedRows?: { readonly count: number; readonly exact: boolean };
  readonly maxRuntimeSec: number;
};

export type PlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly violations: readonly Violation[] };
