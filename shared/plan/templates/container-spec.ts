// Reads the container spec of a user's own Flex template, so that its parameters can be checked like Google's.

import * as z from 'zod';
import { isSecretName } from '../secrets.ts';
import type { TemplateMetadata } from './metadata.ts';

const parameterSchema = z.object({
  name: z.string().min(1),
  isOptional: z.boolean().optional(),
  regexes: z.array(z.string()).optional(),
  paramType: z.string().optional(),
  enumOptions: z.array(z.object({ value: z.string() })).optional(),
  parentName: z.string().optional(),
  parentTriggerValues: z.array(z.string()).optional(),
});

/** The JSON at a containerSpecGcsPath (ContainerSpec with TemplateMetadata), as far as the planner reads it. */
const containerSpecSchema = z.object({
  image: z.string().min(1),
  metadata: z.object({ name: z.string().optional(), parameters: z.array(parameterSchema).default([]) }).optional(),
});

export type ContainerSpecResult =
  | { readonly ok: true; readonly metadata: TemplateMetadata | undefined }
  | { readonly ok: false; readonly message: string };

/**
 * The parameter metadata of a container spec; undefined when the spec carries none. `text` is the file's content. A spec that is not JSON,
 * not a container spec, or holds a pattern that is no regular expression is refused with the reason.
 */
export function readContainerSpec(text: string, path: string): ContainerSpecResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, message: `${path} is not JSON: a Flex template's container spec is expected` };
  }
  const parsed = containerSpecSchema.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
      .join('; ');
    return { ok: false, message: `${path} is not a Flex template's container spec: ${faults}` };
  }
  const { metadata } = parsed.data;
  if (metadata === undefined) return { ok: true, metadata: undefined };
  const bad = metadata.parameters.flatMap((parameter) => (parameter.regexes ?? []).filter((regex) => !compiles(regex)));
  if (bad.length > 0) return { ok: false, message: `${path}: not a regular expression: ${bad.join(' and ')}` };
  const parameters = metadata.parameters.map((parameter) => ({
    name: parameter.name,
    type: parameter.paramType ?? 'TEXT',
    required: parameter.isOptional !== true,
    regexes: parameter.regexes ?? [],
    ...(parameter.enumOptions === undefined ? {} : { enumValues: parameter.enumOptions.map((option) => option.value) }),
    sensitive: isSecretName(parameter.name),
    ...(parameter.parentName === undefined
      ? {}
      : { parent: { name: parameter.parentName, values: parameter.parentTriggerValues ?? [] } }),
  }));
  return { ok: true, metadata: { name: metadata.name ?? path, kind: 'flex', parameters } };
}

function compiles(regex: string): boolean {
  try {
    new RegExp(regex);
    return true;
  } catch {
    return false;
  }
}
