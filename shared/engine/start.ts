// Starts an execution: resolve, plan, claim, launch. One read, one create, one launch, one update on the critical path.

import type { Violation } from '../base/errors.ts';
import { executionIdOf } from '../base/ids.ts';
import { isChain, planChain } from '../plan/plan-chain.ts';
import { type Execution, isTerminal } from '../schema/execution.ts';
import { currentAttempt } from '../schema/transition.ts';
import { answerPlan } from './answer-plan.ts';
import { bookEstimate } from './book-estimate.ts';
import { advanceChain, legRequest } from './chain.ts';
import type { EngineDeps } from './deps.ts';
import { launchOwned } from './launch.ts';
import type { Versioned } from './ports.ts';
import { chainExecution, newExecution, prepare, rejectedExecution } from './prepare.ts';
import { prepareLegs } from './prepare-legs.ts';
import { recordChange } from './record.ts';
import { type RejectionReason, requestHash, type StartRequest, type StartResult } from './request.ts';
import { reserve, reserveOrLeave } from './reserve.ts';
import { type Resolved, resolve } from './resolve.ts';
import { stopWithParent } from './stop-with-parent.ts';

/**
 * Starts what the request asks for, or answers what became of it when it was asked for before. Never launches twice: the claim is a
 * plain create of a document whose id is the request's key. Throws EngineError for faults worth retrying.
 */
export async function start(deps: EngineDeps, request: StartRequest): Promise<StartResult> {
  const resolution = await resolve(deps, request);
  if (resolution.kind === 'missing') return missing(deps, request);
  if (resolution.kind === 'rejected') {
    return reject(deps, request, request.direct?.load ?? 'unknown', resolution.reason, resolution.violations);
  }
  const { resolved } = resolution;
  if (isChain(resolved.load)) return startChain(deps, request, resolved);
  const preparation = await prepare(deps, request, resolved);
  if (!preparation.ok) return reject(deps, request, resolved.load.name, 'plan', preparation.violations);
  if (plansOnly(request)) {
    const executionId = executionIdOf(request.runId, request.executionKey);
    return answerPlan(deps, request, { executionId, plan: preparation.plan });
  }

  const owner = deps.tokens.next();
  const claimed = () => newExecution(deps, request, preparation, owner);
  if (!request.queue) {
    const place = await reserveOrLeave(deps, claimed());
    if (!place.admitted) return busy(deps, request, place.reason);
  }
  const claim = await claimExecution(deps, claimed());
  if (claim.kind === 'taken') return existing(deps, request, claim.read.value);
  deps.log('accepted', { executionId: claim.read.value.executionId, runId: request.runId, load: resolved.load.name });
  return launchClaimed(deps, claim.read, owner);
}

/** Claims the parent of a three-stage load once both legs can be planned, and starts the first leg; ticks do the rest. */
async function startChain(deps: EngineDeps, request: StartRequest, resolved: Resolved): Promise<StartResult> {
  const executionId = executionIdOf(request.runId, request.executionKey);
  const chain = planChain(resolved.load, executionId);
  if (!chain.ok) return reject(deps, request, resolved.load.name, 'plan', chain.violations);
  const legs = await prepareLegs(deps, request, resolved, chain.chain);
  if (!legs.ok) return reject(deps, request, resolved.load.name, 'plan', legs.violations);
  const { first, second, estimate } = legs;
  if (plansOnly(request)) {
    const plan = { ...first.plan, steps: [...chain.chain.steps, ...first.plan.steps] };
    return answerPlan(deps, request, { executionId, plan, secondLeg: second.plan });
  }
  if (!request.queue) {
    // It is the first leg that needs a place; the second comes when that one has ended, and waits its turn.
    const leg = newExecution(
      deps,
      legRequest({ executionId, overrides: request.overrides }, 1),
      first,
      deps.tokens.next(),
    );
    const place = await reserveOrLeave(deps, leg);
    if (!place.admitted) return busy(deps, request, place.reason);
  }
  const claim = await claimExecution(
    deps,
    chainExecution(
      deps,
      request,
      { ...resolved, ...(estimate === undefined ? {} : { estimate }) },
      chain.chain.steps,
      deps.tokens.next(),
    ),
  );
  if (claim.kind === 'taken') return existing(deps, request, claim.read.value);
  deps.log('accepted', { executionId, runId: request.runId, load: resolved.load.name });
  const moved = await advanceChain(deps, claim.read, start);
  return { kind: 'accepted', execution: (moved ?? claim.read).value, created: true };
}

async function launchClaimed(deps: EngineDeps, claimed: Versioned<Execution>, owner: string): Promise<StartResult> {
  const stopped = await stopWithParent(deps, claimed);
  if (stopped !== undefined) return { kind: 'pending', execution: (stopped.read ?? claimed).value };
  const overBudget = await bookEstimate(deps, claimed.value);
  if (overBudget !== undefined) {
    const rejected = await recordChange(deps, claimed, {
      kind: 'rejected',
      reason: overBudget.message,
      violations: [overBudget],
    });
    if (rejected !== undefined)
      return { kind: 'rejected', reason: 'budget', violations: [overBudget], execution: rejected.value };
    // Somebody cancelled it meanwhile. Nothing was launched, and nothing will be from here.
    return { kind: 'pending', execution: claimed.value };
  }
  const place = await reserve(deps, claimed.value);
  if (!place.admitted) return waitForPlace(deps, claimed, place.reason);
  const { value } = await launchOwned(deps, claimed, owner);
  if (value.status === 'REJECTED') return refused(value);
  return settled(value) ? { kind: 'accepted', execution: value, created: true } : { kind: 'pending', execution: value };
}

