// Checks template parameters before anything is sent, in the service's own violation shape.

import type { ParameterViolation } from '../../base/errors.ts';
import { didYouMean } from '../nearest-names.ts';
import { isSecretPath } from '../secrets.ts';
import { wholeMatch } from '../sources/whole-match.ts';
import { jdbcConflicts } from './jdbc-conflicts.ts';
import type { ParameterMetadata, TemplateMetadata } from './metadata.ts';
import { isRuntimeOption } from './runtime-options.ts';

type Parameters = Readonly<Record<string, string>>;

/**
 * Every parameter the service or the template would refuse or silently ignore: unknown, missing, not matching its patterns, out of its
 * enum, a runtime option in the wrong place, or in conflict with another (templates.md 2.4). Values of sensitive parameters are not quoted.
 * `complete` false: parameters are missing for a reason given elsewhere, so only those that are there are judged.
 */
export function validateParameters(
  template: TemplateMetadata,
  parameters: Parameters,
  options: { readonly complete: boolean } = { complete: true },
): ParameterViolation[] {
  const known = new Map(template.parameters.map((parameter) => [parameter.name, parameter]));
  const violations: ParameterViolation[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const metadata = known.get(name);
    if (metadata !== undefined) violations.push(...valueViolations(metadata, value));
    else if (isRuntimeOption(name)) violations.push({ parameter: name, description: runtimeOption(name) });
    else {
      const near = didYouMean(name, known.keys());
      violations.push({ parameter: name, description: `Unrecognized parameter of ${template.name}${near}` });
    }
  }
  if (!options.complete) return violations;
  for (const parameter of template.parameters) {
    if (parameter.required && isActive(parameter, parameters) && !Object.hasOwn(parameters, parameter.name)) {
      violations.push({ parameter: parameter.name, description: `Missing required parameter of ${template.name}` });
    }
  }
  return known.has('partitionColumn') && known.has('outputTable')
    ? [...violations, ...jdbcConflicts(parameters)]
    : violations;
}

/** The runtime options among parameters of a template nothing is known about: the service refuses them, whatever the template. */
export function misplacedOptions(parameters: Parameters): ParameterViolation[] {
  return Object.keys(parameters)
    .filter(isRuntimeOption)
    .map((name) => ({ parameter: name, description: runtimeOption(name) }));
}

function valueViolations(metadata: ParameterMetadata, value: string): ParameterViolation[] {
  const secret = metadata.sensitive && isSecretPath(value);
  const shown = metadata.sensitive ? '' : ` (value: ${JSON.stringify(value.slice(0, 200))})`;
  if (metadata.enumValues !== undefined && !metadata.enumValues.includes(value)) {
    return [{ parameter: metadata.name, description: `Must be one of ${metadata.enumValues.join(', ')}${shown}` }];
  }
  return metadata.regexes
    .filter((regex) => !secret && !wholeMatch(regex, value))
    .map((regex) => ({ parameter: metadata.name, description: `Parameter didn't match regex '${regex}'${shown}` }));
}

function isActive(parameter: ParameterMetadata, parameters: Parameters): boolean {
  if (parameter.parent === undefined) return true;
  return parameter.parent.values.includes(parameters[parameter.parent.name] ?? '');
}

function runtimeOption(name: string): string {
  return `${name} is a runtime option: set it in environment (or additionalPipelineOptions); the service refuses it among the parameters`;
}
