// Plans a load for a command line, in the environment the command was given: of a three-stage load both legs.

import { executionIdOf } from '../../shared/base/ids.ts';
import { legIdOf } from '../../shared/engine/chain.ts';
import { detectEnvironment } from '../../shared/plan/environment.ts';
import { isChain, legRunId, planChain } from '../../shared/plan/plan-chain.ts';
import { type PlanInput, planLoad } from '../../shared/plan/plan-load.ts';
import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import type { Plan, PlanResult } from '../../shared/schema/plan.ts';

type Legs = { readonly ok: true; readonly plan: Plan & { readonly secondLeg?: Plan } };

/** The plan of a load as it would be started, with that of the second leg beside the first as a dry run answers them; or every violation. */
export function planLegs(
  load: EffectiveLoad,
  options: Pick<PlanInput, 'candidate' | 'policy' | 'profile'> & {
    readonly projectId: string | undefined;
    readonly region: string | undefined;
  },
): Legs | Extract<PlanResult, { ok: false }> {
  const { projectId, region, ...input } = options;
  const { environment, reason } = detectEnvironment({
    dataflowEmulatorHost: process.env.DATAFLOW_EMULATOR_HOST,
    projectId,
    region,
  });
  const place = {
    attempt: 1,
    projectId: projectId ?? 'local',
    region: region ?? 'us-central1',
    environment,
    environmentReason: reason,
  };
  const runId = 'plan';
  const executionId = executionIdOf(runId, load.name);
  if (!isChain(load)) return planLoad({ ...input, load, target: { ...place, runId, executionId } });
  const planned = planChain(load, executionId);
  if (!planned.ok) return planned;
  const planLeg = (leg: 1 | 2, legLoad: EffectiveLoad) => {
    const ids = { runId: legRunId(executionId, leg), executionId: legIdOf(executionId, leg) };
    return planLoad({ ...input, load: legLoad, target: { ...place, ...ids } });
  };
  const { chain } = planned;
  const [first, second] = [planLeg(1, chain.first), planLeg(2, chain.second({}))];
  if (!first.ok || !second.ok) {
    return { ok: false, violations: [first, second].flatMap((leg) => (leg.ok ? [] : leg.violations)) };
  }
  return { ok: true, plan: { ...first.plan, steps: [...chain.steps, ...first.plan.steps], secondLeg: second.plan } };
}
