// Chooses the template of a load: the catalogue's, a named one of Google's, or the user's own container spec.

import type { ParameterViolation, Violation } from '../../base/errors.ts';
import type { EffectiveLoad } from '../../schema/load-config.ts';
import type { PlanTarget } from '../../schema/plan.ts';
import type { TableProfile } from '../../schema/profile.ts';
import { didYouMean } from '../nearest-names.ts';
import { credential, isSecretName, isSecretPath, optionHoldsSecret, plainSecret } from '../secrets.ts';
import { type CatalogueEntry, catalogueEntry, cataloguePairs, isJdbcToBigQuery, jdbcEntry } from './catalogue.ts';
import { type TemplateMetadata, templateMetadata, templateNames } from './metadata.ts';
import type { Route } from './route.ts';
import { misplacedOptions, validateParameters } from './validate-parameters.ts';

export type TemplateInput = {
  readonly load: EffectiveLoad;
  readonly profile?: TableProfile | undefined;
  readonly target: PlanTarget;
  readonly tempLocation: string;
  readonly templateMetadata?: TemplateMetadata | undefined;
};

export type ChosenTemplate =
  | {
      readonly ok: true;
      readonly templateName: string;
      readonly containerSpec: string;
      readonly why: string;
      readonly warnings: readonly string[];
      readonly build: (shardCount: number) => Route;
      readonly validate: (route: Route) => readonly Violation[];
    }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** The template, its parameter builder and its validation; or why there is none. */
export function chooseTemplate(input: TemplateInput): ChosenTemplate {
  const { load } = input;
  const path = `/loads/${load.name}/template`;
  const refuse = (at: string, message: string): ChosenTemplate => ({
    ok: false,
    violations: [{ code: 'TEMPLATE', path: `${path}${at}`, message }],
  });
  const { name, containerSpecGcsPath: ownSpec } = load.template ?? {};
  if (name !== undefined && templateMetadata(name) === undefined && ownSpec === undefined) {
    return refuse(
      '/name',
      `unknown template "${name}"${didYouMean(name, templateNames)}; known: ${templateNames.join(', ')}`,
    );
  }
  if (name !== undefined && templateMetadata(name)?.kind === 'classic') {
    return refuse(
      '/name',
      `${name} is a classic template, and the engine launches Flex templates; for text files take GCS_Text_to_BigQuery_Flex`,
    );
  }
  if (name === undefined && ownSpec !== undefined) return ownTemplate(input, ownSpec, ownName(ownSpec));
  const entry = name === undefined ? catalogueEntry(load.source, load.target.type) : namedEntry(name);
  if (entry === undefined) {
    const pair = `${load.source.type} → ${load.target.type}`;
    return refuse(
      '',
      `no template carries ${pair}; the catalogue has ${cataloguePairs.join(', ')}; name one by template.name or template.containerSpecGcsPath`,
    );
  }
  const metadata = templateMetadata(entry.templateName);
  const containerSpec =
    ownSpec ?? googleSpec(input.target.region, load.template?.version ?? 'latest', entry.templateName);
  const why =
    name === undefined ? `the catalogue's choice for ${load.source.type} → ${load.target.type}` : 'named by the load';
  return {
    ok: true,
    templateName: entry.templateName,
    containerSpec,
    why: ownSpec === undefined ? why : `${why}, launched from ${ownSpec}`,
    warnings: [],
    build: (shardCount) => withOwnParameters(entry, input, shardCount),
    validate: (route) => (metadata === undefined ? [] : asViolations(metadata, route)),
  };
}

/** Google's container spec of a template; `version` is `latest` or a dated folder (templates.md 1). */
export function googleSpec(region: string, version: string, templateName: string): string {
  return `gs://dataflow-templates-${region}/${version}/flex/${templateName}`;
}

function namedEntry(templateName: string): CatalogueEntry {
  if (isJdbcToBigQuery(templateName)) return jdbcEntry(templateName);
  return { templateName, build: () => bareRoute(templateName) };
}

function bareRoute(templateName: string): Route {
  const steps = ["parameters are the load's own (template.parameters)"];
  return { templateName, parameters: {}, readMode: 'files', steps, warnings: [], violations: [] };
}

/** The builder's parameters with the load's own laid beside them: a name that both set is refused, never silently decided. */
function withOwnParameters(entry: CatalogueEntry, input: TemplateInput, shardCount: number): Route {
  const route = entry.build({
    load: input.load,
    profile: input.profile,
    target: input.target,
    tempLocation: input.tempLocation,
    shardCount,
  });
  const path = `/loads/${input.load.name}/template/parameters`;
  const violations = [...route.violations];
  const parameters: Record<string, string> = { ...route.parameters };
  for (const [name, value] of Object.entries(input.load.template?.parameters ?? {})) {
    const at = `${path}/${name}`;
    const secret = isSecretName(name) || isSecretPath(value);
    const checked = secret
      ? credential(value, { place: input.target.environment, path: at, name: `parameter ${name}`, plain: false })
      : ({ ok: true, value } as const);
    if (!checked.ok) violations.push(checked.violation);
    else if (!secret && optionHoldsSecret(name, value)) violations.push(plainSecret(at, `parameter ${name}`));
    else if (Object.hasOwn(route.parameters, name)) {
      const message = `parameter ${name} is set by the plan from the load and the candidate: change it there`;
      violations.push({ code: 'COLLISION', path: at, message });
    } else parameters[name] = checked.value;
  }
  return { ...route, parameters, violations };
}

function ownTemplate(input: TemplateInput, containerSpec: string, templateName: string): ChosenTemplate {
  const metadata = input.templateMetadata;
  const unchecked = `nothing is known about the parameters of ${containerSpec}: they are sent as they are`;
  return {
    ok: true,
    templateName,
    containerSpec,
    why: `the load's own container spec ${containerSpec}`,
    warnings: metadata === undefined ? [unchecked] : [],
    build: (shardCount) => withOwnParameters({ templateName, build: () => bareRoute(templateName) }, input, shardCount),
    validate: (route) =>
      metadata === undefined ? misplacedOptions(route.parameters).map(asViolation) : asViolations(metadata, route),
  };
}

/** The name of a user's own template: that of its container spec's file. */
export const ownName = (containerSpec: string): string =>
  containerSpec
    .split('/')
    .at(-1)
    ?.replace(/\.json$/, '') || 'own-template';

function asViolations(metadata: TemplateMetadata, route: Route): Violation[] {
  const complete = route.violations.length === 0;
  return validateParameters(metadata, route.parameters, { complete }).map(asViolation);
}

const asViolation = ({ parameter, description }: ParameterViolation): Violation => ({
  code: 'TEMPLATE_PARAMETER',
  path: `/parameters/${parameter}`,
  message: `${parameter}: ${description}`,
});
