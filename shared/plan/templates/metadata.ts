// Holds what Google's templates say about their own parameters, and reads the same from a user's container spec.

import data from '../data/templates.json' with { type: 'json' };

export type ParameterMetadata = {
  readonly name: string;
  /** paramType of the template metadata: TEXT, NUMBER, BOOLEAN, ENUM, BIGQUERY_TABLE, GCS_READ_FILE, … */
  readonly type: string;
  readonly required: boolean;
  readonly regexes: readonly string[];
  readonly enumValues?: readonly string[];
  readonly sensitive: boolean;
  /** The parameter counts only while this other parameter has one of these values. */
  readonly parent?: { readonly name: string; readonly values: readonly string[] };
};

export type TemplateMetadata = {
  readonly name: string;
  /** `classic` templates cannot be launched through flexTemplates:launch. */
  readonly kind: 'flex' | 'classic';
  readonly parameters: readonly ParameterMetadata[];
};

type ParameterData = {
  readonly name: string;
  readonly type: string;
  readonly required?: boolean;
  readonly regexes?: readonly string[];
  readonly enumValues?: readonly string[];
  readonly sensitive?: boolean;
};
type TemplateData = {
  readonly kind: string;
  readonly parameterSet?: string;
  readonly parameters: readonly ParameterData[];
};

const sets: Readonly<Record<string, readonly ParameterData[]>> = data.parameterSets;
const templates: Readonly<Record<string, TemplateData>> = data.templates;
const catalogue = new Map(Object.entries(templates).map(([name, template]) => [name, metadataOf(name, template)]));

/** When the template data was generated (ISO date). */
export const templatesGenerated: string = data.generated;

/** The names of the templates that are known. */
export const templateNames: readonly string[] = [...catalogue.keys()];

/** The metadata of one of Google's templates; undefined for any other name. */
export function templateMetadata(name: string): TemplateMetadata | undefined {
  return catalogue.get(name);
}

function metadataOf(name: string, template: TemplateData): TemplateMetadata {
  const merged = new Map((sets[template.parameterSet ?? ''] ?? []).map((parameter) => [parameter.name, parameter]));
  for (const parameter of template.parameters) merged.set(parameter.name, parameter);
  return {
    name,
    kind: template.kind === 'classic' ? 'classic' : 'flex',
    parameters: [...merged.values()].map((parameter) => ({
      name: parameter.name,
      type: parameter.type,
      required: parameter.required === true,
      regexes: parameter.regexes ?? [],
      ...(parameter.enumValues === undefined ? {} : { enumValues: parameter.enumValues }),
      sensitive: parameter.sensitive === true,
    })),
  };
}
