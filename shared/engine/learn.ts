// Feeds a clean run back to its cohort: what actually happened beside what was estimated. A set keyed by execution; twice changes nothing.

import { EngineError } from '../base/errors.ts';
import { cleanRunOf } from '../recommend/clean-run.ts';
import { cohortIdOf, parseCohort, updateCohort } from '../recommend/cohort.ts';
import type { Execution } from '../schema/execution.ts';
import type { EngineDeps } from './deps.ts';

const maxRaces = 8;

/** Puts the execution, with its newest figures, into its cohort when it is a clean run. Throws EngineError ABORTED after losing too many races: done again later. */
export async function learn(deps: Pick<EngineDeps, 'documents'>, execution: Execution): Promise<void> {
  const clean = cleanRunOf(execution);
  if (!clean.ok) return;
  const id = cohortIdOf(clean.run);
  for (let race = 0; race < maxRaces; race += 1) {
    const stored = await deps.documents.read('cohorts', id);
    const cohort = parseCohort(stored?.value);
    const updated = updateCohort(cohort, clean.run);
    if (updated === cohort) return;
    const written = await deps.documents.write('cohorts', id, updated, stored?.version);
    if (written.kind === 'applied') return;
  }
  throw new EngineError('ABORTED', `cohort ${id}: lost ${maxRaces} races; done again later`);
}
