// Recommends how to run a load: profile, cohorts, the pure recommender, and the document that can be executed later.

import type { Violation } from '../base/errors.ts';
import { effectiveLoadConfig } from '../plan/effective-load.ts';
import { recommend } from '../recommend/recommend.ts';
import type { Estimate } from '../schema/candidate.ts';
import type { Overrides } from '../schema/event.ts';
import type { Mode, Recommendation } from '../schema/recommendation.ts';
import { learntOf } from './cohorts-of.ts';
import type { EngineDeps } from './deps.ts';
import { profileForPlan } from './profile-for-plan.ts';
import { spentToday } from './spend.ts';

export type RecommendRequest = {
  readonly load: string;
  readonly mode: Mode;
  /** Default: a new one. Given, a repeated request answers the recommendation made before. */
  readonly runId?: string;
  readonly overrides?: Overrides;
  readonly refresh?: boolean | undefined;
  readonly warmUp?: boolean | undefined;
};

export type RecommendResult =
  | { readonly kind: 'recommended'; readonly recommendation: Recommendation }
  | { readonly kind: 'unknown-load' | 'unprofiled'; readonly violations: readonly Violation[] }
  | { readonly kind: 'no-candidate'; readonly violations: readonly Violation[]; readonly nearest?: Estimate };

type Deps = Pick<EngineDeps, 'config' | 'recommendations' | 'documents' | 'profiler' | 'clock' | 'tokens' | 'runtime'>;

/** Stores and answers a recommendation, or every reason why there is none. */
export async function recommendLoad(deps: Deps, request: RecommendRequest): Promise<RecommendResult> {
  const runId = request.runId ?? `rec-${deps.tokens.next()}`;
  const known = request.runId === undefined ? undefined : await deps.recommendations.read(runId);
  if (known !== undefined) return { kind: 'recommended', recommendation: known };
  const config = await deps.config();
  const effective = effectiveLoadConfig(config, request.load, request.overrides);
  if (!effective.ok) return { kind: 'unknown-load', violations: effective.violations };
  const profiled = await profileForPlan(deps, effective.load, config.policy, {
    refresh: request.refresh === true,
    warmUp: request.warmUp === true,
  });
  if (profiled.kind === 'refused') return { kind: 'no-candidate', violations: profiled.violations };
  if (profiled.kind === 'unprofiled' && effective.load.rowCountEstimate === undefined) {
    const message = `${profiled.warning}; make the source reachable, or set rowCountEstimate and averageRowBytes of load "${request.load}"`;
    return { kind: 'unprofiled', violations: [{ code: 'UNPROFILED', path: '/load', message }] };
  }
  const outcome = recommend({
    runId,
    load: effective.load,
    mode: request.mode,
    policy: config.policy,
    requestGuardrails: request.overrides?.guardrails,
    spentTodayMicroUsd:
      config.policy.dailyBudgetMicroUsd === undefined ? undefined : await spentToday(deps, effective.load.name, ''),
    ...(await learntOf(deps, effective.load, config.policy)),
    region: deps.runtime.region,
    runtime: deps.runtime.environment,
    now: deps.clock.now(),
    ...(profiled.kind === 'profiled' ? { profile: profiled.profile } : {}),
  });
  if (!outcome.ok) {
    return {
      kind: 'no-candidate',
      violations: outcome.violations,
      ...(outcome.nearest === undefined ? {} : { nearest: outcome.nearest }),
    };
  }
  if ((await deps.recommendations.write(outcome.recommendation)) === 'written') {
    return { kind: 'recommended', recommendation: outcome.recommendation };
  }
  // Another instance answered the same key first; its recommendation counts.
  const first = await deps.recommendations.read(runId);
  return { kind: 'recommended', recommendation: first ?? outcome.recommendation };
}
