// What is usually done instead, as changes of this engine: models of documented behaviour, to be put beside it in the same world.

import type { Edit } from './bundle.ts';
import type { Mutant } from './mutants.ts';

/** The job's name ends in something new at every request (Airflow's Dataflow operators: `append_job_name=True`, the default). */
const randomSuffix: Edit = {
  file: 'shared/engine/launch.ts',
  find: 'const job = await deps.jobs.launch(attempt.request, {',
  replace: `const { launchParameter } = attempt.request;
    const named = { ...launchParameter, jobName: launchParameter.jobName + '-' + deps.tokens.next() };
    const job = await deps.jobs.launch({ ...attempt.request, launchParameter: named }, {`,
};

/** An expired lease alone allows the next launch. */
const relaunchOnExpiry: readonly Edit[] = [
  {
    file: 'shared/engine/recover.ts',
    find: 'const found = await lookUpJob(deps, execution, attempt);',
    replace: "const found = { kind: 'absent' };",
  },
  {
    file: 'shared/engine/recover.ts',
    find: "if (found.kind === 'inconclusive' || attempt.notFoundAt === undefined) {",
    replace: "if (found.kind === 'inconclusive') {",
  },
];

/** A duplicate takes an existing claim for the work done, and nobody sweeps. */
const claimIsDone: readonly Edit[] = [
  {
    file: 'shared/engine/start.ts',
    find: "return settled(execution) ? { kind: 'accepted', execution, created: false } : { kind: 'pending', execution };",
    replace: "return { kind: 'accepted', execution, created: false };",
  },
  {
    file: 'shared/engine/recover.ts',
    find: 'if (attempt === undefined || attempt.jobId !== undefined) return undefined;',
    replace: 'return undefined;',
  },
];

export const alternatives: readonly Mutant[] = [
  { name: 'random name suffix (Airflow append_job_name)', edits: [randomSuffix] },
  {
    name: 'in-progress expiry alone (idempotency library style, Powertools)',
    edits: [randomSuffix, ...relaunchOnExpiry],
  },
  { name: 'expiry and one fixed name, 409 adopts', edits: relaunchOnExpiry },
  { name: 'claim once, an existing claim is done', edits: claimIsDone },
];
