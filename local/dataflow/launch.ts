// LaunchFlexTemplate: checks the request as the service does and records the job it accepts.

import { ApiError, withTrace } from './api-error.ts';
import { doomKinds, doomOf } from './dooms.ts';
import type { FaultScript } from './faults.ts';
import { newJobId } from './job-id.ts';
import type { JobRecord } from './job-record.ts';
import type { JobStore } from './job-store.ts';
import { emptyEnvironment, type WireLaunchRequest } from './launch-request.ts';
import { scriptSchema } from './scripted-jobs.ts';
import { isSecretVersion } from './secret-version.ts';
import {
  executedTemplates,
  findTemplate,
  isScriptedPath,
  type Template,
  validatedTemplates,
} from './template-catalog.ts';
import { checkTemplateParameters } from './template-parameters.ts';
import { checkJobName, checkLabels, readWorkerSettings } from './worker-settings.ts';

export type LaunchDeps = {
  readonly store: JobStore;
  readonly faults: FaultScript;
  readonly now: () => number;
  /** How long a job stays queued, in ms; so long a cancel is too early. */
  readonly startupMs: number;
};

export type Launched = { readonly record: JobRecord; readonly parameters: Readonly<Record<string, string>> };

/** The accepted job, or undefined for validateOnly. Throws ApiError for everything the service refuses. */
export function launch(deps: LaunchDeps, request: WireLaunchRequest): Launched | undefined {
  const { projectId, location, launchParameter } = request;
  if (projectId === '' || location === '')
    throw new ApiError('INVALID_ARGUMENT', withTrace('project_id and location are required.'));
  if (launchParameter === null) throw new ApiError('INVALID_ARGUMENT', withTrace('launch_parameter is required.'));
  const { jobName, parameters, containerSpecGcsPath: path = '' } = launchParameter;
  const environment = launchParameter.environment ?? emptyEnvironment;
  checkJobName(jobName);
  if (launchParameter.update)
    throw new ApiError('UNIMPLEMENTED', 'the local Dataflow service has no streaming jobs to update');
  const template = templateOf(path);
  const workers = readWorkerSettings(environment);
  const labels = checkLabels(environment.additionalUserLabels);
  if (template === undefined) checkScript(parameters);
  else checkTemplateParameters(template, parameters, environment);
  refuseIfActive(deps.store, projectId, location, jobName);
  if (request.validateOnly) return undefined;

  const createdAt = deps.now();
  const record: JobRecord = {
    id: newJobId(createdAt),
    name: jobName,
    projectId,
    location,
    containerSpecGcsPath: path,
    templateName: template?.name ?? 'scripted',
    parameters: template === undefined ? parameters : withoutSecrets(template, parameters),
    labels: { ...labels, ...(template === undefined ? {} : templateLabels(template)) },
    workers,
    createdAt,
    state: 'JOB_STATE_QUEUED',
    stateAt: createdAt,
    workerCount: 0,
    cancellableFrom: createdAt + deps.startupMs,
    ...(template === undefined ? { script: scriptSchema.parse(parameters) } : {}),
  };
  const faulty = withFaults(record, deps.faults);
  if (!deps.store.insert(faulty)) refuseIfActive(deps.store, projectId, location, jobName);
  return { record: faulty, parameters };
}

function templateOf(path: string): Template | undefined {
  if (path === '') {
    throw new ApiError(
      'INVALID_ARGUMENT',
      withTrace('container_spec_gcs_path is required; this service reads no inline container_spec.'),
    );
  }
  if (isScriptedPath(path)) return undefined;
  const template = findTemplate(path);
  if (template !== undefined) return template;
  const known = `executes ${executedTemplates.join(', ')} and validates ${validatedTemplates.join(', ')}`;
  throw new ApiError(
    'NOT_FOUND',
    withTrace(
      `Unable to open template file: ${path}. The local Dataflow service ${known}, each as gs://dataflow-templates-REGION/latest/flex/NAME.`,
    ),
  );
}

function refuseIfActive(store: JobStore, projectId: string, location: string, name: string): void {
  if (store.activeNamed(projectId, location, name) === undefined) return;
  // The two spaces are in the service's own text (apache/beam #29441).
  throw new ApiError(
    'ALREADY_EXISTS',
    withTrace(
      `There is already an active job named ${name}. If you want to  submit a second job, try again by setting a different name.`,
    ),
  );
}

function checkScript(parameters: Readonly<Record<string, string>>): void {
  const result = scriptSchema.safeParse(parameters);
  if (result.success) return;
  const violations = result.error.issues.map((issue) => ({
    parameter: issue.path.join('.'),
    description: issue.message,
  }));
  throw new ApiError(
    'INVALID_ARGUMENT',
    withTrace(`The template parameters are invalid: ${result.error.message}`),
    violations,
  );
}

function withoutSecrets(template: Template, parameters: Readonly<Record<string, string>>): Record<string, string> {
  const sensitive = new Set(
    template.parameters.filter((parameter) => parameter.sensitive).map((parameter) => parameter.name),
  );
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      sensitive.has(name) && !isSecretVersion(value) ? '***' : value,
    ]),
  );
}

function templateLabels(template: Template): Record<string, string> {
  return {
    'goog-dataflow-provided-template-name': template.name.toLowerCase(),
    'goog-dataflow-provided-template-type': 'flex',
  };
}

/** The faults that follow a job through its life are settled when it is accepted, so that the n-th launch means the n-th accepted one. */
function withFaults(record: JobRecord, faults: FaultScript): JobRecord {
  const event = { jobName: record.name };
  const hidden = faults.strike('hideFromLists', event);
  const missing = faults.strike('getJobNotFound', event);
  const notReady = faults.strike('notReadyForCancel', event);
  const doom = doomKinds.map((kind) => faults.strike(kind, event)).find((fault) => fault !== undefined);
  return {
    ...record,
    ...(hidden === undefined ? {} : { listedFrom: record.createdAt + hidden.forMs }),
    ...(missing === undefined ? {} : { gettableFrom: record.createdAt + missing.forMs }),
    ...(notReady === undefined ? {} : { cancellableFrom: record.createdAt + notReady.forMs }),
    ...(doom === undefined ? {} : { doom: doomOf(doom, record.id) }),
  };
}
