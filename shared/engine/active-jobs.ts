// The active jobs of each project and region, listed once per tick: ⌈N/page⌉ calls instead of one per job.

import { EngineError, isEngineError } from '../base/errors.ts';
import type { Attempt } from '../schema/execution.ts';
import type { Job } from '../schema/job.ts';
import type { EngineDeps } from './deps.ts';
import type { Gate } from './gate.ts';

/** What the list of active jobs says of one attempt's job. */
export type Sighting =
  | { readonly kind: 'listed'; readonly job: Job }
  /** Not among the active jobs that answered: it ended, is too young to be listed, or its location did not answer. Ask for it by itself. */
  | { readonly kind: 'absent' }
  /** The list broke off before it came to this job. Nothing is known this time; asking one by one would be a call per job. */
  | { readonly kind: 'unread'; readonly error: EngineError };

export type ActiveJobs = { find(attempt: Attempt): Promise<Sighting> };

type Listing = { readonly byId: ReadonlyMap<string, Job>; readonly broken?: EngineError };

type Deps = Pick<EngineDeps, 'jobs' | 'log'>;

/** Lists lazily, once per project and region. */
export function createActiveJobs(deps: Deps, gate: Gate): ActiveJobs {
  const listings = new Map<string, Promise<Listing>>();
  const listingOf = (attempt: Attempt): Promise<Listing> => {
    const key = `${attempt.projectId}/${attempt.region}`;
    const listing = listings.get(key) ?? listActive(deps, gate, attempt);
    listings.set(key, listing);
    return listing;
  };
  return {
    async find(attempt) {
      const { byId, broken } = await listingOf(attempt);
      const job = attempt.jobId === undefined ? undefined : byId.get(attempt.jobId);
      if (job !== undefined) return { kind: 'listed', job };
      return broken === undefined ? { kind: 'absent' } : { kind: 'unread', error: broken };
    },
  };
}

/** No list at all: every job is asked for by itself. What a wake-up about one job uses. */
export const noList: ActiveJobs = { find: async () => ({ kind: 'absent' }) };

/** A list longer than this does not end: 200 pages of the service's 1,000 jobs. */
const maxPages = 200;

/**
 * One second try per list: from the start when its page token expired, the same page again when the service says "later". After that
 * the listing is as long as it got, and broken.
 */
async function listActive(deps: Deps, gate: Gate, { projectId, region }: Attempt): Promise<Listing> {
  const byId = new Map<string, Job>();
  let pageToken: string | undefined;
  let triesLeft = 1;
  for (let pages = 0; pages < maxPages; pages += 1) {
    try {
      const query = { projectId, region, filter: 'ACTIVE', ...(pageToken === undefined ? {} : { pageToken }) } as const;
      const page = await gate(() => deps.jobs.list(query));
      for (const job of page.jobs) if (job.id !== undefined) byId.set(job.id, job);
      pageToken = page.nextPageToken;
      if (pageToken === undefined) return { byId };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      deps.log('pollFailed', { reason: `list of active jobs in ${projectId}/${region}`, count: byId.size, error });
      const expired = pageToken !== undefined && isEngineError(error, 'INVALID_ARGUMENT');
      if (triesLeft === 0 || !(expired || error.retry === 'later')) return { byId, broken: error };
      triesLeft -= 1;
      if (expired) pageToken = undefined;
    }
  }
  const endless = `the list of active jobs in ${projectId}/${region} has more than ${maxPages} pages`;
  return { byId, broken: new EngineError('UNKNOWN', endless) };
}
