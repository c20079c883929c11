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
 * Callers with a Google-signed token for `audience` whose verified e-mail is listed. `behindCloudRun`: a token whose signature Cloud Run
 * took out is believed; only a service that IAM lets nobody call unauthenticated may say so. Error texts of the verifier hold the token
 * or its claims (measured), so only a fixed text leaves this function. `x-forwarded-*` is never looked at: callers control it.
 */
export function oidcCaller(options: {
  readonly audience: string;
  readonly serviceAccounts: readonly string[];
  readonly behindCloudRun: boolean;
  readonly client?: OAuth2Client;
}): Caller {
  const client = options.client ?? new OAuth2Client();
  const claimsOf = async (token: string): Promise<Claims | undefined> =>
    options.behindCloudRun && token.endsWith(signatureRemoved)
      ? claimsCheckedByCloudRun(token, options.audience)
      : (await client.verifyIdToken({ idToken: token, audience: options.audience })).getPayload();
  return {
    async refuse(request) {
      const token = tokenOf(request);
      if (token === undefined)
        return refusal(401, 'send an OIDC token of an allowed service account as Authorization: Bearer');
      try {
        const claims = await claimsOf(token);
        const allowed = claims?.email_verified === true && options.serviceAccounts.includes(claims.email ?? '');
        return allowed ? undefined : refusal(403, 'the service account of this token is not allowed to call');
      } catch {
        return refusal(401, 'the OIDC token is not valid for this service');
      }
    },
  };
}

/** The token IAM looks at: with both headers Cloud Run checks this one alone. One header that comes twice could be read two ways. */
function tokenOf({ headersDistinct }: Request): string | undefined {
  const [header, ...more] = headersDistinct['x-serverless-authorization'] ?? headersDistinct.authorization ?? [];
  return more.length > 0 ? undefined : /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
}

/**
 * What Cloud Run hands on in the place of a signature it has checked, so that no container can use the token again
 * (cloud.google.com/run/docs/troubleshooting#signature-removed). Signature, time and audience were right then.
 */
const signatureRemoved = '.SIGNATURE_REMOVED_BY_GOOGLE';

type Claims = { readonly email?: string; readonly email_verified?: boolean };

function claimsCheckedByCloudRun(token: string, audience: string): Claims {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Claims & {
    readonly iss?: string;
    readonly aud: string;
  };
  if (claims.iss !== 'https://accounts.google.com' || !isUrlOf(audience, new URL(claims.aud).origin))
    throw new Error('the token is for another service');
  return claims;
}

/** A service has two URLs, `NAME-PROJECTNUMBER.REGION.run.app` and `NAME-HASH-REGIONCODE.a.run.app`; Eventarc's tokens name the second. */
function isUrlOf(audience: string, origin: string): boolean {
  const name = /^https:\/\/(.+)-\d+\.[a-z0-9-]+\.run\.app$/.exec(audience)?.[1];
  const other = /^https:\/\/(.+)-[a-z0-9]+-[a-z]+\.a\.run\.app$/.exec(origin)?.[1];
  return origin === audience || (name !== undefined && name === other);
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
