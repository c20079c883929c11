// Talks to the HTTP API: reads, lists and cancels executions; an answer that is a problem becomes an error for people.

import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import { UsageError } from '../usage-error.ts';

export type ListFilter = {
  readonly status?: string | undefined;
  readonly load?: string | undefined;
  readonly limit: number;
};

export type ApiClient = {
  /** Newest first, over as many pages as `limit` needs. */
  list(filter: ListFilter): Promise<readonly ExecutionView[]>;
  read(executionId: string): Promise<ExecutionView>;
  /** The execution as it is after the wish to cancel was recorded. */
  cancel(executionId: string, reason: string | undefined): Promise<ExecutionView>;
};

type Problem = { readonly title?: string; readonly detail?: string };

/** `baseUrl` as `npm run serve` prints it; `token` an OIDC token where callers must bring one. */
export function createApiClient(baseUrl: string, token: string | undefined): ApiClient {
  const call = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { ...(init.headers ?? {}), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    let answer: Response;
    try {
      answer = await fetch(new URL(path, baseUrl), { ...init, headers });
    } catch (cause) {
      throw new UsageError(`no answer from ${baseUrl}; start it with \`npm run serve\`, or name the API with --api`, {
        cause,
      });
    }
    const body = (await answer.json().catch(() => ({}))) as T & Problem;
    if (answer.ok) return body;
    throw new Error(`${answer.status} ${body.title ?? answer.statusText}: ${body.detail ?? 'no details'}`);
  };
  return {
    async list({ status, load, limit }) {
      const found: ExecutionView[] = [];
      let pageToken: string | undefined;
      do {
        const query = new URLSearchParams({ pageSize: String(Math.min(limit - found.length, 500)) });
        for (const [name, value] of Object.entries({ status, load, pageToken }))
          if (value !== undefined) query.set(name, value);
        const page = await call<{ executions: ExecutionView[]; nextPageToken?: string }>(
          `/api/agent/executions?${query}`,
        );
        found.push(...page.executions);
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined && found.length < limit);
      return found;
    },
    read: (executionId) => call(`/api/agent/executions/${encodeURIComponent(executionId)}`),
    cancel: (executionId, reason) =>
      call(`/api/agent/executions/${encodeURIComponent(executionId)}:cancel`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(reason === undefined ? {} : { reason }),
      }),
  };
}
