// The Jobs port on Google's Dataflow client, or on a local Dataflow by the same client and wire. No call is retried here.

import {
  FlexTemplatesServiceClient,
  JobsV1Beta3Client,
  MessagesV1Beta3Client,
  MetricsV1Beta3Client,
} from '@google-cloud/dataflow/build/src/v1beta3/index.js';
import { PassThroughClient } from 'google-auth-library';
import { grpc } from 'google-gax';
import { EngineError, isEngineError } from '../base/errors.ts';
import type { Jobs } from '../engine/ports.ts';
import type { JobMessage } from '../schema/job.ts';
import { autoscalingView, jobView, messageView, metricView } from './dataflow-job-views.ts';
import { translated } from './grpc-errors.ts';

/** Reads answer in well under a second; a hung one must not hold a tick (the client's default is 60 s). */
const readTimeoutMs = 20_000;
/** The service's largest page. */
const pageSize = 1000;
/** Messages of a job kept at most, and pages of them read at most: the service tells the oldest first. */
const maxMessages = 10_000;
const maxMessagePages = 200;

/**
 * Dataflow through its four service clients, built lazily on first use. `emulatorHost` ("127.0.0.1:8799") talks plaintext without
 * credentials: `sslCreds` for the wire, PassThroughClient so that nothing asks a metadata server (measured, reliability facts 2).
 */
export function createDataflowJobs(
  options: { readonly emulatorHost?: string } = {},
): Jobs & { close(): Promise<void> } {
  const settings = clientSettings(options.emulatorHost);
  let clients: ReturnType<typeof createClients> | undefined;
  const use = () => {
    clients ??= createClients(settings);
    return clients;
  };
  return {
    async launch(request, { deadlineMs }) {
      const [answer] = await translated(`launch of ${request.launchParameter.jobName}`, () =>
        use().templates.launchFlexTemplate(wireRequest(request), { timeout: deadlineMs, retry: null }),
      );
      return answer.job === null || answer.job === undefined ? undefined : jobView(answer.job);
    },
    async list({ projectId, region, filter, name, pageToken }) {
      // Auto-pagination would hide `failedLocation`, and with it that a list is partial.
      const [jobs, , raw] = await translated(`list of ${filter} jobs in ${projectId}/${region}`, () =>
        use().jobs.listJobs(
          {
            projectId,
            location: region,
            filter,
            pageSize,
            ...(name === undefined ? {} : { name }),
            ...(pageToken === undefined ? {} : { pageToken }),
          },
          { autoPaginate: false, timeout: readTimeoutMs, retry: null },
        ),
      );
      return {
        jobs: (jobs ?? []).map(jobView),
        complete: (raw?.failedLocation ?? []).length === 0,
        ...(raw?.nextPageToken ? { nextPageToken: raw.nextPageToken } : {}),
      };
    },
    async get({ projectId, region, jobId }) {
      try {
        const [job] = await translated(`job ${jobId}`, () =>
          use().jobs.getJob(
            { projectId, location: region, jobId, view: 'JOB_VIEW_DESCRIPTION' },
            { timeout: readTimeoutMs, retry: null },
          ),
        );
        return jobView(job);
      } catch (error) {
        if (isEngineError(error, 'NOT_FOUND')) return undefined;
        throw error;
      }
    },
    async metrics({ projectId, region, jobId }) {
      const [answer] = await translated(`metrics of job ${jobId}`, () =>
        use().metrics.getJobMetrics({ projectId, location: region, jobId }, { timeout: readTimeoutMs, retry: null }),
      );
      return (answer.metrics ?? []).flatMap((metric) => metricView(metric) ?? []);
    },
    async messages({ projectId, region, jobId, minimumImportance }) {
      const messages: JobMessage[] = [];
      let autoscaling: ReturnType<typeof autoscalingView>[] = [];
      let pageToken: string | undefined;
      let pages = 0;
      do {
        const [page, , raw] = await translated(`messages of job ${jobId}`, () =>
          use().messages.listJobMessages(
            {
              projectId,
              location: region,
              jobId,
              minimumImportance: `JOB_MESSAGE_${minimumImportance}`,
              pageSize,
              ...(pageToken === undefined ? {} : { pageToken }),
            },
            { autoPaginate: false, timeout: readTimeoutMs, retry: null },
          ),
        );
        pages += 1;
        messages.push(...(page ?? []).map(messageView));
        // What ended a job stands last; how it began stands on the first page. What is too much is taken out between the two.
        if (messages.length > maxMessages) messages.splice(pageSize, messages.length - maxMessages);
        autoscaling = [...autoscaling, ...(raw?.autoscalingEvents ?? []).map(autoscalingView)];
        pageToken = raw?.nextPageToken || undefined;
      } while (pageToken !== undefined && pages < maxMessagePages);
      return { messages, autoscaling };
    },
    async cancel({ projectId, region, jobId }) {
      try {
        await translated(`cancel of job ${jobId}`, () =>
          use().jobs.updateJob(
            { projectId, location: region, jobId, job: { requestedState: 'JOB_STATE_CANCELLED' } },
            { timeout: readTimeoutMs, retry: null },
          ),
        );
        return 'accepted';
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        // The two texts by which the service says "too early" and "too late" (terraform-provider-google, Dataflow job resource).
        if (/not yet ready for canceling/i.test(error.message)) return 'not-ready';
        if (/has terminated|already (?:been )?(?:terminated|cancelled)/i.test(error.message)) return 'ended';
        throw error;
      }
    },
    async close() {
      await Promise.all(Object.values(clients ?? {}).map((client) => client.close()));
    },
  };
}

function clientSettings(emulatorHost: string | undefined) {
  if (emulatorHost === undefined) return {};
  const colon = emulatorHost.lastIndexOf(':');
  return {
    apiEndpoint: emulatorHost.slice(0, colon),
    port: Number(emulatorHost.slice(colon + 1)),
    sslCreds: grpc.credentials.createInsecure(),
    authClient: new PassThroughClient(),
  };
}

function createClients(settings: ReturnType<typeof clientSettings>) {
  return {
    templates: new FlexTemplatesServiceClient(settings),
    jobs: new JobsV1Beta3Client(settings),
    metrics: new MetricsV1Beta3Client(settings),
    messages: new MessagesV1Beta3Client(settings),
  };
}

/** The request as the client takes it: the same fields, with mutable arrays and maps. */
function wireRequest(request: Parameters<Jobs['launch']>[0]): Record<string, unknown> {
  return structuredClone(request) as Record<string, unknown>;
}
