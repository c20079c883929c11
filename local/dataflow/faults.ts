// Decides which fault of the script strikes an event: by its number, the job's name, or chance with a seed.

import { type Fault, type FaultInput, type FaultKind, parseFaults } from './fault-schema.ts';
import type { Doom } from './job-record.ts';

export type FaultEvent = { readonly jobName?: string; readonly method?: string };

export type FaultScript = {
  /** The first fault of that kind which strikes this event, if any. Asking counts as the event. */
  strike<K extends FaultKind>(kind: K, event: FaultEvent): Extract<Fault, { kind: K }> | undefined;
  /** Replaces the script; counting starts anew. */
  set(faults: readonly FaultInput[]): void;
};

type Armed = { readonly fault: Fault; seen: number; struck: number; readonly random: () => number };

/** A script over a list of faults; throws if the list is not valid. */
export function createFaultScript(faults: readonly FaultInput[] = []): FaultScript {
  let armed = arm(faults);
  return {
    strike<K extends FaultKind>(kind: K, event: FaultEvent) {
      for (const one of armed) {
        if (one.fault.kind === kind && strikes(one, event)) return one.fault as Extract<Fault, { kind: K }>;
      }
      return undefined;
    },
    set(next) {
      armed = arm(next);
    },
  };
}

/** The kinds that end a job FAILED. */
export const doomKinds = ['zoneStockout', 'launcherFailure', 'quotaExceeded', 'workerOutOfMemory', 'failJob'] as const;

/** The failure in store for a new job; texts as in Dataflow's list of common errors and in reports of its users. */
export function doomOf(fault: Extract<Fault, { kind: (typeof doomKinds)[number] }>, jobId: string): Doom {
  const { afterMs } = fault;
  switch (fault.kind) {
    case 'failJob':
      return { phase: fault.phase, afterMs, text: fault.text };
    case 'zoneStockout': {
      const cause = `ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: Instance creation failed: The zone 'projects/local/zones/${fault.zone}' does not have enough resources available to fulfill the request. Try a different zone, or try again later.`;
      const text =
        fault.phase === 'QUEUED'
          ? `${launcherStart(jobId)} RESOURCE_EXHAUSTED: ${cause}`
          : `Workflow failed. Causes: Startup of the worker pool in zone ${fault.zone} failed to bring up any of the desired workers. ${cause}`;
      return { phase: fault.phase, afterMs, text };
    }
    case 'launcherFailure':
      return { phase: 'QUEUED', afterMs, text: launcherTexts(jobId)[fault.cause] };
    case 'quotaExceeded':
      return fault.quota === 'jobs'
        ? {
            phase: 'QUEUED',
            afterMs,
            text: 'Dataflow quota error for jobs-per-project quota. Project local is running 25 jobs. Please check the quota usage via GCP Console. If it exceeds the limit, please wait for a workflow to finish or contact Google Cloud Support to request an increase in quota.',
          }
        : {
            phase: 'PENDING',
            afterMs,
            text: 'Workflow failed. Causes: Project local has insufficient quota(s) to execute this workflow with 1 instances in region us-central1. Quota summary (required/available): 1/6987 instances, 4/0 CPUs, 25/183201 disk GB, 0/4046 SSD disk GB, 1/287 instance groups, 1/291 managed instance groups, 1/517 instance templates, 1/0 in-use IP addresses. QUOTA_EXCEEDED',
          };
    case 'workerOutOfMemory':
      return {
        phase: 'RUNNING',
        afterMs,
        text: 'Workflow failed. Causes: The job failed because a work item has failed 4 times. Root cause: Timed out waiting for an update from the worker. The worker lost contact with the service: java.lang.OutOfMemoryError: Java heap space. For more information, see https://cloud.google.com/dataflow/docs/guides/common-errors#worker-lost-contact.',
      };
  }
}

function launcherStart(jobId: string): string {
  return `Failed to start the VM, launcher-${jobId.replace(/\D/g, '')}, used for launching because of status code:`;
}

function launcherTexts(jobId: string): Readonly<Record<'vm' | 'container' | 'timeout', string>> {
  return {
    vm: `${launcherStart(jobId)} UNAVAILABLE, reason: Error: Message: HTTP_503.`,
    container: 'Error occurred in the launcher container: Template launch failed. See console logs.',
    timeout:
      'Timeout in polling result file. Possible causes are: 1. Your launch takes too long time to finish. Please check the logs on stackdriver. 2. Service account may not have enough permissions to pull container image or create new objects in the staging location. 3. Transient errors, please try again.',
  };
}

function arm(faults: readonly FaultInput[]): Armed[] {
  return parseFaults(faults).map((fault, index) => ({
    fault,
    seen: 0,
    struck: 0,
    random: generator(fault.seed ?? index + 1),
  }));
}

function strikes(armed: Armed, event: FaultEvent): boolean {
  const { fault } = armed;
  if (fault.jobNamePrefix !== undefined && event.jobName?.startsWith(fault.jobNamePrefix) !== true) return false;
  if ('method' in fault && fault.method !== undefined && fault.method !== event.method) return false;
  armed.seen += 1;
  if (fault.nth !== undefined && ![fault.nth].flat().includes(armed.seen)) return false;
  if (fault.probability !== undefined && armed.random() >= fault.probability) return false;
  if (fault.times !== undefined && armed.struck >= fault.times) return false;
  armed.struck += 1;
  return true;
}

/** mulberry32: a small seeded generator of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
