// How an execution is shown over the API: times as ISO text, links for people, nothing internal (lease, launch request).

import type { Attempt, Execution } from './execution.ts';
import { isTerminal } from './execution.ts';
import { jobLinks } from './job-links.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The view of one execution. `staleAfterMs`: since when unreadable counts as stale. */
export function executionView(execution: Execution, now: number, staleAfterMs: number) {
  const { unreadableSince } = execution;
  const stale = !isTerminal(execution.status) && unreadableSince !== undefined && now - unreadableSince >= staleAfterMs;
  return {
    executionId: execution.executionId,
    runId: execution.runId,
    ...pick(execution, 'executionKey', 'mode'),
    load: execution.load,
    status: execution.status,
    ...pick(execution, 'statusReason'),
    ...(stale && unreadableSince !== undefined
      ? { stale: { since: iso(unreadableSince), pollErrors: execution.pollErrors } }
      : {}),
    acceptedAt: iso(execution.acceptedAt),
    updatedAt: iso(execution.updatedAt),
    ...(execution.endedAt === undefined ? {} : { endedAt: iso(execution.endedAt) }),
    ...pick(execution, 'templateName', 'environment', 'estimate', 'expectedRows'),
    attempts: execution.attempts.map((attempt) => attemptView(attempt)),
    ...(execution.cancel === undefined
      ? {}
      : { cancel: { requestedAt: iso(execution.cancel.requestedAt), ...pick(execution.cancel, 'reason') } }),
    ...(execution.metrics === undefined ? {} : { metrics: withoutTime(execution.metrics) }),
    ...pick(
      execution,
      'series',
      'messages',
      'failure',
      'durations',
      'costUnavailable',
      'violations',
      'decisions',
      'warnings',
      'planSteps',
    ),
    ...(execution.cost === undefined
      ? {}
      : { cost: { ...pick(execution.cost, 'microUsd', 'level', 'priceBook'), readAt: iso(execution.cost.readAt) } }),
    ...pick(execution, 'parentId', 'legs'),
  };
}

export type ExecutionView = ReturnType<typeof executionView>;

function attemptView(attempt: Attempt) {
  return {
    number: attempt.number,
    jobName: attempt.jobName,
    ...pick(attempt, 'jobId', 'adopted', 'lastState', 'failure'),
    projectId: attempt.projectId,
    region: attempt.region,
    candidate: attempt.candidate,
    maxConcurrentShards: attempt.maxConcurrentShards,
    ...(attempt.submittedAt === undefined ? {} : { submittedAt: iso(attempt.submittedAt) }),
    ...(attempt.jobStartedAt === undefined ? {} : { startedAt: iso(attempt.jobStartedAt) }),
    ...(attempt.endedAt === undefined ? {} : { endedAt: iso(attempt.endedAt) }),
    ...jobLinks(attempt),
  };
}

function withoutTime<T extends { readAt: number }>({ readAt, ...rest }: T) {
  return { ...rest, readAt: iso(readAt) };
}

/** The fields named that are there. */
export function pick<T extends object, K extends keyof T>(value: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]])) as Pick<
    T,
    K
  >;
}
