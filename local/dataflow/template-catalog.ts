// The flex templates this service knows, with the parameter metadata Google publishes for them: those it can run, and those the planner
// writes launches for, which it checks all the same.

import { templateMetadata, templateNames } from '../../shared/plan/templates/metadata.ts';
import data from './data/templates.json' with { type: 'json' };

export type TemplateParameter = {
  readonly name: string;
  readonly required: boolean;
  readonly type: string;
  readonly regexes?: readonly string[];
  readonly default?: string;
  /** The plain value must not be shown or stored. */
  readonly sensitive?: boolean;
};

export type Template = {
  /** e.g. `PostgreSQL_to_BigQuery`. */
  readonly name: string;
  readonly parameters: readonly TemplateParameter[];
  /** Beginnings of the JDBC URLs that can be executed here; none: its launches are checked, and its jobs fail. */
  readonly sources: readonly string[];
};

type TemplateData = { readonly parameterSets: readonly string[]; readonly sources: readonly string[] };
const parameterSets: Readonly<Record<string, readonly TemplateParameter[]>> = data.parameterSets;
const templates: Readonly<Record<string, TemplateData>> = data.templates;

/** Names of the templates that can run. */
export const executedTemplates: readonly string[] = Object.keys(templates);

/** Names of the templates whose launches are checked and whose jobs fail. A classic template is launched by another call. */
export const validatedTemplates: readonly string[] = templateNames.filter(
  (name) => !executedTemplates.includes(name) && templateMetadata(name)?.kind === 'flex',
);

/**
 * `gs://dataflow-templates[-REGION]/VERSION/flex/NAME`, VERSION being `latest` or a dated release folder. Source of the paths: the
 * Terraform blocks of the templates' READMEs.
 */
const providedTemplatePath = /^gs:\/\/dataflow-templates(?:-[a-z0-9-]+)?\/[^/]+\/flex\/([A-Za-z0-9_]+)$/;

/** The template of a container spec path, or undefined if the path names none that is known here. */
export function findTemplate(containerSpecGcsPath: string): Template | undefined {
  const name = providedTemplatePath.exec(containerSpecGcsPath)?.[1] ?? '';
  const found = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (found === undefined) return validated(name);
  return { name, sources: found.sources, parameters: found.parameterSets.flatMap((set) => parameterSets[set] ?? []) };
}

function validated(name: string): Template | undefined {
  const parameters = validatedTemplates.includes(name) ? templateMetadata(name)?.parameters : undefined;
  return parameters === undefined ? undefined : { name, sources: [], parameters };
}

/** `gs://BUCKET/scripted/NAME`: a job that only walks its states; any bucket will do. */
export function isScriptedPath(containerSpecGcsPath: string): boolean {
  return /^gs:\/\/[^/]+\/scripted\/[^/]+$/.test(containerSpecGcsPath);
}
