// When no candidate passes: which rules are broken, and which candidate comes nearest to keeping them.

import type { Violation } from '../base/errors.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { Judged } from './choose.ts';
import type { CandidateEstimate } from './estimate.ts';

/** Each broken rule once, as the first that breaks it does. */
export function distinctViolations(judged: readonly Judged[]): Violation[] {
  const seen = new Map<string, Violation>();
  for (const { violations } of judged)
    for (const violation of violations) {
      const rule = `${violation.code} ${violation.path}`;
      if (!seen.has(rule)) seen.set(rule, violation);
    }
  return [...seen.values()];
}

/** The candidate with the fewest broken rules, among those the least excess over the bounds that have a number, among those the cheapest. */
export function nearestOf(judged: readonly Judged[], guardrails: Guardrails): Judged | undefined {
  return judged.reduce<Judged | undefined>((best, one) => {
    if (best === undefined) return one;
    const difference =
      best.violations.length - one.violations.length ||
      excess(best.estimate, guardrails) - excess(one.estimate, guardrails) ||
      best.estimate.estimatedCostMicroUsd - one.estimate.estimatedCostMicroUsd;
    return difference > 0 ? one : best;
  }, undefined);
}

function excess(estimate: CandidateEstimate, guardrails: Guardrails): number {
  const over = (value: number, bound: number | undefined) =>
    bound === undefined ? 0 : Math.max(0, Math.log(value / bound));
  const { workerCount, virtualCpus } = estimate.candidate;
  return (
    over(workerCount * (virtualCpus ?? 1), guardrails.maxVcpus) +
    over(estimate.estimatedCostMicroUsd, guardrails.maxCostMicroUsd) +
    over(estimate.estimatedDurationSec, guardrails.maxDurationSec) +
    over(guardrails.minThroughputMbPerSec ?? 0, estimate.effectiveThroughputMbPerSec)
  );
}
