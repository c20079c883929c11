// After a failed attempt: whether another follows, and its plan. Bounded by maxAttempts, the deadline and the guardrails.

import type { Attempt, Execution, Failure } from '../schema/execution.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Policy } from '../schema/policy.ts';
import type { TableProfile } from '../schema/profile.ts';
import { currentAttempt } from '../schema/transition.ts';
import { loadOf } from './chain.ts';
import type { EngineDeps } from './deps.ts';
import { nextRung } from './ladder.ts';
import { diskOf, laidOver, pastOf } from './past-attempts.ts';
import { newAttempt, planAttempt } from './prepare.ts';
import { profileForPlan } from './profile-for-plan.ts';
import type { Rung } from './rung.ts';

export type NextStep =
  | { readonly kind: 'end'; readonly action: 'end'; readonly reason: string }
  | {
      readonly kind: 'retry';
      readonly action: string;
      readonly reason: string;
      readonly attempt: Attempt;
      readonly waitMs: number;
    };

type Deps = Pick<
  EngineDeps,
  'config' | 'clock' | 'runtime' | 'recommendations' | 'profiler' | 'documents' | 'ledger' | 'containerSpec'
>;

const end = (reason: string): NextStep => ({ kind: 'end', action: 'end', reason });

/**
 * Decides after the current attempt failed with `failure`. A new attempt is planned anew: caps and guardrails hold for it as for the
 * first; `spentMicroUsd`, what all attempts so far cost, counts against the budget of the day.
 */
export async function nextStep(
  deps: Deps,
  execution: Execution,
  failure: Failure,
  spentMicroUsd: number,
): Promise<NextStep> {
  const attempt = currentAttempt(execution);
  if (attempt === undefined) return end('there was no attempt');
  if (execution.cancel !== undefined) return end('a cancel was requested');
  const config = await deps.config();
  const rung = nextRung({
    past: [...execution.attempts.slice(0, -1).flatMap(pastOf), ...pastOf({ ...attempt, failure })],
    candidate: attempt.candidate,
    diskSizeGb: diskOf(attempt),
    region: attempt.region,
    ...(config.policy.machineFamilies === undefined ? {} : { allowedFamilies: config.policy.machineFamilies }),
  });
  if (rung.kind === 'give-up') return end(rung.reason);
  if (execution.attempts.length >= execution.maxAttempts) {
    return end(
      `${execution.attempts.length} of ${execution.maxAttempts} attempts are used (policy.maxAttempts); "${rung.action}" would have been next`,
    );
  }
  if (execution.deadlineAt !== undefined && deps.clock.now() + rung.waitMs >= execution.deadlineAt) {
    return end(`the deadline has come (policy.deadlineSec); "${rung.action}" would have been next`);
  }
  return plan(deps, execution, attempt, rung, spentMicroUsd);
}

async function plan(
  deps: Deps,
  execution: Execution,
  attempt: Attempt,
  rung: Extract<Rung, { kind: 'retry' }>,
  spentMicroUsd: number,
): Promise<NextStep> {
  const config = await deps.config();
  const effective = await loadOf(deps, config, execution);
  if (!effective.ok) return end(`no further attempt: ${effective.violations.map(({ message }) => message).join('; ')}`);
  const profile = await profileOf(deps, execution, effective.load, config.policy);
  const number = attempt.number + 1;
  const planned = await planAttempt(deps, {
    resolved: {
      config,
      load: laidOver(effective.load, attempt, rung),
      candidate: attempt.candidate,
      ...(profile === undefined ? {} : { profile }),
    },
    candidate: rung.candidate,
    executionId: execution.executionId,
    runId: execution.runId,
    attempt: number,
    spentByEarlierAttemptsMicroUsd: spentMicroUsd,
    ...(execution.overrides?.guardrails === undefined ? {} : { requestGuardrails: execution.overrides.guardrails }),
  });
  if (!planned.ok)
    return end(
      `no further attempt, "${rung.action}" breaks a rule: ${planned.violations.map(({ message }) => message).join('; ')}`,
    );
  return {
    kind: 'retry',
    action: rung.action,
    reason: `attempt ${number} with ${rung.action}: ${rung.reason}`,
    waitMs: rung.waitMs,
    // No intent yet: it is recorded when the launch is about to be sent.
    attempt: { ...newAttempt(planned.plan, rung.candidate, number, deps.clock.now()), launchIntents: [] },
  };
}

/** The profile the first attempt was planned from, or a fresh one. */
async function profileOf(
  deps: Deps,
  execution: Execution,
  load: EffectiveLoad,
  policy: Policy,
): Promise<TableProfile | undefined> {
  const recommendation = await deps.recommendations.read(execution.runId);
  if (recommendation?.profile !== undefined) return recommendation.profile;
  const answer = await profileForPlan(deps, load, policy);
  return answer.kind === 'profiled' ? answer.profile : undefined;
}
