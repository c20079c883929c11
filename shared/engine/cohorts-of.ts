// Reads the cohorts of a load and its template: what its clean runs taught, one document per machine family.

import { machineTypes } from '../plan/machine-types.ts';
import { isChain, planChain } from '../plan/plan-chain.ts';
import { catalogueEntry } from '../plan/templates/catalogue.ts';
import { ownName } from '../plan/templates/choose-template.ts';
import { type Cohort, cohortIdOf, cohortTemplate, parseCohort } from '../recommend/cohort.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { EngineDeps } from './deps.ts';

/** The cohorts of the families the bounds allow (default: all known). Damaged ones count as empty. */
export async function cohortsOf(
  deps: Pick<EngineDeps, 'documents'>,
  load: EffectiveLoad,
  bounds: Pick<Guardrails, 'machineFamilies'>,
): Promise<Cohort[]> {
  const found = templateNameOf(load);
  if (found === undefined) return [];
  const templateName = cohortTemplate(found, load.sourceName);
  // A bound may name a family or a part of one (`n2-standard`); cohorts are kept by family.
  const families = [
    ...new Set(
      bounds.machineFamilies?.map((bound) => bound.split('-')[0] ?? bound) ?? machineTypes.map(({ family }) => family),
    ),
  ];
  const read = families.map((machineFamily) =>
    deps.documents.read('cohorts', cohortIdOf({ load: load.name, templateName, machineFamily })),
  );
  return (await Promise.all(read)).flatMap((stored) => parseCohort(stored?.value) ?? []);
}

/** What a load's runs taught, for its estimate; the legs of a three-stage load are learnt apart. */
export async function learntOf(
  deps: Pick<EngineDeps, 'documents'>,
  load: EffectiveLoad,
  bounds: Pick<Guardrails, 'machineFamilies'>,
): Promise<{ readonly cohorts: Cohort[]; readonly secondLegCohorts?: Cohort[] }> {
  if (!isChain(load)) return { cohorts: await cohortsOf(deps, load, bounds) };
  // Cohorts are named by load, template and source: of no leg does the execution matter.
  const planned = planChain(load, 'any');
  if (!planned.ok) return { cohorts: [] };
  const { first, second } = planned.chain;
  const [cohorts, secondLegCohorts] = await Promise.all([
    cohortsOf(deps, first, bounds),
    cohortsOf(deps, second({}), bounds),
  ]);
  return { cohorts, secondLegCohorts };
}

/** The name a plan of the load records (choose-template.ts): under that name its runs were learnt. */
function templateNameOf({ template, source, target }: EffectiveLoad): string | undefined {
  const { name, containerSpecGcsPath: ownSpec } = template ?? {};
  if (name !== undefined) return name;
  return ownSpec === undefined ? catalogueEntry(source, target.type)?.templateName : ownName(ownSpec);
}
