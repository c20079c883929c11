// ListJobs and AggregatedListJobs: filters, opaque page tokens, summary view.

import { ApiError, withTrace } from './api-error.ts';
import type { ListCursor, ListedJob, ListScope } from './job-queries.ts';
import type { JobStore } from './job-store.ts';
import { summaryView } from './job-view.ts';

export type WireListRequest = {
  readonly projectId: string;
  readonly location: string;
  readonly filter: 'UNKNOWN' | 'ALL' | 'TERMINATED' | 'ACTIVE';
  readonly pageSize: number;
  readonly pageToken: string;
  readonly name?: string;
};

/** Jobs per page when the request names no size, and at most. The real service's numbers are not published. */
const defaultPageSize = 100;
const largestPageSize = 1000;

/**
 * UNKNOWN: all, newest first. ALL: the active ones newest first, then the ended ones by their end. A job that ends while somebody pages
 * through ALL may be seen twice, as in the real service.
 */
const sectionsOf: Readonly<Record<WireListRequest['filter'], readonly ListCursor['section'][]>> = {
  UNKNOWN: ['all'],
  ALL: ['active', 'ended'],
  ACTIVE: ['active'],
  TERMINATED: ['ended'],
};

/** One page. `aggregated` lists all regions; the name filter is for one region only and is ignored there, as documented. */
export function listJobs(
  store: JobStore,
  request: WireListRequest,
  now: number,
  aggregated: boolean,
): { jobs: object[]; nextPageToken: string } {
  const scope: ListScope = {
    projectId: request.projectId,
    ...(aggregated ? {} : { location: request.location }),
    ...(aggregated || !request.name ? {} : { name: request.name }),
  };
  const limit = Math.min(request.pageSize > 0 ? request.pageSize : defaultPageSize, largestPageSize);
  const cursor = request.pageToken === '' ? undefined : cursorOf(request.pageToken, request.filter);
  const sections = sectionsOf[request.filter];
  const from = cursor === undefined ? 0 : sections.indexOf(cursor.section);
  const found: ListedJob[] = [];
  for (const section of sections.slice(from)) {
    const after = cursor?.section === section ? cursor : undefined;
    // One more than the page holds tells whether there is a next page.
    found.push(...store.list(scope, section, after, now, limit + 1 - found.length));
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const nextPageToken = found.length > limit && last !== undefined ? tokenOf(last.cursor, request.filter) : '';
  return { jobs: page.map(({ record }) => summaryView(record)), nextPageToken };
}

function tokenOf(cursor: ListCursor, filter: string): string {
  return Buffer.from(JSON.stringify([filter, cursor.section, cursor.endedAt, cursor.seq])).toString('base64url');
}

function cursorOf(token: string, filter: WireListRequest['filter']): ListCursor {
  try {
    const [madeFor, section, endedAt, seq] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    const known = sectionsOf[filter].find((one) => one === section);
    if (madeFor === filter && known !== undefined && Number.isInteger(endedAt) && Number.isInteger(seq)) {
      return { section: known, endedAt: Number(endedAt), seq: Number(seq) };
    }
  } catch {
    // Not our JSON: the same answer as for a token of another list.
  }
  throw new ApiError('INVALID_ARGUMENT', withTrace('The page token is invalid for this request.'));
}
