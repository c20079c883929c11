// A Dataflow of one project and region that says what a test tells it to, word for word, and keeps count of what it was asked.

import { EngineError } from '../../shared/base/errors.ts';
import type { Jobs } from '../../shared/engine/ports.ts';
import type { AutoscalingEvent, Job, JobMessage, JobMetric } from '../../shared/schema/job.ts';

type Said = {
  /** Rows of the list of active jobs. */
  active: Job[];
  /** What GetJob answers, by id; absent: 404. */
  readonly jobs: Map<string, Job>;
  readonly metrics: Map<string, JobMetric[]>;
  readonly messages: Map<string, JobMessage[]>;
  readonly autoscaling: Map<string, AutoscalingEvent[]>;
};

export type ScriptedService = Said & {
  readonly port: Jobs;
  /** Calls by method, in order, with the job id or page token they were about. */
  readonly calls: { method: keyof Jobs; about: string }[];
  /** Rows per page of a list. */
  pageSize: number;
  /** Called before each answer; what it throws is thrown, what it answers replaces the answer. */
  interfere: (method: keyof Jobs, about: string) => unknown;
  count(method: keyof Jobs): number;
};

export function scriptedService(): ScriptedService {
  const answer = async <T>(method: keyof Jobs, about: string, say: () => T): Promise<T> => {
    service.calls.push({ method, about });
    const instead = await service.interfere(method, about);
    return instead === undefined ? say() : (instead as T);
  };
  const service: ScriptedService = {
    active: [],
    jobs: new Map(),
    metrics: new Map(),
    messages: new Map(),
    autoscaling: new Map(),
    calls: [],
    pageSize: 1000,
    interfere: () => undefined,
    count: (method) => service.calls.filter((call) => call.method === method).length,
    port: {
      launch: (request) =>
        answer('launch', request.launchParameter.jobName, () => {
          throw new EngineError('UNAVAILABLE', 'no launch was scripted');
        }),
      list: ({ pageToken }) =>
        answer('list', pageToken ?? '', () => {
          const from = Number(pageToken ?? 0);
          const to = from + service.pageSize;
          const jobs = service.active.slice(from, to);
          return to < service.active.length
            ? { jobs, complete: true, nextPageToken: String(to) }
            : { jobs, complete: true };
        }),
      get: ({ jobId }) => answer('get', jobId, () => service.jobs.get(jobId)),
      metrics: ({ jobId }) => answer('metrics', jobId, () => service.metrics.get(jobId) ?? []),
      messages: ({ jobId }) =>
        answer('messages', jobId, () => ({
          messages: service.messages.get(jobId) ?? [],
          autoscaling: service.autoscaling.get(jobId) ?? [],
        })),
      cancel: ({ jobId }) => answer('cancel', jobId, () => 'accepted' as const),
    },
  };
  return service;
}
