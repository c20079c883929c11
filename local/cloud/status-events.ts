// Hands the job states of the local Dataflow to pollJobs as the CloudEvents that Eventarc makes of Dataflow's.

import { randomUUID } from 'node:crypto';
import type { JobRecord } from '../dataflow/job-record.ts';

/** What an event tells of a job. */
export type ChangedJob = Pick<
  JobRecord,
  'id' | 'name' | 'projectId' | 'location' | 'labels' | 'createdAt' | 'startedAt' | 'state' | 'stateAt'
>;

export type StatusEvents = {
  /** Takes a change; it is delivered once it is known where to, after the changes of the same job before it. */
  readonly take: (record: ChangedJob) => void;
  /** Where pollJobs is served. */
  deliverTo(url: string): void;
  /** Takes and delivers nothing more; what is out is cut. */
  stop(): Promise<void>;
};

/** How long pollJobs may take to look at one job. */
const deadlineMs = 10_000;

/**
 * An event that cannot be delivered is told to `onTrouble` and forgotten: it is a hint, the tick finds out anyway. Eventarc would keep
 * it and deliver it again.
 */
export function createStatusEvents(onTrouble: (problem: string) => void): StatusEvents {
  const endpoint = Promise.withResolvers<string>();
  const stopping = new AbortController();
  const latest = new Map<string, Promise<void>>();

  const deliver = async (record: ChangedJob, before: Promise<void> | undefined): Promise<void> => {
    const url = await endpoint.promise;
    await before;
    if (stopping.signal.aborted) return;
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(deadlineMs), stopping.signal]);
      const response = await fetch(url, { method: 'POST', ...statusEvent(record), signal });
      const answer = await response.text();
      if (!response.ok) throw new Error(`pollJobs answered ${response.status}: ${answer.slice(0, 500)}`);
    } catch (error) {
      if (stopping.signal.aborted) return;
      onTrouble(`${record.state} of job ${record.id} was not told: ${String(error)}; the next tick finds it`);
    }
  };

  return {
    take(record) {
      if (stopping.signal.aborted) return;
      const delivery = deliver(record, latest.get(record.id)).finally(() => {
        if (latest.get(record.id) === delivery) latest.delete(record.id);
      });
      latest.set(record.id, delivery);
    },
    deliverTo: endpoint.resolve,
    async stop() {
      stopping.abort();
      // Deliveries that still wait to know where to would wait for ever.
      endpoint.resolve('');
      await Promise.all(latest.values());
    },
  };
}

/** Binary mode, the Job in `payload`; names and subject by Google's sample of google.events.cloud.dataflow.v1beta3.JobEventData. */
function statusEvent(record: ChangedJob): { readonly headers: Record<string, string>; readonly body: string } {
  const { id, name, projectId, location, state, labels, startedAt } = record;
  const time = (at: number): string => new Date(at).toISOString();
  return {
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': randomUUID(),
      'ce-type': 'google.cloud.dataflow.job.v1beta3.statusChanged',
      'ce-source': `//dataflow.googleapis.com/projects/${projectId}/locations/${location}/jobs/${name}`,
      'ce-subject': `jobs/${name}`,
      'ce-job': name,
      'ce-time': time(record.stateAt),
    },
    body: JSON.stringify({
      payload: {
        id,
        projectId,
        name,
        location,
        type: 'JOB_TYPE_BATCH',
        currentState: state,
        currentStateTime: time(record.stateAt),
        createTime: time(record.createdAt),
        ...(startedAt === undefined ? {} : { startTime: time(startedAt) }),
        labels,
      },
    }),
  };
}
