// Judges a storm from records that know nothing of each other: Dataflow's own, the ledger's, and what was told on the executions topic.

import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { isTerminal } from '../../shared/schema/execution.ts';
import type { ToldOutcome } from './outcomes.ts';
import { stormRecommendation } from './storm-settings.ts';

export type Evidence = {
  readonly recommendations: number;
  readonly jobs: readonly JobRecord[];
  readonly executions: readonly Execution[];
  readonly outcomes: ReadonlyMap<string, ToldOutcome>;
  /** Reservations left in the capacity document. */
  readonly reservations: number;
  /** The longest a plain write to any execution took after the storm, in ms; undefined: one did not come through. */
  readonly slowestWriteMs: number | undefined;
};

export type Verdict = {
  readonly jobs: number;
  readonly outcomes: number;
  /** Recommendations without a job, or whose outcome was never told. */
  readonly lost: number;
  /** Executions that are not at their end, or that still have something left to do. */
  readonly stuck: number;
  /** Every violation in words; empty is a pass. */
  readonly violations: readonly string[];
};

/** A write slower than this means that somebody holds the document (a dead transaction holds it for a minute: measured). */
const lockedMs = 10_000;

export function judge(evidence: Evidence): Verdict {
  const { recommendations, jobs, executions, outcomes } = evidence;
  const violations: string[] = [];
  const expected = Array.from({ length: recommendations }, (_, index) => {
    const { runId } = stormRecommendation(index);
    return { runId, executionId: executionIdOf(runId) };
  });
  // The label is what Dataflow was told; names are derived and could hide a slip of ours.
  const jobsOf = Map.groupBy(jobs, ({ labels }) => labels['streamnova-execution'] ?? '');
  const executionsById = new Map(executions.map((execution) => [execution.executionId, execution]));
  const outcomesOf = Map.groupBy([...outcomes.values()], ({ executionId }) => executionId);

  let lost = 0;
  for (const { runId, executionId } of expected) {
    const made = jobsOf.get(executionId) ?? [];
    const told = outcomesOf.get(executionId) ?? [];
    const execution = executionsById.get(executionId);
    if (made.length > 1) violations.push(`${runId}: ${made.length} jobs: ${made.map(({ id }) => id).join(', ')}`);
    if (told.length > 1) violations.push(`${runId}: ${told.length} different outcomes`);
    if (made.length === 0 || told.length === 0) {
      lost += 1;
      violations.push(`${runId}: ${made.length} jobs, ${told.length} outcomes, in the ledger ${describe(execution)}`);
    }
    if (told.some(({ status }) => status !== 'SUCCEEDED'))
      violations.push(`${runId}: told as ${told.map(({ status }) => status).join(', ')}`);
    const recorded = execution?.attempts.at(-1)?.jobId;
    if (made[0] !== undefined && recorded !== made[0].id)
      violations.push(`${runId}: the ledger names job ${recorded}, Dataflow ran ${made[0].id}`);
  }
  const known = new Set(expected.map(({ executionId }) => executionId));
  const foreign = jobs.filter(({ labels }) => !known.has(labels['streamnova-execution'] ?? ''));
  if (foreign.length > 0) violations.push(`${foreign.length} jobs nobody asked for: ${foreign[0]?.name}`);
  const stuck = executions.filter(({ status, nextCheckAt }) => !isTerminal(status) || nextCheckAt !== null);
  for (const execution of stuck) violations.push(`${execution.runId} is stuck: ${describe(execution)}`);
  if (evidence.reservations > 0) violations.push(`${evidence.reservations} reservations were never given back`);
  if (evidence.slowestWriteMs === undefined || evidence.slowestWriteMs > lockedMs)
    violations.push(`a document is locked: a plain write took ${evidence.slowestWriteMs ?? 'for ever'} ms`);
  return { jobs: jobs.length, outcomes: outcomes.size, lost, stuck: stuck.length, violations };
}

function describe(execution: Execution | undefined): string {
  if (execution === undefined) return 'unknown';
  const { status, statusReason, nextCheckAt, attempts } = execution;
  const intents = attempts.at(-1)?.launchIntents.length ?? 0;
  return `${status} (${statusReason ?? 'no reason'}), attempts ${attempts.length}, launch intents ${intents}, next check ${nextCheckAt}`;
}
