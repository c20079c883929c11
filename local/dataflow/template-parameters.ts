// Checks the parameters of a launch against the template's metadata, as the service does before it accepts a job.

import { ApiError, type ParameterViolation, withTrace } from './api-error.ts';
import { emptyEnvironment, type WireEnvironment } from './launch-request.ts';
import type { Template, TemplateParameter } from './template-catalog.ts';

/**
 * Throws INVALID_ARGUMENT with every violation (unknown, missing, not matching a regex), or for an option that stands both in
 * `parameters` and in `environment`. A value must match a regex as a whole; whether the real service searches or matches is not known,
 * so the stricter reading holds here: what passes here passes there.
 */
export function checkTemplateParameters(
  template: Template,
  parameters: Readonly<Record<string, string>>,
  environment: WireEnvironment,
): void {
  for (const [option, field] of Object.entries(optionsOfEnvironment)) {
    if (!Object.hasOwn(parameters, option) || isDefault(environment, field)) continue;
    throw new ApiError(
      'INVALID_ARGUMENT',
      withTrace(
        `The workflow could not be created. Causes: Runtime parameter ${option} should not be specified in both parameters field and environment field.`,
      ),
    );
  }
  const violations = [
    ...unknownOnes(template, parameters),
    ...template.parameters.flatMap((p) => violationsOf(p, parameters[p.name])),
  ];
  if (violations.length > 0) {
    throw new ApiError(
      'INVALID_ARGUMENT',
      withTrace('The template parameters are invalid. Details:\n') + listed(violations),
      violations,
    );
  }
}

/** Pipeline options that have a field of their own in the environment (observed in 400s of users). */
const optionsOfEnvironment: Readonly<Record<string, keyof WireEnvironment>> = {
  workerMachineType: 'machineType',
  serviceAccount: 'serviceAccountEmail',
  numWorkers: 'numWorkers',
  maxNumWorkers: 'maxWorkers',
  network: 'network',
  subnetwork: 'subnetwork',
  tempLocation: 'tempLocation',
  stagingLocation: 'stagingLocation',
  autoscalingAlgorithm: 'autoscalingAlgorithm',
  kmsKeyName: 'kmsKeyName',
  ipConfiguration: 'ipConfiguration',
  enableStreamingEngine: 'enableStreamingEngine',
  sdkContainerImage: 'sdkContainerImage',
};

function isDefault(environment: WireEnvironment, field: keyof WireEnvironment): boolean {
  return environment[field] === emptyEnvironment[field];
}

function unknownOnes(template: Template, parameters: Readonly<Record<string, string>>): ParameterViolation[] {
  const known = new Set(template.parameters.map((parameter) => parameter.name));
  return Object.keys(parameters)
    .filter((name) => !known.has(name))
    .map((parameter) => ({ parameter, description: 'Unrecognized parameter' }));
}

function violationsOf(
  { name, required, regexes = [] }: TemplateParameter,
  value: string | undefined,
): ParameterViolation[] {
  if (value === undefined) return required ? [{ parameter: name, description: 'Missing required parameter' }] : [];
  return regexes
    .filter((regex) => !new RegExp(`^(?:${regex})$`).test(value))
    .map((regex) => ({ parameter: name, description: `Parameter didn't match regex '${regex}'` }));
}

function listed(violations: readonly ParameterViolation[]): string {
  return violations.map(({ parameter, description }) => `${parameter}: ${description}`).join('\n');
}