const plansOnly = ({ dryRun, validateOnly }: StartRequest): boolean => dryRun === true || validateOnly === true;

/** No place is free for a caller who will not queue. Asked before anything was claimed: what is in the record once is never taken back. */
async function busy(deps: EngineDeps, request: StartRequest, reason: string): Promise<StartResult> {
  const known = await deps.ledger.read(executionIdOf(request.runId, request.executionKey));
  if (known !== undefined) return existing(deps, request, known.value);
  return { kind: 'busy', reason, retryAfterSec: Math.ceil(deps.settings.queueRetryMs / 1000) };
}

/** No place is free: QUEUED. */
async function waitForPlace(deps: EngineDeps, claimed: Versioned<Execution>, reason: string): Promise<StartResult> {
  const { value } = claimed;
  const nextCheckAt = deps.clock.now() + deps.settings.queueRetryMs;
  const queued = await recordChange(deps, claimed, { kind: 'queued', reason, nextCheckAt });
  const newest = queued?.value ?? (await deps.ledger.read(value.executionId))?.value ?? value;
  deps.log('queued', { executionId: value.executionId, reason });
  return settled(newest)
    ? { kind: 'accepted', execution: newest, created: true }
    : { kind: 'pending', execution: newest };
}

type Claim =
  | { readonly kind: 'claimed'; readonly read: Versioned<Execution> }
  | { readonly kind: 'taken'; readonly read: Versioned<Execution> };

/**
 * Creates the execution. "It exists" and every thrown error are ambiguous - the SDK retries a create whose answer was lost, so the
 * document may be our own (reliability facts 0.2, 0.3): read it back and compare the owner.
 */
async function claimExecution(deps: EngineDeps, execution: Execution): Promise<Claim> {
  let failure: unknown;
  try {
    const created = await deps.ledger.create(execution);
    if (created.kind === 'created') return { kind: 'claimed', read: { value: execution, version: created.version } };
  } catch (error) {
    failure = error;
  }
  const read = await deps.ledger.read(execution.executionId);
  if (read === undefined) throw failure ?? new Error(`execution ${execution.executionId} exists but cannot be read`);
  const ours = execution.owner !== undefined && read.value.owner === execution.owner;
  return { kind: ours ? 'claimed' : 'taken', read };
}

function existing(deps: EngineDeps, request: StartRequest, execution: Execution): StartResult {
  const { executionId, load, status } = execution;
  const other = execution.payloadHash !== requestHash(request);
  deps.log(other ? 'conflict' : 'duplicate', { executionId, runId: request.runId, load, status });
  if (other) return { kind: 'conflict', execution };
  if (execution.status === 'REJECTED') return refused(execution);
  return settled(execution) ? { kind: 'accepted', execution, created: false } : { kind: 'pending', execution };
}

/** What is in the record as REJECTED was not accepted, whoever asks. */
function refused(execution: Execution): StartResult {
  const message = execution.statusReason ?? 'it was rejected';
  const violations = execution.violations ?? [{ code: 'REJECTED', path: '', message }];
  return { kind: 'rejected', reason: 'refused', violations, execution };
}

/** Whether the launch is decided, so that the message that asked for it may be acknowledged. */
function settled(execution: Execution): boolean {
  return (
    execution.legs !== undefined ||
    execution.status === 'QUEUED' ||
    isTerminal(execution.status) ||
    currentAttempt(execution)?.jobId !== undefined
  );
}

/** Pub/Sub may outrun Firestore: an event's recommendation is waited for until the event is old; a caller is told at once. */
async function missing(deps: EngineDeps, request: StartRequest): Promise<StartResult> {
  const known = await deps.ledger.read(executionIdOf(request.runId, request.executionKey));
  if (known !== undefined) return existing(deps, request, known.value);
  const age = deps.clock.now() - (request.requestedAt ?? deps.clock.now());
  if (request.trigger !== 'event' || age < deps.settings.recommendationWaitMs)
    return { kind: 'missing', runId: request.runId };
  const message = `no recommendation ${JSON.stringify(request.runId)} appeared within ${deps.settings.recommendationWaitMs / 1000} s; write recommendations/{runId} before publishing the event`;
  return reject(deps, request, 'unknown', 'unknown-run', [{ code: 'UNKNOWN_RUN', path: '/runId', message }]);
}

/**
 * A rejected event is recorded with all its reasons; a caller over HTTP gets them in the answer and may correct the request. Whoever
 * repeats a request that was accepted before is told of that execution, whatever is wrong with it by now.
 */
export async function reject(
  deps: EngineDeps,
  request: StartRequest,
  load: string,
  reason: RejectionReason,
  violations: readonly Violation[],
): Promise<StartResult> {
  const executionId = executionIdOf(request.runId, request.executionKey);
  const messages = violations.map(({ message }) => message).join('; ');
  deps.log('rejected', { executionId, runId: request.runId, load, reason: messages });
  if (plansOnly(request)) return { kind: 'rejected', reason, violations };
  const recorded =
    request.trigger === 'http'
      ? await deps.ledger.read(executionId)
      : (await claimExecution(deps, rejectedExecution(deps, request, load, violations))).read;
  if (recorded === undefined) return { kind: 'rejected', reason, violations };
  const { value } = recorded;
  if (value.payloadHash !== requestHash(request) || value.status !== 'REJECTED') return existing(deps, request, value);
  return { kind: 'rejected', reason, violations, execution: value };
}
