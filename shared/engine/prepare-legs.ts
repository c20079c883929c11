// Both legs of a three-stage load, planned before either starts, and what they take together held against the bounds.

import type { Violation } from '../base/errors.ts';
import { executionIdOf } from '../base/ids.ts';
import { checkGuardrails, tightest } from '../plan/guardrails.ts';
import type { Chain } from '../plan/plan-chain.ts';
import type { Estimate } from '../schema/candidate.ts';
import { legRequest, rowBytesOf } from './chain.ts';
import type { EngineDeps } from './deps.ts';
import { type PlanFacts, planFacts } from './plan-facts.ts';
import { type Preparation, prepare } from './prepare.ts';
import type { StartRequest } from './request.ts';
import type { Resolved } from './resolve.ts';

type Prepared = Extract<Preparation, { ok: true }>;

export type PreparedLegs =
  | {
      readonly ok: true;
      readonly first: Prepared;
      readonly second: Prepared;
      /** Of both: what the parent is expected to take. */
      readonly estimate: Estimate | undefined;
    }
  | { readonly ok: false; readonly violations: readonly Violation[] };

type Deps = Pick<EngineDeps, 'profiler' | 'documents' | 'clock' | 'runtime' | 'containerSpec'>;

/** The legs, each as it will be planned again when its turn comes, or every violation. A stated estimate is that of the pair. */
export async function prepareLegs(
  deps: Deps,
  request: StartRequest,
  resolved: Resolved,
  chain: Chain,
): Promise<PreparedLegs> {
  const { estimate: stated, profile, ...asked } = resolved;
  const executionId = executionIdOf(request.runId, request.executionKey);
  // As they will be started: under the ids of the legs, which job names and temp locations follow from.
  const requestOf = (leg: 1 | 2): StartRequest => legRequest({ executionId, overrides: request.overrides }, leg);
  const first = await prepare(deps, requestOf(1), {
    ...asked,
    ...(profile === undefined ? {} : { profile }),
    load: chain.first,
  });
  const known = first.ok ? first.resolved : resolved;
  const pair = await planFacts(deps, {
    load: resolved.load,
    candidate: resolved.candidate,
    policy: resolved.config.policy,
    requestGuardrails: request.overrides?.guardrails,
    profile: known.profile,
    stated,
    executionId,
  });
  if (!pair.ok) return pair;
  const second = await prepare(deps, requestOf(2), { ...asked, load: secondOf(chain, known.estimate) });
  const broken = brokenByPair(resolved, request, pair.facts);
  const told = new Set(broken.map(({ code }) => code));
  const violations = [first, second].flatMap((leg) =>
    leg.ok ? [] : leg.violations.filter(({ code }) => !told.has(code)),
  );
  if (!first.ok || !second.ok || broken.length > 0) return { ok: false, violations: [...broken, ...violations] };
  return { ok: true, first, second: withoutGuess(second, first), estimate: pair.facts.estimate };
}

/** Until the first leg has run, the second is as big as the first is estimated to be. */
function secondOf(chain: Chain, estimate: Estimate | undefined): Resolved['load'] {
  const averageRowBytes = rowBytesOf(estimate);
  const load = chain.second({ averageRowBytes });
  const bytes = estimate?.sizeBytes;
  if (averageRowBytes === undefined || typeof bytes !== 'number') return load;
  return { ...load, rowCountEstimate: Math.round(bytes / averageRowBytes) };
}

/** Where the rows of the first leg are not known beforehand, those of a window among them, neither are the second one's. */
function withoutGuess(second: Prepared, first: Prepared): Prepared {
  if (first.plan.expectedRows !== undefined) return second;
  const { expectedRows: _guess, ...plan } = second.plan;
  return { ...second, plan };
}

/** The bounds on money and time; all others hold each leg by itself. */
function brokenByPair({ candidate, config }: Resolved, request: StartRequest, facts: PlanFacts): Violation[] {
  const { maxCostMicroUsd, maxDurationSec, minThroughputMbPerSec } = tightest(
    config.policy,
    request.overrides?.guardrails,
  );
  return checkGuardrails({
    candidate,
    machine: undefined,
    regions: [],
    guardrails: { maxCostMicroUsd, maxDurationSec, minThroughputMbPerSec },
    estimate: facts.estimate,
    estimateIsStated: facts.estimateIsStated,
    dailyBudgetMicroUsd: config.policy.dailyBudgetMicroUsd,
    spentTodayMicroUsd: facts.spentTodayMicroUsd,
  }).map(({ code, path, message }) => ({ code, path, message }));
}
