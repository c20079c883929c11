// The idempotency key of a request Cloud Scheduler sends: a job cannot template a header, but Scheduler names its run in two.

import type { IncomingHttpHeaders } from 'node:http';

/**
 * `scheduler:JOB:TIME` (TIME in UTC) for a run of a Cloud Scheduler job: equal when the run fires twice or is tried again, which Scheduler
 * reserves for itself (at least once). Undefined for every other request. Who calls was checked before; a caller that forges these
 * headers only names a key it could have sent as Idempotency-Key.
 */
export function scheduledKey(headers: IncomingHttpHeaders): string | undefined {
  const {
    'x-cloudscheduler': marked,
    'x-cloudscheduler-jobname': job,
    'x-cloudscheduler-scheduletime': time,
  } = headers;
  if (marked !== 'true' || typeof job !== 'string' || typeof time !== 'string') return undefined;
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : `scheduler:${job}:${new Date(at).toISOString()}`;
}
