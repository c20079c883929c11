// What is published: the outcome, and the events a policy switches on. Ids are equal on republish, so consumers can deduplicate.

import { EngineError } from '../base/errors.ts';
import { payloadHashOf } from '../base/ids.ts';
import type { Attempt, Execution } from '../schema/execution.ts';
import { phaseOf } from '../schema/job-state.ts';
import {
  type AttemptFailed,
  type AttemptPhase,
  attemptFailedEventType,
  outcomeEventType,
  outcomeOf,
  phaseEventTypes,
  settledEventType,
  settledOf,
} from '../schema/outcome.ts';
import type { EngineDeps } from './deps.ts';
import type { OutgoingEvent, Versioned } from './ports.ts';
import { replace } from './record.ts';

/** The outcome event of an ended execution: always published, at least once. */
export function outcomeEvent(execution: Execution): OutgoingEvent {
  return event(outcomeEventType, execution, '', execution.endedAt ?? execution.updatedAt, outcomeOf(execution));
}

/** The lifecycle events the policy switches on (`execution.started` …), read once per tick; none while the configuration cannot be read. */
export function wantedEvents(deps: Pick<EngineDeps, 'config' | 'log'>): () => Promise<readonly string[]> {
  const readPolicy = async (): Promise<readonly string[]> => {
    try {
      return (await deps.config()).policy.lifecycleEvents;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      deps.log('concludeFailed', { reason: 'no lifecycle events this time', error });
      return [];
    }
  };
  let wanted: Promise<readonly string[]> | undefined;
  return () => {
    wanted ??= readPolicy();
    return wanted;
  };
}

/**
 * Publishes what the record says has happened and was not told yet, as far as it is `wanted`, and marks it as told. Derived from the
 * record alone, so whoever looks next tells what a crash left out; a publish that fails is left to them. Only the outcome is promised
 * at least once: an execution that is never looked at again tells nothing more. Answers the execution as it then is.
 */
export async function announce(
  deps: Pick<EngineDeps, 'outcomes' | 'ledger' | 'clock' | 'log'>,
  wanted: readonly string[],
  read: Versioned<Execution>,
): Promise<Versioned<Execution>> {
  if (wanted.length === 0) return read;
  const { published } = read.value;
  const told: [string, number][] = [];
  try {
    for (const { mark, outgoing } of eventsOf(read.value)) {
      const isWanted = wanted.some((name) => outgoing.type === `streamnova.${name}.v1`);
      if (!isWanted || published?.[mark] !== undefined) continue;
      await deps.outcomes.publish(outgoing);
      told.push([mark, deps.clock.now()]);
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('concludeFailed', { executionId: read.value.executionId, reason: 'lifecycle event', error });
  }
  if (told.length === 0) return read;
  const marked = { ...read.value, published: { ...published, ...Object.fromEntries(told) } };
  return (await replace(deps, read, marked)) ?? read;
}

type Telling = { readonly mark: string; readonly outgoing: OutgoingEvent };

/** Every lifecycle event the record implies, in the order it happened. None of a leg: a three-stage load is told of by its parent. */
export function eventsOf(execution: Execution): Telling[] {
  if (execution.parentId !== undefined) return [];
  const ofAttempts = execution.attempts.flatMap((attempt) => eventsOfAttempt(execution, attempt));
  const { cost, conclusion } = execution;
  if (cost?.level !== 'settled') return ofAttempts;
  const outgoing = event(settledEventType, execution, '', conclusion?.settledAt ?? cost.readAt, settledOf(execution));
  return [...ofAttempts, { mark: 'execution.settled', outgoing }];
}

function eventsOfAttempt(execution: Execution, attempt: Attempt): Telling[] {
  if (attempt.jobId === undefined) return [];
  const telling = (name: string, outgoing: OutgoingEvent): Telling => ({
    mark: `execution.${name}#${attempt.number}`,
    outgoing,
  });
  const tellings = [telling('started', phaseEvent('started', execution, attempt))];
  const phase = phaseOf(attempt.lastState);
  if (phase === 'running' || phase === 'succeeded')
    tellings.push(telling('running', phaseEvent('running', execution, attempt)));
  if (attempt.failure !== undefined) tellings.push(telling('attempt_failed', attemptFailedEvent(execution, attempt)));
  return tellings;
}

/** `execution.started`: Dataflow has the job; `execution.running`: its workers are at work. */
function phaseEvent(phase: 'started' | 'running', execution: Execution, attempt: Attempt): OutgoingEvent {
  const at = (phase === 'running' ? attempt.jobStartedAt : undefined) ?? attempt.submittedAt ?? attempt.intentAt;
  const data: AttemptPhase = {
    ...identity(execution),
    attempt: attempt.number,
    ...(attempt.jobId === undefined ? {} : { jobId: attempt.jobId }),
    jobName: attempt.jobName,
    region: attempt.region,
    candidate: attempt.candidate,
  };
  return event(phaseEventTypes[phase], execution, String(attempt.number), at, data);
}

/** `execution.attempt_failed`: an attempt failed; `decision` says what the engine did about it. */
function attemptFailedEvent(execution: Execution, attempt: Attempt): OutgoingEvent {
  const decision = execution.decisions?.find((one) => one.attempt === attempt.number);
  const data: AttemptFailed = {
    ...identity(execution),
    attempt: attempt.number,
    ...(attempt.jobId === undefined ? {} : { jobId: attempt.jobId }),
    ...(attempt.failure === undefined ? {} : { failure: attempt.failure }),
    ...(decision === undefined ? {} : { decision }),
  };
  const at = attempt.endedAt ?? decision?.at ?? execution.updatedAt;
  return event(attemptFailedEventType, execution, String(attempt.number), at, data);
}

function event(
  type: string,
  execution: Execution,
  part: string,
  time: number,
  data: Readonly<Record<string, unknown>>,
): OutgoingEvent {
  return {
    eventId: payloadHashOf([type, execution.executionId, part]).slice(0, 32),
    type,
    orderingKey: execution.executionId,
    time,
    data,
  };
}

function identity(execution: Execution) {
  return {
    schemaVersion: 1 as const,
    executionId: execution.executionId,
    runId: execution.runId,
    load: execution.load,
  };
}
