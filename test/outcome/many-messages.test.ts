// A job that wrote more messages than anybody keeps: what began it and what ended it are read all the same, over Google's client.

import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceDefinition } from '../../local/dataflow/service-definitions.ts';
import { classifyFailure } from '../../shared/engine/classify.ts';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';

const written = 12_500;
const text = (index: number): string => {
  if (index === 0) return 'Worker configuration: n2-standard-4';
  return index === written - 1 ? 'java.lang.OutOfMemoryError: Java heap space' : `element ${index} took long`;
};
let pagesAsked = 0;

/** Answers pages of the messages, the oldest first, as the service does. */
function listJobMessages(
  { request }: ServerUnaryCall<{ pageSize: number; pageToken: string }, object>,
  answer: sendUnaryData<object>,
): void {
  pagesAsked += 1;
  const from = Number(request.pageToken || 0);
  const until = Math.min(written, from + request.pageSize);
  const jobMessages = Array.from({ length: until - from }, (_, offset) => ({
    id: String(from + offset),
    time: { seconds: 1_767_323_045 + from + offset, nanos: 0 },
    messageText: text(from + offset),
    messageImportance: from + offset === written - 1 ? 'JOB_MESSAGE_ERROR' : 'JOB_MESSAGE_WARNING',
  }));
  answer(null, { jobMessages, nextPageToken: until < written ? String(until) : '' });
}

const server = new Server();
let jobs: ReturnType<typeof createDataflowJobs>;
beforeAll(async () => {
  server.addService(serviceDefinition('MessagesV1Beta3'), { ListJobMessages: listJobMessages });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  jobs = createDataflowJobs({ emulatorHost: `127.0.0.1:${port}` });
});
afterAll(async () => {
  await jobs.close();
  server.forceShutdown();
});

test('the first page and the newest are kept, and the failure is classified by its last message', async () => {
  const place = { projectId: 'demo', region: 'us-central1', jobId: 'job-1' };
  const { messages } = await jobs.messages({ ...place, minimumImportance: 'DETAILED' });
  expect(pagesAsked).toBe(13);
  expect(messages).toHaveLength(10_000);
  expect(messages[0]?.text).toBe(text(0));
  expect(messages.at(-1)?.text).toBe(text(written - 1));
  expect(classifyFailure(messages)).toMatchObject({ class: 'size' });
});
