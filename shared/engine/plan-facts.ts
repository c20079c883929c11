// What a plan needs beside configuration and profile: an estimate made here, what was spent today, a user template's metadata.

import type { Violation } from '../base/errors.ts';
import { isEngineError } from '../base/errors.ts';
import { findMachineType } from '../plan/machine-types.ts';
import type { PlanInput } from '../plan/plan-load.ts';
import { readContainerSpec } from '../plan/templates/container-spec.ts';
import { estimateLoad } from '../recommend/consider-chain.ts';
import type { Candidate, Estimate } from '../schema/candidate.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Guardrails, Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';
import { learntOf } from './cohorts-of.ts';
import type { EngineDeps } from './deps.ts';
import { spentToday } from './spend.ts';

export type PlanFacts = Pick<PlanInput, 'estimate' | 'estimateIsStated' | 'spentTodayMicroUsd' | 'templateMetadata'>;

export type FactsInput = {
  readonly load: EffectiveLoad;
  readonly candidate: Candidate;
  readonly policy: Policy;
  readonly requestGuardrails?: Guardrails | undefined;
  readonly profile?: TableProfile | undefined;
  /** The estimate the recommendation states for this very candidate. */
  readonly stated?: Estimate | undefined;
  readonly executionId: string;
  /** What earlier attempts of the same execution cost: spent today as well. */
  readonly spentByEarlierAttemptsMicroUsd?: number | undefined;
};

type Deps = Pick<EngineDeps, 'documents' | 'clock' | 'runtime' | 'containerSpec'>;

/**
 * The facts. Bounds on money and time are held against an estimate computed here, never against one a request brought; it costs reads of
 * the cohorts, so without such a bound a stated estimate is kept as it is. Violations when a user's template has no readable spec.
 */
export async function planFacts(
  deps: Deps,
  input: FactsInput,
): Promise<
  { readonly ok: true; readonly facts: PlanFacts } | { readonly ok: false; readonly violations: readonly Violation[] }
> {
  const { load, policy } = input;
  const template = await templateMetadata(deps, load);
  if (!template.ok) return template;
  const bounded =
    boundsEstimates(policy) ||
    boundsEstimates(input.requestGuardrails ?? {}) ||
    policy.dailyBudgetMicroUsd !== undefined;
  const computed = bounded || input.stated === undefined ? await computeEstimate(deps, input, bounded) : undefined;
  const estimate = computed ?? input.stated;
  return {
    ok: true,
    facts: {
      ...(estimate === undefined ? {} : { estimate, estimateIsStated: computed === undefined }),
      ...(template.metadata === undefined ? {} : { templateMetadata: template.metadata }),
      ...(policy.dailyBudgetMicroUsd === undefined
        ? {}
        : {
            spentTodayMicroUsd:
              (await spentToday(deps, load.name, input.executionId)) + (input.spentByEarlierAttemptsMicroUsd ?? 0),
          }),
    },
  };
}

function boundsEstimates(guardrails: Guardrails): boolean {
  return (
    guardrails.maxCostMicroUsd !== undefined ||
    guardrails.maxDurationSec !== undefined ||
    guardrails.minThroughputMbPerSec !== undefined
  );
}

/** Undefined where nothing can be estimated: an unknown machine type or a region without prices; the plan then says what is missing. */
async function computeEstimate(deps: Deps, input: FactsInput, withCohorts: boolean): Promise<Estimate | undefined> {
  const machine = findMachineType(input.candidate.machineType);
  if (!machine.ok || input.candidate.workerCount < 1) return undefined;
  const { maxCostMicroUsd: _cost, maxDurationSec: _duration, minThroughputMbPerSec: _speed, ...policy } = input.policy;
  const considered = estimateLoad({
    load: input.load,
    policy: { ...policy, machineTypes: undefined, regions: undefined },
    profile: input.profile,
    ...(withCohorts ? await learntOf(deps, input.load, { machineFamilies: [machine.machineType.family] }) : {}),
    region: deps.runtime.region,
    runtime: deps.runtime.environment,
    candidates: [{ candidate: input.candidate, machine: machine.machineType }],
  });
  return considered.ok ? considered.estimates[0] : undefined;
}

async function templateMetadata(
  deps: Pick<EngineDeps, 'containerSpec'>,
  load: EffectiveLoad,
): Promise<
  | { readonly ok: true; readonly metadata: PlanFacts['templateMetadata'] }
  | { readonly ok: false; readonly violations: readonly Violation[] }
> {
  const path = load.template?.containerSpecGcsPath;
  if (path === undefined || load.template?.name !== undefined || deps.containerSpec === undefined)
    return { ok: true, metadata: undefined };
  const at = `/loads/${load.name}/template/containerSpecGcsPath`;
  const refused = (message: string) => ({ ok: false as const, violations: [{ code: 'TEMPLATE', path: at, message }] });
  try {
    const spec = readContainerSpec(await deps.containerSpec(path), path);
    return spec.ok ? { ok: true, metadata: spec.metadata } : refused(spec.message);
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND', 'PERMISSION_DENIED')) return refused(error.message);
    throw error;
  }
}
