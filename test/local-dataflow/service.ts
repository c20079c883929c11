// A local Dataflow service for a test, with clients and the few calls every test makes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { type LocalDataflow, type LocalDataflowOptions, startLocalDataflow } from '../../local/dataflow/server.ts';
import { type Clients, createClients } from './clients.ts';

export const place = { projectId: 'demo', location: 'europe-west1' };
export const postgresTemplate = 'gs://dataflow-templates-europe-west1/latest/flex/PostgreSQL_to_BigQuery';
export const mysqlTemplate = 'gs://dataflow-templates-europe-west1/latest/flex/MySQL_to_BigQuery';

type LaunchParameter = NonNullable<
  NonNullable<Parameters<Clients['templates']['launchFlexTemplate']>[0]>['launchParameter']
>;

export type TestService = {
  readonly dataflow: LocalDataflow;
  readonly clients: Clients;
  readonly folder: string;
  /** Launches and answers the job of the answer. */
  launch(jobName: string, launchParameter: LaunchParameter): Promise<{ id: string }>;
  /** Launches a scripted job. */
  script(jobName: string, parameters?: Record<string, string>): Promise<{ id: string }>;
  /** Polls GetJob until the job is in one of these states; answers the service's record. */
  reach(jobId: string, ...states: string[]): Promise<JobRecord>;
  /** Texts of the job's messages from this importance on. */
  texts(
    jobId: string,
    minimumImportance?: 'JOB_MESSAGE_DEBUG' | 'JOB_MESSAGE_WARNING' | 'JOB_MESSAGE_ERROR',
  ): Promise<string[]>;
  /** Writes an object into the buckets. */
  put(url: string, text: string): void;
  /** Stops and starts again on the same files, with other options if given. */
  restart(options?: Partial<LocalDataflowOptions>): Promise<TestService>;
  stop(): Promise<void>;
};

export const terminalStates = ['JOB_STATE_DONE', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED'];

/** Starts a service with short phases; the folder is removed at the end. */
export async function startService(
  options: Partial<LocalDataflowOptions> = {},
  folder = mkdtempSync(join(tmpdir(), 'dataflow-test-')),
): Promise<TestService> {
  const dataflow = await startLocalDataflow({
    warehousePath: ':memory:',
    bucketsDir: join(folder, 'buckets'),
    startupMs: 10,
    ...options,
  });
  const clients = createClients(dataflow.address);
  const halt = async () => {
    await clients.close();
    await dataflow.stop();
  };
  const launch: TestService['launch'] = async (jobName, launchParameter) => {
    const [answer] = await clients.templates.launchFlexTemplate({
      ...place,
      launchParameter: { jobName, ...launchParameter },
    });
    return { id: answer.job?.id ?? '' };
  };
  return {
    dataflow,
    clients,
    folder,
    launch,
    script: (jobName, parameters = {}) =>
      launch(jobName, { containerSpecGcsPath: 'gs://bucket/scripted/walk', parameters }),
    async reach(jobId, ...states) {
      for (;;) {
        const [job] = await clients.jobs.getJob({ ...place, jobId });
        if (states.includes(String(job.currentState))) return record(dataflow, jobId);
        if (terminalStates.includes(String(job.currentState)))
          throw new Error(`the job ended ${job.currentState}, not ${states.join(' or ')}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async texts(jobId, minimumImportance = 'JOB_MESSAGE_DEBUG') {
      const [messages] = await clients.messages.listJobMessages(
        { ...place, jobId, minimumImportance },
        { autoPaginate: false },
      );
      return messages.map((message) => message.messageText ?? '');
    },
    put(url, text) {
      const file = join(folder, 'buckets', url.replace('gs://', ''));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    async restart(changes = {}) {
      await halt();
      return startService({ ...options, ...changes }, folder);
    },
    async stop() {
      await halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function record(dataflow: LocalDataflow, jobId: string): JobRecord {
  const found = dataflow.jobs().find((job) => job.id === jobId);
  if (found === undefined) throw new Error(`no record of job ${jobId}`);
  return found;
}
