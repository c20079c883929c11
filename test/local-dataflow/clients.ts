// Google's own clients, pointed at the local Dataflow service.

import {
  FlexTemplatesServiceClient,
  JobsV1Beta3Client,
  MessagesV1Beta3Client,
  MetricsV1Beta3Client,
  SnapshotsV1Beta3Client,
  TemplatesServiceClient,
} from '@google-cloud/dataflow/build/src/v1beta3/index.js';
import { credentials } from '@grpc/grpc-js';
import { PassThroughClient } from 'google-auth-library';

export type Clients = ReturnType<typeof createClients>;

/** One client per service; the six share nothing but the address. */
export function createClients(address: string) {
  const [apiEndpoint = '', port = '0'] = address.split(':');
  const settings = {
    apiEndpoint,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    authClient: new PassThroughClient(),
  };
  const clients = {
    templates: new FlexTemplatesServiceClient(settings),
    jobs: new JobsV1Beta3Client(settings),
    metrics: new MetricsV1Beta3Client(settings),
    messages: new MessagesV1Beta3Client(settings),
    snapshots: new SnapshotsV1Beta3Client(settings),
    classic: new TemplatesServiceClient(settings),
  };
  return { ...clients, close: () => Promise.all(Object.values(clients).map((client) => client.close())) };
}

/** The error of a call that must fail: its gRPC code, text and the decoded details, if any. */
export async function failureOf(call: Promise<unknown>): Promise<{
  code: number;
  message: string;
  statusDetails?: { parameterViolations?: { parameter: string; description: string }[] }[];
}> {
  try {
    await call;
  } catch (error) {
    return error as { code: number; message: string };
  }
  throw new Error('the call did not fail');
}
