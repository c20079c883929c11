// The executions of the HTTP API, as this command line reads them; what goes wrong becomes one of three errors.

import type { ExecutionStatus } from '../../shared/schema/execution.ts';
import type { ExecutionSummary } from '../../shared/schema/execution-summary.ts';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';

export type ListFilter = {
  readonly status?: ExecutionStatus | undefined;
  readonly load?: string | undefined;
  readonly limit: number;
};

export type ExecutionsApi = {
  /** Summaries, newest first, over as many pages as `limit` needs. */
  list(filter: ListFilter): Promise<readonly ExecutionSummary[]>;
  read(executionId: string): Promise<ExecutionView>;
  cancel(executionId: string, reason?: string): Promise<ExecutionView>;
};

/** Nothing answered at the address, or something that is not this API. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The API said no: its status and its words. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type ExecutionPage = { readonly executions: readonly ExecutionSummary[]; readonly nextPageToken?: string };

/** The API's largest page. */
const largestPage = 500;
/** How long an answer may take: a list of 500 takes well under a second. */
const timeoutMs = 30_000;

/** Talks to the API at `base`; `token` is sent as a bearer token where the API asks for one. */
export function executionsApi(base: string, token?: string): ExecutionsApi {
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await reach(new URL(`api/agent/executions${path}`, withSlash(base)), { ...init, headers });
    const body = await jsonOf(answer);
    if (answer.ok && body !== undefined) return body;
    if (body === undefined) {
      throw new Unreachable(
        `${base} answered ${answer.status} without JSON: is it the address of the execute function?`,
      );
    }
    throw new Refused(answer.status, wordsOf(answer.status, body));
  };
  return {
    async list({ status, load, limit }) {
      const found: ExecutionSummary[] = [];
      let pageToken: string | undefined;
      do {
        const query = { status, load, pageToken, pageSize: Math.min(limit - found.length, largestPage) };
        const given = Object.entries(query).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, `${value}`]],
        );
        const page = (await call(`?${new URLSearchParams(given)}`)) as ExecutionPage;
        found.push(...page.executions);
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined && found.length < limit);
      return found;
    },
    read: async (executionId) => (await call(`/${encodeURIComponent(executionId)}`)) as ExecutionView,
    cancel: async (executionId, reason) =>
      (await call(`/${encodeURIComponent(executionId)}:cancel`, {
        method: 'POST',
        body: JSON.stringify(reason === undefined ? {} : { reason }),
      })) as ExecutionView,
  };
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : '';
    throw new Unreachable(
      `${url.origin} cannot be reached${why === '' ? '' : ` (${why})`}; start a local one with npm run serve, or name another with --api URL`,
      { cause },
    );
  }
}

async function jsonOf(answer: Response): Promise<object | undefined> {
  try {
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9457: the detail, and the single errors where there are some. */
function wordsOf(status: number, body: object): string {
  const { title, detail } = body as { title?: string; detail?: string };
  const advice = status === 401 || status === 403 ? '; put an identity token into STREAMNOVA_TOKEN' : '';
  return `${detail ?? title ?? `the API answered ${status}`}${advice}`;
}

const withSlash = (base: string): string => (base.endsWith('/') ? base : `${base}/`);
