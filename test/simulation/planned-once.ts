// The planner of the bundles: the real one, but each distinct plan is made once. Schedules plan the same few loads by the thousand.

import { type PlanInput, planLoad as plan } from '../../shared/plan/plan-load.ts';
import type { PlanResult } from '../../shared/schema/plan.ts';

const plans = new Map<string, PlanResult>();

/** As planLoad, which is pure and deterministic (test/plan/plan-load.test.ts). Nobody changes a plan: strict schedules freeze what is recorded of it. */
export function planLoad(input: PlanInput): PlanResult {
  const key = JSON.stringify(input);
  const made = plans.get(key) ?? plan(input);
  plans.set(key, made);
  return made;
}
