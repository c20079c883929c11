// RFC 9457 problem details: the one shape of every error this API answers.

import type { Response } from 'express';
import type { Violation } from '../shared/base/errors.ts';

export type Problem = {
  readonly status: number;
  /** Stable, for programs; becomes the `type` URI. */
  readonly type: string;
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly Violation[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly extra?: Readonly<Record<string, unknown>>;
};

/** The body of a problem: `type`, `title`, `status`, `detail?`, `errors?: {pointer, code, detail}[]` and the extra members. */
export function problemBody({ status, type, title, detail, errors, extra }: Problem) {
  return {
    type: `urn:streamnova:problem:${type}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined
      ? {}
      : { errors: errors.map(({ code, path, message }) => ({ pointer: path, code, detail: message })) }),
    ...extra,
  };
}

/** Answers a problem as `application/problem+json`; never cached. */
export function sendProblem(response: Response, problem: Problem): void {
  response
    .status(problem.status)
    .set({ 'Cache-Control': 'no-store', ...problem.headers })
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem)));
}
