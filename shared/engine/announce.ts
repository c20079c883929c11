// What is published: the outcome, and the lifecycle events a policy switches on. Ids are equal on republish, so consumers can deduplicate.

import { EngineError } from '../base/errors.ts';
import { payloadHashOf } from '../base/ids.ts';
import type { Attempt, Decision, Execution, Failure } from '../schema/execution.ts';
import { outcomeEventType, outcomeOf } from '../schema/outcome.ts';
import type { EngineDeps } from './deps.ts';
import type { OutgoingEvent } from './ports.ts';

/** The outcome event of an ended execution. */
export function outcomeEvent(execution: Execution): OutgoingEvent {
  return event(outcomeEventType, execution, '', execution.endedAt ?? execution.updatedAt, outcomeOf(execution));
}

/** `execution.attempt_failed`: off unless the policy names it. */
export function attemptFailedEvent(
  execution: Execution,
  attempt: Attempt,
  failure: Failure,
  decision: Decision,
): OutgoingEvent {
  return event('streamnova.execution.attempt_failed.v1', execution, String(attempt.number), decision.at, {
    ...identity(execution),
    attempt: attempt.number,
    jobId: attempt.jobId,
    failure,
    decision,
  });
}

/** `execution.started` (Dataflow has the job) and `execution.running`: off unless the policy names them. */
export function phaseEvent(phase: 'started' | 'running', execution: Execution, attempt: Attempt): OutgoingEvent {
  return event(`streamnova.execution.${phase}.v1`, execution, String(attempt.number), execution.updatedAt, {
    ...identity(execution),
    attempt: attempt.number,
    jobId: attempt.jobId,
    jobName: attempt.jobName,
  });
}

/**
 * Publishes a lifecycle event when the policy switches it on. Best effort by contract: only the outcome is promised at least once, so
 * a failure is logged and forgotten.
 */
export async function publishLifecycle(deps: EngineDeps, outgoing: OutgoingEvent): Promise<void> {
  try {
    const { policy } = await deps.config();
    const wanted = policy.lifecycleEvents.some((name) => outgoing.type === `streamnova.${name}.v1`);
    if (wanted) await deps.outcomes.publish(outgoing);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('concludeFailed', { executionId: outgoing.orderingKey, error });
  }
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
    schemaVersion: 1,
    executionId: execution.executionId,
    runId: execution.runId,
    load: execution.load,
    status: execution.status,
  };
}
