// Checks who calls: the OIDC token of Pub/Sub, Scheduler and callers, in code too, even behind IAM.

import type { Request } from '@google-cloud/functions-framework';
import { OAuth2Client } from 'google-auth-library';
import type { Problem } from './problem.ts';

export type Caller = {
  /** Undefined: may call. Else the problem to answer. */
  refuse(request: Request): Promise<Problem | undefined>;
};

/** Everybody may call: the local cloud, and services whose ingress and IAM alone decide. */
export const anyCaller: Caller = { refuse: async () => undefined };

/**
 * Callers with a Google-signed token for `audience` whose verified e-mail is listed. Error texts of the verifier hold the token or its
 * claims (measured), so only a fixed text leaves this function. `x-forwarded-*` is never looked at: callers control it.
 */
export function oidcCaller(options: {
  readonly audience: string;
  readonly serviceAccounts: readonly string[];
  readonly client?: Pick<OAuth2Client, 'verifyIdToken'>;
}): Caller {
  const client = options.client ?? new OAuth2Client();
  return {
    async refuse(request) {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined)
        return refusal(401, 'send an OIDC token of an allowed service account as Authorization: Bearer');
      try {
        const ticket = await client.verifyIdToken({ idToken: token, audience: options.audience });
        const claims = ticket.getPayload();
        const allowed = claims?.email_verified === true && options.serviceAccounts.includes(claims.email ?? '');
        return allowed ? undefined : refusal(403, 'the service account of this token is not allowed to call');
      } catch {
        return refusal(401, 'the OIDC token is not valid for this service');
      }
    },
  };
}

function refusal(status: 401 | 403, detail: string): Problem {
  return {
    status,
    type: status === 401 ? 'unauthenticated' : 'forbidden',
    title: status === 401 ? 'Unauthenticated' : 'Forbidden',
    detail,
    ...(status === 401 ? { headers: { 'WWW-Authenticate': 'Bearer' } } : {}),
  };
}
