// Ambiguity is resolved by looking: which job, if any, did the launches of this attempt make?

import type { Attempt, Execution } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import { phaseOf } from '../schema/job-state.ts';
import type { EngineDeps } from './deps.ts';

type Deps = Pick<EngineDeps, 'jobs' | 'settings'>;

export type LookUp =
  | { readonly kind: 'found'; readonly job: Job & { id: string } }
  /** Every location answered and none knows the name. */
  | { readonly kind: 'absent' }
  /** A list was partial: "not found" proves nothing. */
  | { readonly kind: 'inconclusive' }
  /** An active job holds the name but was created before our intent and does not carry our label. */
  | { readonly kind: 'foreign'; readonly job: Job & { id: string } };

/** A list longer than this does not end; with the service's filter by name it is one page. */
const maxPages = 200;

/** Lists the jobs of the attempt's name in all states. Accepts only an equal name created after the intent minus clock skew. */
export async function lookUpJob(deps: Deps, execution: Execution, attempt: Attempt): Promise<LookUp> {
  const location = { projectId: attempt.projectId, region: attempt.region };
  const notBefore = attempt.intentAt - 2 * deps.settings.clockSkewMs;
  // All attempts share the name; the jobs of earlier ones are known by their ids.
  const isOfAnotherAttempt = (jobId: string): boolean =>
    execution.attempts.some((other) => other.number !== attempt.number && other.jobId === jobId);
  const ours: (Job & { id: string })[] = [];
  const older: (Job & { id: string })[] = [];
  let complete = true;
  let pageToken: string | undefined;
  let pages = 0;
  do {
    const page = await deps.jobs.list({
      ...location,
      filter: 'ALL',
      name: attempt.jobName,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    complete &&= page.complete;
    for (const job of page.jobs) {
      // Whether the service's name filter is exact or a prefix is not documented: compare again.
      if (job.name !== attempt.jobName || job.id === undefined || isOfAnotherAttempt(job.id)) continue;
      const withId = { ...job, id: job.id };
      (job.createdAt === undefined || job.createdAt >= notBefore ? ours : older).push(withId);
    }
    pageToken = page.nextPageToken;
    pages += 1;
  } while (pageToken !== undefined && pages < maxPages);
  complete &&= pageToken === undefined;

  const found = ours.find(isActive) ?? ours.sort((left, right) => (left.createdAt ?? 0) - (right.createdAt ?? 0))[0];
  if (found !== undefined) return { kind: 'found', job: found };
  const holder = older.find(isActive);
  if (holder !== undefined) {
    // A ledger that was lost and rebuilt meets its own older job here: the label tells (list views carry none).
    const full = await deps.jobs.get({ ...location, jobId: holder.id });
    return full?.labels?.['streamnova-execution'] === execution.executionId
      ? { kind: 'found', job: { ...holder, ...full, id: holder.id } }
      : { kind: 'foreign', job: holder };
  }
  return complete ? { kind: 'absent' } : { kind: 'inconclusive' };
}

function isActive(job: Job): boolean {
  const phase = phaseOf(job.state);
  return phase !== 'succeeded' && phase !== 'failed' && phase !== 'cancelled' && phase !== 'replaced';
}
