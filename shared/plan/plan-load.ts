// Plans one attempt of a load: the exact Dataflow launch request and every step that led to it, or every reason against it.

import type { Violation } from '../base/errors.ts';
import { jobNameOf } from '../base/ids.ts';
import type { Candidate, Estimate } from '../schema/candidate.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { LaunchRequest, Plan, PlanResult, PlanTarget } from '../schema/plan.ts';
import type { Guardrails, Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';
import { checkCandidate } from './check-candidate.ts';
import { checkLoad, isDatabase } from './check-load.ts';
import { checkMachine } from './check-machine.ts';
import { checkPlaces } from './check-places.ts';
import { expectedRowsOf } from './expected-rows.ts';
import { checkGuardrails, tightest } from './guardrails.ts';
import { holdConnections } from './hold-connections.ts';
import { buildEnvironment, defaultMaxRuntimeSec } from './launch-environment.ts';
import { connectionLimit } from './plan-shards.ts';
import { shardProfileOf } from './shard-rules.ts';
import { sourceHandler } from './sources/registry.ts';
import { tempLocationOf } from './temp-location.ts';
import { chooseTemplate } from './templates/choose-template.ts';
import type { TemplateMetadata } from './templates/metadata.ts';

export type PlanInput = {
  readonly load: EffectiveLoad;
  readonly candidate: Candidate;
  readonly policy: Policy;
  /** Tightens the policy, never loosens it. */
  readonly requestGuardrails?: Guardrails | undefined;
  readonly profile?: TableProfile | undefined;
  readonly estimate?: Estimate | undefined;
  /** The estimate came with the recommendation or request instead of being computed by the engine. */
  readonly estimateIsStated?: boolean | undefined;
  readonly target: PlanTarget;
  /** Connections the source grants; default: the source's connectionBudget. */
  readonly connectionBudget?: number | undefined;
  /** Metadata of a user's own template, read from its container spec; without it its parameters pass unchecked. */
  readonly templateMetadata?: TemplateMetadata | undefined;
  /** What this load has cost today (UTC); only needed with policy.dailyBudgetMicroUsd. */
  readonly spentTodayMicroUsd?: number | undefined;
};

/**
 * The plan, or all violations at once. Pure and deterministic; never throws for what a user wrote. The request holds Secret Manager paths
 * but never a secret; the job name is a function of the execution.
 */
export function planLoad(input: PlanInput): PlanResult {
  const { load, policy, target } = input;
  const candidateViolations = checkCandidate(input.candidate);
  // Ranges and fleets are computed from the numbers: those of a refused candidate stand in as 1, so that everything else is checked too.
  const candidate =
    candidateViolations.length === 0 ? input.candidate : { ...input.candidate, workerCount: 1, shardCount: 1 };
  const incomplete = [...checkLoad(load), ...checkNoChain(load)];
  const guardrails = tightest(policy, input.requestGuardrails);
  const workerRegion = regionOfWorkers(load, target);
  const launcherMachineType = candidate.launcherMachineType ?? load.environment?.launcherMachineType;
  const ownTemplate = load.template?.containerSpecGcsPath !== undefined;
  const machines = checkMachine(candidate, { region: workerRegion, launcherMachineType, ownTemplate });
  const broken = checkGuardrails({
    candidate,
    machine: machines.machine,
    regions: [...new Set([target.region, workerRegion])],
    guardrails,
    estimate: input.estimate,
    estimateIsStated: input.estimateIsStated,
    dailyBudgetMicroUsd: policy.dailyBudgetMicroUsd,
    spentTodayMicroUsd: input.spentTodayMicroUsd,
  }).map(({ code, path, message }): Violation => ({ code, path, message }));
  const temp = tempLocationOf(load, target);
  const early = [
    ...candidateViolations,
    ...incomplete,
    ...machines.violations,
    ...broken,
    ...(temp.violation === undefined ? [] : [temp.violation]),
  ];
  // A load that is not complete has no route to describe; everything else is reported together with what the route finds.
  if (incomplete.length > 0) return { ok: false, violations: early };

  const template = chooseTemplate({ ...input, tempLocation: temp.location });
  if (!template.ok) return { ok: false, violations: [...early, ...template.violations] };
  const first = template.build(candidate.shardCount);
  const limit = limitOf(input, first.readMode);
  const readers = holdConnections({
    shardCount: first.readMode === 'query' ? 1 : candidate.shardCount,
    workerCount: candidate.workerCount,
    vcpus: machines.machine?.vcpus ?? 1,
    readersPerVcpu: machines.machine === undefined ? 1 : shardProfileOf(machines.machine).readersPerVcpu,
    limit,
    columnType: first.columnType,
  });
  const route =
    readers.shardCount === candidate.shardCount || first.readMode !== 'split'
      ? first
      : template.build(readers.shardCount);
  const maxRuntimeSec = Math.min(
    load.environment?.maxRuntimeSec ?? defaultMaxRuntimeSec,
    guardrails.maxDurationSec ?? Number.POSITIVE_INFINITY,
  );
  const built = buildEnvironment({
    load,
    candidate,
    target,
    readers,
    tempLocation: temp.location,
    maxRuntimeSec,
    deadlineSec: policy.deadlineSec,
  });
  const violations = [
    ...early,
    ...route.violations,
    ...built.violations,
    ...template.validate(route),
    ...checkPlaces(policy, { load, containerSpec: template.containerSpec, parameters: route.parameters }),
  ];
  if (violations.length > 0) return { ok: false, violations };

  const jobName = jobNameOf(load.name, target.executionId);
  const request: LaunchRequest = {
    projectId: target.projectId,
    location: target.region,
    launchParameter: {
      jobName,
      containerSpecGcsPath: template.containerSpec,
      parameters: route.parameters,
      ...(Object.keys(built.launchOptions).length === 0 ? {} : { launchOptions: built.launchOptions }),
      environment: built.environment,
    },
  };
  const reads = isDatabase(load.source);
  const expectedRows = expectedRowsOf(load, input.profile);
  const plan: Plan = {
    templateName: template.templateName,
    request,
    steps: [
      `runs on ${target.environment}: ${target.environmentReason}`,
      `template ${template.templateName}: ${template.why}`,
      ...route.steps,
      ...(reads ? readers.steps : []),
      ...built.steps,
    ],
    warnings: [
      ...machines.warnings,
      ...template.warnings,
      ...route.warnings,
      ...(reads ? readers.warnings : []),
      ...localWarnings(load, target, template.templateName),
      ...built.warnings,
    ],
    sourceName: load.sourceName,
    readMode: route.readMode,
    shardCount: readers.shardCount,
    threadsPerWorker: readers.threadsPerWorker,
    maxConcurrentShards: reads ? readers.maxConcurrentShards : 0,
    ...(expectedRows === undefined ? {} : { expectedRows }),
    maxRuntimeSec,
  };
  return { ok: true, plan };
}

function regionOfWorkers(load: EffectiveLoad, target: PlanTarget): string {
  return load.environment?.workerRegion ?? load.environment?.workerZone?.replace(/-[a-z]$/, '') ?? target.region;
}

function limitOf(input: PlanInput, readMode: string): number | undefined {
  if (!isDatabase(input.load.source) || readMode === 'files') return undefined;
  const budget = input.connectionBudget ?? input.load.source.connectionBudget;
  const limits = [
    budget === undefined ? undefined : connectionLimit(budget, input.policy.connectionHeadroomRatio),
    input.candidate.maxConcurrentShards,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function checkNoChain(load: EffectiveLoad): Violation[] {
  if (load.via === undefined) return [];
  const message = `load "${load.name}" goes via ${load.viaName}: it is two executions, each planned as a leg of its own (planChain)`;
  return [{ code: 'CHAIN', path: `/loads/${load.name}/via`, message }];
}

/** The local Dataflow takes every launch that Dataflow would take, but executes only what it has a driver for. */
function localWarnings(load: EffectiveLoad, target: PlanTarget, templateName: string): string[] {
  const { runsLocally, label } = sourceHandler(load.source.type);
  if (target.environment !== 'LOCAL' || (runsLocally && templateName !== 'Yaml_Template')) return [];
  const what = runsLocally ? 'Beam YAML' : `${label} loads`;
  return [`the local Dataflow validates ${what} but cannot execute them: run this load on Dataflow`];
}
