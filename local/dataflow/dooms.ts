// The failures a fault script can have in store for a job, in the words of Dataflow: from its list of common errors and from reports of users.

import type { Fault } from './fault-schema.ts';
import type { Doom } from './job-record.ts';

/** The kinds that end a job FAILED. */
export const doomKinds = ['zoneStockout', 'launcherFailure', 'quotaExceeded', 'workerOutOfMemory', 'failJob'] as const;

type DoomFault = Extract<Fault, { kind: (typeof doomKinds)[number] }>;

/** The failure a fault means for a new job. */
export function doomOf(fault: DoomFault, jobId: string): Doom {
  const { afterMs } = fault;
  switch (fault.kind) {
    case 'failJob':
      return { phase: fault.phase, afterMs, text: fault.text };
    case 'zoneStockout':
      return { phase: fault.phase, afterMs, text: stockout(fault.zone, fault.phase === 'QUEUED' ? jobId : undefined) };
    case 'launcherFailure':
      return { phase: 'QUEUED', afterMs, text: launcherTexts[fault.cause](jobId) };
    case 'quotaExceeded':
      return { phase: fault.quota === 'jobs' ? 'QUEUED' : 'PENDING', afterMs, text: quotaTexts[fault.quota] };
    case 'workerOutOfMemory':
      return { phase: 'RUNNING', afterMs, text: outOfMemory };
  }
}

/** The launcher's machine (given its job) or those of the workers. */
function stockout(zone: string, jobId: string | undefined): string {
  const cause =
    `ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: Instance creation failed: The zone 'projects/local/zones/${zone}' does not have ` +
    'enough resources available to fulfill the request. Try a different zone, or try again later.';
  if (jobId !== undefined) return `${launcherStart(jobId)} RESOURCE_EXHAUSTED: ${cause}`;
  const effect = `Startup of the worker pool in zone ${zone} failed to bring up any of the desired workers.`;
  return `Workflow failed. Causes: ${effect} ${cause}`;
}

function launcherStart(jobId: string): string {
  return `Failed to start the VM, launcher-${jobId.replace(/\D/g, '')}, used for launching because of status code:`;
}

const launcherTexts = {
  vm: (jobId: string) => `${launcherStart(jobId)} UNAVAILABLE, reason: Error: Message: HTTP_503.`,
  container: () => 'Error occurred in the launcher container: Template launch failed. See console logs.',
  timeout: () =>
    'Timeout in polling result file. Possible causes are: 1. Your launch takes too long time to finish. Please check the logs on ' +
    'stackdriver. 2. Service account may not have enough permissions to pull container image or create new objects in the staging ' +
    'location. 3. Transient errors, please try again.',
};

const quotaTexts = {
  jobs:
    'Dataflow quota error for jobs-per-project quota. Project local is running 25 jobs. Please check the quota usage via GCP Console. ' +
    'If it exceeds the limit, please wait for a workflow to finish or contact Google Cloud Support to request an increase in quota.',
  cpus:
    'Workflow failed. Causes: Project local has insufficient quota(s) to execute this workflow with 1 instances in region us-central1. ' +
    'Quota summary (required/available): 1/6987 instances, 4/0 CPUs, 25/183201 disk GB, 0/4046 SSD disk GB, 1/287 instance groups, ' +
    '1/291 managed instance groups, 1/517 instance templates, 1/0 in-use IP addresses. QUOTA_EXCEEDED',
};

const outOfMemory =
  'Workflow failed. Causes: The job failed because a work item has failed 4 times. Root cause: Timed out waiting for an update from the ' +
  'worker. The worker lost contact with the service: java.lang.OutOfMemoryError: Java heap space. For more information, see ' +
  'https://cloud.google.com/dataflow/docs/guides/common-errors#worker-lost-contact.';
