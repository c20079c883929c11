// The active jobs of each project and region, listed once per tick: ⌈N/page⌉ calls instead of one per job.

import { EngineError } from '../base/errors.ts';
import type { Attempt } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import type { EngineDeps } from './deps.ts';

export type ActiveJobs = {
  /** The attempt's row in the list of active jobs; undefined when it is not there, which by itself proves nothing. */
  find(attempt: Attempt): Promise<Job | undefined>;
};

/**
 * Lists lazily, per project and region. A list that fails is kept as far as it got: whoever is missing in it is asked for by itself,
 * so a partial list, an expired page token or an error costs calls, never truth.
 */
export function createActiveJobs(deps: Pick<EngineDeps, 'jobs' | 'log'>): ActiveJobs {
  const lists = new Map<string, Promise<ReadonlyMap<string, Job>>>();
  return {
    async find(attempt) {
      const key = `${attempt.projectId}/${attempt.region}`;
      let list = lists.get(key);
      if (list === undefined) {
        list = listActive(deps, attempt);
        lists.set(key, list);
      }
      return attempt.jobId === undefined ? undefined : (await list).get(attempt.jobId);
    },
  };
}

async function listActive(
  deps: Pick<EngineDeps, 'jobs' | 'log'>,
  { projectId, region }: Pick<Attempt, 'projectId' | 'region'>,
): Promise<ReadonlyMap<string, Job>> {
  const byId = new Map<string, Job>();
  let pageToken: string | undefined;
  try {
    do {
      const page = await deps.jobs.list({
        projectId,
        region,
        filter: 'ACTIVE',
        ...(pageToken === undefined ? {} : { pageToken }),
      });
      for (const job of page.jobs) if (job.id !== undefined) byId.set(job.id, job);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log('pollFailed', { reason: `list of active jobs in ${projectId}/${region}`, count: byId.size, error });
  }
  return byId;
}
