// Launches a load over the wire, by Google's client, and waits for its end.

import { FlexTemplatesServiceClient } from '@google-cloud/dataflow/build/src/v1beta3/index.js';
import { credentials } from '@grpc/grpc-js';
import { PassThroughClient } from 'google-auth-library';
import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { isTerminal } from '../../local/dataflow/job-state.ts';
import type { LocalDataflow } from '../../local/dataflow/server.ts';

/** Launches PostgreSQL_to_BigQuery on a fixed number of workers. */
export async function launchLoad(
  address: string,
  jobName: string,
  { machineType, numWorkers }: { readonly machineType: string; readonly numWorkers: number },
  parameters: Record<string, string>,
): Promise<void> {
  const [apiEndpoint = '', port = '0'] = address.split(':');
  const client = new FlexTemplatesServiceClient({
    apiEndpoint,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    authClient: new PassThroughClient(),
  });
  await client.launchFlexTemplate({
    projectId: 'bench',
    location: 'us-central1',
    launchParameter: {
      jobName,
      parameters,
      containerSpecGcsPath: 'gs://dataflow-templates-us-central1/latest/flex/PostgreSQL_to_BigQuery',
      environment: {
        machineType,
        numWorkers,
        maxWorkers: numWorkers,
        autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_NONE',
      },
    },
  });
  await client.close();
}

/** The record of the newest job of that name, once it has ended; asked in the service's own process every 20 ms. */
export async function waitForEnd(service: LocalDataflow, jobName: string): Promise<JobRecord> {
  for (;;) {
    const record = service.jobs().findLast((job) => job.name === jobName);
    if (record !== undefined && isTerminal(record.state)) return record;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
