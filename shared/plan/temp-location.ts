// Names the temporary folder of one attempt: concurrent jobs that share one delete each other's files (launchers.md 3.9).

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { PlanTarget } from '../schema/plan.ts';

/** Where the local cloud keeps temporary files when nothing is configured. */
export const localTempLocation = 'gs://local-temp';

/** `BASE/EXECUTION/aATTEMPT`. On Dataflow the base must be configured: the templates need a folder for load-job files. */
export function tempLocationOf(
  load: EffectiveLoad,
  target: PlanTarget,
): { readonly location: string; readonly violation?: Violation } {
  const base = load.environment?.tempLocation ?? (target.environment === 'LOCAL' ? localTempLocation : undefined);
  const own = `${target.executionId}/a${target.attempt}`;
  if (base !== undefined) return { location: `${base.replace(/\/+$/, '')}/${own}` };
  const message =
    'tempLocation is missing: set environment.tempLocation (in defaults) to a gs:// folder in the region of the job; each attempt gets a folder of its own in it';
  const path = `/loads/${load.name}/environment/tempLocation`;
  return { location: `gs://unset/${own}`, violation: { code: 'TEMP_LOCATION', path, message } };
}
