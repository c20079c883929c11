// Refuses runtime environments that Dataflow would refuse, or would read differently from what was meant.

import type { Violation } from '../base/errors.ts';
import type { Environment } from '../schema/environment.ts';
import type { EnvironmentInput } from './launch-environment.ts';
import { optionHoldsSecret, plainSecret } from './secrets.ts';
import { runtimeOptions } from './templates/runtime-options.ts';

type Found = { readonly violations: Violation[]; readonly warnings: string[] };

/** FlexRS jobs may wait this long before they start (dataflow-env.md 4). */
const flexDelaySec = 6 * 3600;

/** Violations and warnings of the environment a load would run in. Zone against region is checked with the load (check-load.ts). */
export function checkEnvironment(input: EnvironmentInput): Found {
  const found: Found = { violations: [], warnings: [] };
  const environment = input.load.environment ?? {};
  const at = `/loads/${input.load.name}/environment`;
  const refuse = (key: string, message: string, code = 'ENVIRONMENT') =>
    found.violations.push({ code, path: `${at}/${key}`, message });
  checkNetwork(environment, input.target.region, refuse, found.warnings);
  checkKeys(environment, input.target.region, refuse, found.warnings);
  checkOptions(environment, input.readers.setThreads, refuse);
  found.violations.push(...plainSecretsOf(environment, at));
  const flex = input.candidate.flexRs ?? environment.flexrsGoal === 'FLEXRS_COST_OPTIMIZED';
  if (flex && input.deadlineSec !== undefined && input.deadlineSec < flexDelaySec + input.maxRuntimeSec) {
    const path = input.candidate.flexRs === true ? '/candidate/flexRs' : `${at}/flexrsGoal`;
    const message = `FlexRS may start up to 6 h late, and the deadline is ${input.deadlineSec} s: with up to ${input.maxRuntimeSec} s of run time it cannot be kept; turn FlexRS off, or allow at least ${flexDelaySec + input.maxRuntimeSec} s`;
    found.violations.push({ code: 'FLEXRS', path, message });
  }
  if (flex && environment.workerZone !== undefined) {
    refuse('workerZone', 'FlexRS needs the freedom to choose a zone: remove workerZone');
  }
  if (environment.workerZone !== undefined) {
    found.warnings.push(
      'a pinned workerZone halves the number of workers allowed and loses the way out when the zone is full',
    );
  }
  if (environment.enableStreamingEngine === true || environment.streamingMode !== undefined) {
    found.warnings.push('enableStreamingEngine and streamingMode have no effect on batch templates');
  }
  return found;
}

type Refuse = (key: string, message: string, code?: string) => void;

function checkNetwork(environment: Environment, region: string, refuse: Refuse, warnings: string[]): void {
  const { network, subnetwork, workerZone } = environment;
  const workerRegion = environment.workerRegion ?? workerZone?.replace(/-[a-z]$/, '') ?? region;
  if (workerZone !== undefined && !/^[a-z]+-[a-z]+\d+-[a-z]$/.test(workerZone)) {
    refuse('workerZone', `workerZone "${workerZone}" is not a zone name such as europe-west1-b`);
  }
  if (subnetwork !== undefined) {
    const parts =
      /^(?:https:\/\/www\.googleapis\.com\/compute\/v1\/projects\/[^/]+\/)?regions\/([^/]+)\/subnetworks\/[^/]+$/.exec(
        subnetwork,
      );
    if (parts === null) {
      refuse(
        'subnetwork',
        'subnetwork must be regions/REGION/subnetworks/NAME, or for a Shared VPC https://www.googleapis.com/compute/v1/projects/HOST/regions/REGION/subnetworks/NAME',
      );
    } else if (parts[1] !== workerRegion) {
      refuse(
        'subnetwork',
        `the subnetwork is in ${parts[1]}, the workers in ${workerRegion}: both must be in one region`,
      );
    }
    if (network !== undefined)
      warnings.push('network is not needed beside subnetwork, and contradicts it when it names another');
  }
  if (network !== undefined && !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(network)) {
    refuse('network', `network "${network}" must be the plain name of an auto-mode network; name others by subnetwork`);
  }
}

function checkKeys(environment: Environment, region: string, refuse: Refuse, warnings: string[]): void {
  const key = environment.kmsKeyName;
  if (key === undefined) return;
  const parts = /^projects\/[^/\s]+\/locations\/([^/\s]+)\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+$/.exec(key);
  if (parts === null) {
    refuse('kmsKeyName', 'kmsKeyName must be projects/P/locations/L/keyRings/R/cryptoKeys/K');
  } else if (parts[1] !== region && parts[1] !== 'global') {
    warnings.push(
      `the key of kmsKeyName is in ${parts[1]}, the job in ${region}: Dataflow wants a key of the job's region`,
    );
  }
}

/** Everything in an environment that has a name and a value, held against what must not travel. */
function plainSecretsOf(environment: Environment, at: string): Violation[] {
  const split = (text: string): [string, string] => {
    const [name = '', ...rest] = text.split('=');
    return [name, rest.join('=')];
  };
  const named: Readonly<Record<string, [string, string][]>> = {
    additionalPipelineOptions: (environment.additionalPipelineOptions ?? []).map(split),
    additionalExperiments: (environment.additionalExperiments ?? []).map(split),
    launchOptions: Object.entries(environment.launchOptions ?? {}),
    additionalUserLabels: Object.entries(environment.additionalUserLabels ?? {}),
  };
  return Object.entries(named).flatMap(([key, options]) =>
    options
      .filter(([name, value]) => optionHoldsSecret(name, value))
      .map(([name]) => plainSecret(`${at}/${key}`, `${key} ${name}`)),
  );
}

function checkOptions(environment: Environment, threadsAreFixed: boolean, refuse: Refuse): void {
  for (const experiment of environment.additionalExperiments ?? []) {
    if (experiment.startsWith('max_workflow_runtime_walltime_seconds')) {
      refuse(
        'additionalExperiments',
        'the walltime guard is always set by the plan: write maxRuntimeSec instead',
        'COLLISION',
      );
    }
  }
  const seen = new Set<string>();
  for (const option of environment.additionalPipelineOptions ?? []) {
    const [name = ''] = option.split('=');
    const field = runtimeOptions[name];
    if (field !== undefined)
      refuse('additionalPipelineOptions', `${name} would be given twice: it comes from ${field}`, 'COLLISION');
    if (name === 'numberOfWorkerHarnessThreads' && threadsAreFixed) {
      refuse(
        'additionalPipelineOptions',
        `${name} is set by the plan (connection limit or machine): remove it`,
        'COLLISION',
      );
    }
    if (seen.has(name)) refuse('additionalPipelineOptions', `${name} stands twice`, 'COLLISION');
    seen.add(name);
  }
}
