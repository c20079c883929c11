// Resolves Secret Manager version paths by REST with the credentials that are loaded anyway; used only to profile a source.

import { GoogleAuth } from 'google-auth-library';
import { EngineError } from '../base/errors.ts';

/**
 * The text of `projects/P/secrets/S/versions/V`. `secret://local/NAME` exists on the local cloud only. Throws EngineError
 * PERMISSION_DENIED, NOT_FOUND or UNAVAILABLE naming the path, never the value. `auth` answers requests; by default as the service account.
 */
export function secretManager(
  auth: Pick<GoogleAuth, 'request'> = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' }),
): (path: string) => Promise<string> {
  return async (path) => {
    if (!/^projects\/[^/]+\/secrets\/[^/]+\/versions\/[^/]+$/.test(path)) {
      throw new EngineError('INVALID_ARGUMENT', `${path} is not a Secret Manager version path`);
    }
    try {
      const answer = await auth.request<{ payload?: { data?: string } }>({
        url: `https://secretmanager.googleapis.com/v1/${path}:access`,
      });
      return Buffer.from(answer.data.payload?.data ?? '', 'base64').toString('utf8');
    } catch (cause) {
      const status = (cause as { status?: number }).status;
      const refused = status === 401 || status === 403 ? 'PERMISSION_DENIED' : 'UNAVAILABLE';
      const code = status === 404 ? 'NOT_FOUND' : refused;
      throw new EngineError(code, `${path} could not be read from Secret Manager`, { cause });
    }
  };
}
