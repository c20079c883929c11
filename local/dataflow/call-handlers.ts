// The calls of the API: each finds its job, asks the fault script, and answers through one place that adds latency and errors.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { ApiError, toServiceError, withTrace } from './api-error.ts';
import { cancelJob, type WireUpdateRequest } from './cancel-job.ts';
import type { FaultScript } from './faults.ts';
import { listMessages, type WireMessagesRequest } from './job-messages.ts';
import type { JobMoves } from './job-moves.ts';
import type { JobRecord } from './job-record.ts';
import type { JobRunner } from './job-runner.ts';
import type { JobStore } from './job-store.ts';
import { descriptionView, launchView, summaryView } from './job-view.ts';
import { launch } from './launch.ts';
import type { WireLaunchRequest } from './launch-request.ts';
import { listJobs, type WireListRequest } from './list-jobs.ts';
import { jobMetrics } from './metrics.ts';
import { advanceScripted, scriptedProgress } from './scripted-jobs.ts';
import { toTimestamp } from './timestamp.ts';

export type CallDeps = {
  readonly store: JobStore;
  readonly moves: JobMoves;
  readonly runner: JobRunner;
  readonly faults: FaultScript;
  readonly now: () => number;
  readonly startupMs: number;
  readonly latencyMs: number;
  /** Breaks the connection to a peer (`address:port`); it may connect again. */
  cutConnection(peer: string): void;
};

type JobRequest = { readonly projectId: string; readonly location: string; readonly jobId: string };
type UnaryHandler = (call: ServerUnaryCall<unknown, object>, callback: sendUnaryData<object>) => void;

/** Handlers by method name; methods of the services that are not here answer UNIMPLEMENTED with a sentence of their own. */
export function createCallHandlers(deps: CallDeps): Readonly<Record<string, UnaryHandler>> {
  const { store, moves, runner, faults, now } = deps;

  const launchFlexTemplate = async (request: WireLaunchRequest, peer: string): Promise<object> => {
    const jobName = request.launchParameter?.jobName ?? '';
    const refused = faults.strike('refuseLaunch', { jobName });
    if (refused !== undefined) throw new ApiError(refused.code, refusals[refused.code]);
    const launched = launch(deps, request);
    if (launched === undefined) return {};
    const { record, parameters } = launched;
    if (record.script === undefined) runner.start(record, parameters);
    const lost = faults.strike('loseLaunchAnswer', { jobName });
    if (lost?.how === 'cut') deps.cutConnection(peer);
    if (lost?.how === 'cut' || lost?.how === 'hang') return new Promise(() => {});
    if (lost?.how === 'unavailable') throw new ApiError('UNAVAILABLE', 'read ECONNRESET');
    if (lost?.how === 'deadline')
      throw new ApiError('DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.');
    return { job: launchView(record) };
  };

  /** The job of a request, for everyone but the lists. */
  const found = (request: JobRequest): JobRecord => {
    const record = store.get(request.jobId);
    const { projectId, location, jobId } = request;
    const here = record?.projectId === projectId && record.location === (location || 'us-central1');
    if (record === undefined || !here || now() < (record.gettableFrom ?? 0)) {
      throw new ApiError(
        'NOT_FOUND',
        withTrace(
          `Information about job ${jobId} could not be found in our system. Please double check the id is correct. If it is please contact customer support.`,
        ),
      );
    }
    return record;
  };

  const list = (request: WireListRequest, aggregated: boolean): object => {
    if (request.pageToken !== '' && faults.strike('pageTokenExpired', {}) !== undefined) {
      throw new ApiError('INVALID_ARGUMENT', withTrace('The page token has expired; start the list again.'));
    }
    const partial = faults.strike('partialList', {});
    if (partial === undefined) return listJobs(store, request, now(), aggregated);
    const failedLocation = [{ name: partial.failedLocation ?? request.location }];
    return partial.empty ? { failedLocation } : { ...listJobs(store, request, now(), aggregated), failedLocation };
  };

  const calls: Record<string, (request: never, peer: string) => object | Promise<object>> = {
    LaunchFlexTemplate: launchFlexTemplate,
    GetJob: (request: JobRequest & { view: string }) => {
      const record = found(request);
      const full = request.view === 'JOB_VIEW_DESCRIPTION' || request.view === 'JOB_VIEW_ALL';
      return full ? descriptionView(record) : summaryView(record);
    },
    ListJobs: (request: WireListRequest) => list(request, false),
    AggregatedListJobs: (request: WireListRequest) => list(request, true),
    UpdateJob: (request: JobRequest & WireUpdateRequest) => {
      const record = found(request);
      cancelJob(moves, record, request, now());
      runner.cancel(record.id);
      return { type: 'JOB_TYPE_BATCH' };
    },
    GetJobMetrics: (request: JobRequest) => {
      const record = found(request);
      const live =
        record.script === undefined ? runner.progressOf(record.id) : scriptedProgress(record, record.endedAt ?? now());
      return { metricTime: toTimestamp(now()), metrics: jobMetrics(record, live, now()) };
    },
    ListJobMessages: (request: WireMessagesRequest) => {
      found(request);
      return listMessages(store, request);
    },
  };
  const unimplemented = [
    'CreateJob',
    'CheckActiveJobs',
    'SnapshotJob',
    'GetSnapshot',
    'DeleteSnapshot',
    'ListSnapshots',
    'CreateJobFromTemplate',
    'LaunchTemplate',
    'GetTemplate',
    'GetJobExecutionDetails',
    'GetStageExecutionDetails',
  ];
  for (const method of unimplemented) {
    calls[method] = () => {
      throw new ApiError(
        'UNIMPLEMENTED',
        `the local Dataflow service does not offer ${method}: it runs flex templates only`,
      );
    };
  }

  const answer = async (method: string, request: unknown, peer: string): Promise<object> => {
    const jobName = jobNameOf(store, request);
    const event = { method, ...(jobName === undefined ? {} : { jobName }) };
    const late = faults.strike('delayRequest', event)?.delayMs ?? 0;
    if (deps.latencyMs + late > 0) await sleep(deps.latencyMs + late);
    const failed = faults.strike('failCall', event);
    if (failed !== undefined) throw new ApiError(failed.code, refusals[failed.code]);
    advanceScripted(store, moves, now());
    const result = calls[method]?.(request as never, peer);
    const slow = faults.strike('delayAnswer', event)?.delayMs ?? 0;
    const settled = await result;
    if (slow > 0) await sleep(slow);
    return settled ?? {};
  };

  return Object.fromEntries(
    Object.keys(calls).map((method): [string, UnaryHandler] => [
      method,
      (call, callback) => {
        answer(method, call.request, call.getPeer()).then(
          (value) => callback(null, value),
          (error: unknown) => callback(toServiceError(error)),
        );
      },
    ]),
  );
}

const refusals = {
  UNAVAILABLE: 'The service is currently unavailable.',
  RESOURCE_EXHAUSTED:
    "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service 'dataflow.googleapis.com'. Too Many Requests.",
  PERMISSION_DENIED:
    'The caller does not have permission; the current user cannot act as the service account of the workers.',
  INTERNAL: 'Internal error encountered.',
  DEADLINE_EXCEEDED: 'Deadline expired before operation could complete.',
} as const;

function jobNameOf(store: JobStore, request: unknown): string | undefined {
  const { launchParameter, jobId } = request as { launchParameter?: { jobName?: string } | null; jobId?: string };
  return launchParameter?.jobName ?? (jobId === undefined ? undefined : store.get(jobId)?.name);
}
