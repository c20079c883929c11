// What each candidate would take for a load as it runs: at once, or as the two legs of a three-stage load.

import type { Violation } from '../base/errors.ts';
import { isChain, planChain } from '../plan/plan-chain.ts';
import type { Cohort } from './cohort.ts';
import { type Considered, type ConsiderInput, estimateAll } from './consider.ts';
import { pairOf } from './pair.ts';

export type ConsiderLoadInput = ConsiderInput & {
  /** Of a three-stage load: `cohorts` are the first leg's, these the second one's. */
  readonly secondLegCohorts?: readonly Cohort[] | undefined;
};

/** The estimates name no folder, so any execution stands for the one that will run. */
const anyExecution = 'recommended';

/**
 * Every candidate with its estimate; of a load with `via` the estimate of both legs, each learnt from its own runs. The candidates are
 * those that suit the first leg: both run on the same fleet, and only the source sets it a limit. Pure.
 */
export function estimateLoad(
  input: ConsiderLoadInput,
): Considered | { readonly ok: false; readonly violations: readonly Violation[] } {
  if (!isChain(input.load)) return estimateAll(input);
  const planned = planChain(input.load, anyExecution);
  if (!planned.ok) return planned;
  const { chain } = planned;
  const first = estimateAll({ ...input, load: chain.first });
  if (!first.ok) return first;
  const { rows, rowBytes } = first.workload;
  const second = estimateAll({
    ...input,
    load: chain.second({ rowsWritten: chain.first.expectedRows ?? rows, averageRowBytes: rowBytes }),
    profile: undefined,
    cohorts: input.secondLegCohorts,
    candidates: first.candidates,
  });
  if (!second.ok) return second;
  const estimates = first.estimates.flatMap((estimate, index) => {
    const other = second.estimates[index];
    return other === undefined ? [] : pairOf(estimate, other);
  });
  return { ...first, estimates };
}
