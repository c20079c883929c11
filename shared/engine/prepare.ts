// From what is to run to the execution that will run it: profile, plan, and the first record of both.

import type { Violation } from '../base/errors.ts';
import { executionIdOf } from '../base/ids.ts';
import { planLoad } from '../plan/plan-load.ts';
import type { Candidate, Estimate } from '../schema/candidate.ts';
import type { Attempt, Execution } from '../schema/execution.ts';
import type { Plan } from '../schema/plan.ts';
import type { TableProfile } from '../schema/profile.ts';
import { legIdOf } from './chain.ts';
import type { EngineDeps } from './deps.ts';
import { keptViolations, summaryOf } from './kept-violations.ts';
import { planFacts } from './plan-facts.ts';
import { profileForPlan } from './profile-for-plan.ts';
import { requestHash, type StartRequest } from './request.ts';
import type { Resolved } from './resolve.ts';
import { leaseMs } from './settings.ts';

export type Preparation =
  | { readonly ok: true; readonly plan: Plan; readonly resolved: Resolved; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** Profiles when the request brings no profile, and plans. Deterministic but for the catalogue's answer. */
export async function prepare(
  deps: Pick<EngineDeps, 'profiler' | 'documents' | 'clock' | 'runtime' | 'containerSpec'>,
  request: StartRequest,
  resolved: Resolved,
): Promise<Preparation> {
  const answer =
    resolved.profile === undefined
      ? await profileForPlan(deps, resolved.load, resolved.config.policy)
      : ({ kind: 'profiled', profile: resolved.profile } as const);
  if (answer.kind === 'refused') return { ok: false, violations: answer.violations };
  const profile: TableProfile | undefined = answer.kind === 'profiled' ? answer.profile : undefined;
  const planned = await planAttempt(deps, {
    resolved: { ...resolved, ...(profile === undefined ? {} : { profile }) },
    candidate: resolved.candidate,
    executionId: executionIdOf(request.runId, request.executionKey),
    runId: request.runId,
    attempt: 1,
    ...(request.overrides?.guardrails === undefined ? {} : { requestGuardrails: request.overrides.guardrails }),
  });
  if (!planned.ok) return planned;
  const { estimate } = planned;
  return {
    ok: true,
    plan: planned.plan,
    resolved: {
      ...resolved,
      ...(profile === undefined ? {} : { profile }),
      ...(estimate === undefined ? {} : { estimate }),
    },
    warnings: [...planned.plan.warnings, ...(answer.kind === 'unprofiled' ? [answer.warning] : [])],
  };
}

/** The plan of one attempt, and the estimate it was held against: computed here where a bound asks for it. */
export async function planAttempt(
  deps: Pick<EngineDeps, 'runtime' | 'documents' | 'clock' | 'containerSpec'>,
  input: {
    readonly resolved: Resolved;
    readonly candidate: Candidate;
    readonly executionId: string;
    readonly runId: string;
    readonly attempt: number;
    readonly spentByEarlierAttemptsMicroUsd?: number;
    readonly requestGuardrails?: NonNullable<StartRequest['overrides']>['guardrails'];
  },
): Promise<
  | { readonly ok: true; readonly plan: Plan; readonly estimate: Estimate | undefined }
  | { readonly ok: false; readonly violations: readonly Violation[] }
> {
  const { resolved, candidate } = input;
  const { load, profile } = resolved;
  const common = {
    load,
    candidate,
    policy: resolved.config.policy,
    profile,
    requestGuardrails: input.requestGuardrails,
  };
  const found = await planFacts(deps, {
    ...common,
    executionId: input.executionId,
    spentByEarlierAttemptsMicroUsd: input.spentByEarlierAttemptsMicroUsd,
    stated: candidate === resolved.candidate ? resolved.estimate : undefined,
  });
  if (!found.ok) return found;
  const planned = planLoad({
    ...common,
    ...found.facts,
    connectionBudget: load.source.connectionBudget,
    target: { ...deps.runtime, executionId: input.executionId, runId: input.runId, attempt: input.attempt },
  });
  return planned.ok ? { ...planned, estimate: found.facts.estimate } : planned;
}

/** The record that claims the execution for `owner`: intent before effect. */
export function newExecution(
  deps: Pick<EngineDeps, 'clock' | 'settings'>,
  request: StartRequest,
  preparation: Extract<Preparation, { ok: true }>,
  owner: string,
): Execution {
  const now = deps.clock.now();
  const { plan, resolved } = preparation;
  const { policy } = resolved.config;
  const leaseUntil = now + leaseMs(deps.settings);
  const base = baseRecord(request, resolved.load.name, now);
  return {
    ...base,
    ...(resolved.mode === undefined ? {} : { mode: resolved.mode }),
    status: 'LAUNCHING',
    maxAttempts: policy.maxAttempts,
    ...(policy.deadlineSec === undefined ? {} : { deadlineAt: now + policy.deadlineSec * 1000 }),
    owner,
    leaseUntil,
    nextCheckAt: leaseUntil + 1,
    templateName: plan.templateName,
    sourceName: plan.sourceName,
    planSteps: [...plan.steps],
    warnings: [...preparation.warnings],
    ...(plan.expectedRows === undefined ? {} : { expectedRows: plan.expectedRows }),
    rowCountTolerance: policy.rowCountTolerance,
    ...(resolved.estimate === undefined ? {} : { estimate: resolved.estimate }),
    ...(resolved.load.source.connectionBudget === undefined
      ? {}
      : { connectionBudget: resolved.load.source.connectionBudget }),
    ...(policy.maxConcurrentJobs === undefined ? {} : { maxConcurrentJobs: policy.maxConcurrentJobs }),
    ...(policy.dailyBudgetMicroUsd === undefined ? {} : { dailyBudgetMicroUsd: policy.dailyBudgetMicroUsd }),
    attempts: [newAttempt(plan, resolved.candidate, 1, now)],
  };
}

/** The record of a three-stage load: it claims the execution and names its first leg; its legs hold the attempts. */
export function chainExecution(
  deps: Pick<EngineDeps, 'clock'>,
  request: StartRequest,
  resolved: Resolved,
  steps: readonly string[],
  owner: string,
): Execution {
  const now = deps.clock.now();
  const base = baseRecord(request, resolved.load.name, now);
  return {
    ...base,
    ...(resolved.mode === undefined ? {} : { mode: resolved.mode }),
    status: 'LAUNCHING',
    maxAttempts: 1,
    owner,
    nextCheckAt: now,
    planSteps: [...steps],
    ...(resolved.estimate === undefined ? {} : { estimate: resolved.estimate }),
    legs: [legIdOf(base.executionId, 1)],
    legCandidate: resolved.candidate,
    attempts: [],
  };
}

/** The record of a rejected request, so that nothing is lost. */
export function rejectedExecution(
  deps: Pick<EngineDeps, 'clock'>,
  request: StartRequest,
  load: string,
  violations: readonly Violation[],
): Execution {
  const now = deps.clock.now();
  return {
    ...baseRecord(request, load, now),
    status: 'REJECTED',
    statusReason: summaryOf(violations),
    violations: keptViolations(violations),
    endedAt: now,
    maxAttempts: 1,
    attempts: [],
    nextCheckAt: now,
  };
}

/** One attempt as planned; its first launch intent is the record it is written in. */
export function newAttempt(plan: Plan, candidate: Candidate, number: number, now: number): Attempt {
  return {
    number,
    candidate,
    jobName: plan.request.launchParameter.jobName,
    projectId: plan.request.projectId,
    region: plan.request.location,
    request: plan.request,
    maxConcurrentShards: plan.maxConcurrentShards,
    maxRuntimeSec: plan.maxRuntimeSec,
    intentAt: now,
    launchIntents: [now],
  };
}

function baseRecord(request: StartRequest, load: string, now: number) {
  return {
    schemaVersion: 1 as const,
    executionId: executionIdOf(request.runId, request.executionKey),
    runId: request.runId,
    ...(request.executionKey === undefined ? {} : { executionKey: request.executionKey }),
    payloadHash: requestHash(request),
    load,
    ...(request.mode === undefined ? {} : { mode: request.mode }),
    trigger: request.trigger,
    ...(request.overrides === undefined ? {} : { overrides: request.overrides }),
    ...(request.parentId === undefined ? {} : { parentId: request.parentId }),
    acceptedAt: now,
    updatedAt: now,
    pollErrors: 0,
  };
}
