// Why a job failed, read off its messages: each text of the table, several at once, and none at all.

import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../shared/engine/classify.ts';
import { failureTable } from '../../shared/engine/failure-table.ts';
import type { JobMessage } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';

const messages = (...texts: string[]): JobMessage[] =>
  texts.map((text, index) => ({ id: `m${index}`, at: someTime + index, importance: 'ERROR', text }));
const classOf = (...texts: string[]) => {
  const { class: failureClass, code } = classifyFailure(messages(...texts));
  return `${failureClass} ${code}`;
};

describe('each row of the table', () => {
  test.each(failureTable)('$code is known by its text', (row) => {
    const failure = classifyFailure(messages(row.sample));
    expect(failure).toMatchObject({ class: row.class, code: row.code, evidence: [row.sample.slice(0, 1000)] });
    expect(failure.summary.startsWith(row.meaning)).toBe(true);
  });

  test.each(failureTable)('$code is not hidden by the line that closes every failure', (row) => {
    const closing = 'Workflow failed.';
    expect(classOf(closing, row.sample)).toBe(`${row.class} ${row.code}`);
    expect(classOf(row.sample, closing)).toBe(`${row.class} ${row.code}`);
  });
});

describe('texts as the service puts them together', () => {
  test.each([
    ['service INTERNAL', 'Workflow failed. Causes: (b5e9c0f1d2a3e4f5): Internal Issue (4b7a5b1f0c6d1a2e): 82159483:24'],
    ['service INTERNAL', 'Workflow failed. Causes: Error: HTTP 503 Service Unavailable'],
    ['unknown UNKNOWN', 'Workflow failed. Causes: java.lang.IllegalStateException: 500 columns, 499 expected'],
    [
      'capacity ZONE_STOCKOUT',
      "Workflow failed. Causes: Project acme has insufficient resources: ZONE_RESOURCE_POOL_EXHAUSTED: The zone 'projects/acme/zones/us-central1-a' does not have enough resources",
    ],
    [
      'quota QUOTA_EXCEEDED',
      'Workflow failed. Causes: Project acme has insufficient quota(s) to execute this workflow with 64 instances in region us-central1. Quota summary (required/available): 64/24 CPUs',
    ],
    [
      'size WORKER_LOST',
      'The job failed because a work item has failed 4 times. Root cause: Timed out waiting for an update from the worker.',
    ],
    [
      'size WORKER_LOST',
      'A work item was attempted 4 times without success. Each time the worker eventually lost contact with the service.',
    ],
    [
      'user WORK_ITEM_FAILED',
      'A work item was attempted 4 times without success: org.postgresql.util.PSQLException: no such column',
    ],
    [
      'launcher-capacity LAUNCHER_STOCKOUT',
      'Failed to start the VM, launcher-2026, used for launching because of status code: UNAVAILABLE, reason: HTTP_503',
    ],
    [
      'quota QUOTA_EXCEEDED',
      'Failed to start the VM, launcher-2026, used for launching because of status code: RESOURCE_EXHAUSTED, reason: QUOTA_EXCEEDED: Instance creation failed',
    ],
    [
      'quota QUOTA_EXCEEDED',
      "Failed to start the VM, launcher-2026, used for launching because of status code: RESOURCE_EXHAUSTED, reason: Quota 'N2_CPUS' exceeded. Limit: 24.0 in region us-central1.",
    ],
    [
      'user LAUNCHER_REFUSED',
      "Failed to start the VM, launcher-2026, used for launching because of status code: INVALID_ARGUMENT, reason: Invalid value for field 'resource.networkInterfaces[0].subnetwork'",
    ],
    [
      'permission LAUNCHER_DENIED',
      "Failed to start the VM, launcher-2026, used for launching because of status code: PERMISSION_DENIED, reason: Required 'compute.subnetworks.use' permission",
    ],
    [
      'unknown UNKNOWN',
      'Failed to start the VM, launcher-2026, used for launching because of status code: CANCELLED, reason: nobody knows',
    ],
    [
      'temp-location SHARED_TEMP',
      'java.io.FileNotFoundException: No such object: gs://acme-temp/loads/0f3c/a1/BigQueryWriteTemp/9a/part-0.avro',
    ],
    ['temp-location SHARED_TEMP', 'No such object: acme/temp/tmp-9a/part-0'],
    [
      'user FILE_NOT_FOUND',
      'Error occurred in the launcher container: Template launch failed. No such object: gs://acme-lake/schemas/ordres.json',
    ],
    [
      'user FILE_NOT_FOUND',
      'java.io.FileNotFoundException: File spec gs://acme-lake/drivers/postgresql.jar not found: the job ended',
    ],
    // A folder that is called so by its owner is no temporary file.
    ['user FILE_NOT_FOUND', 'No such object: gs://acme-template/template/orders.json'],
    [
      'user TARGET_NOT_FOUND',
      'The job failed because a work item has failed 4 times: Not found: Table acme:sales.orders was not found in location EU',
    ],
    ['user TARGET_NOT_FOUND', '404 Not found: Dataset acme:sals'],
  ])('%s: %s', (expected, text) => {
    expect(classOf(text)).toBe(expected);
  });

  test('memory comes before the work items it broke, whatever came first', () => {
    const outOfMemory = 'java.lang.OutOfMemoryError: Java heap space';
    const workItem = 'The job failed because a work item has failed 4 times.';
    expect(classOf(workItem, outOfMemory)).toBe('size OUT_OF_MEMORY');
    expect(classOf(outOfMemory, workItem)).toBe('size OUT_OF_MEMORY');
  });
});

test('a summary quotes what was known, however deep in the text it stands', () => {
  const path = 'gs://acme-lake/schemas/ordres.json';
  const text = `Template launch failed. ${'at com.google.cloud.teleport.Main '.repeat(20)} Caused by: No such object: ${path}`;
  expect(classifyFailure(messages(text)).summary).toBe(
    `a file the load names is not there: check schemaPath and driverJars: …No such object: ${path}`,
  );
});

describe('an error comes before every warning', () => {
  const warned: JobMessage = {
    id: 'w',
    at: someTime,
    importance: 'WARNING',
    text: 'Unable to reach resize target in zone us-central1-a. QUOTA_EXCEEDED, ZONE_RESOURCE_POOL_EXHAUSTED: the zone is full',
  };
  const refused = 'FATAL: password authentication failed for user "reader"';
  const workItem = 'The job failed because a work item has failed 4 times.';

  test('however general the row of the error and however special that of the warning', () => {
    expect(classifyFailure([warned, ...messages(refused, workItem)])).toMatchObject({
      class: 'user',
      code: 'DATABASE_UNREACHABLE',
      evidence: [refused],
    });
    expect(classifyFailure([warned, ...messages(workItem)])).toMatchObject({ class: 'user', code: 'WORK_ITEM_FAILED' });
  });

  test('but an error that says nothing leaves the warning to tell', () => {
    const { text } = warned;
    expect(classifyFailure([warned, ...messages('Workflow failed.')])).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      evidence: [text],
    });
  });

  test('also where no row knows either', () => {
    const late = { ...warned, at: someTime + 99, text: 'A hot key was detected' };
    expect(classifyFailure([late, ...messages('made up')])).toMatchObject({
      code: 'UNKNOWN',
      summary: 'made up',
      evidence: ['made up', 'A hot key was detected'],
    });
  });
});

describe('what nobody knows', () => {
  test('is unknown, with the newest messages for evidence', () => {
    const failure = classifyFailure(messages('older', 'newest'));
    expect(failure).toMatchObject({
      class: 'unknown',
      code: 'UNKNOWN',
      summary: 'newest',
      evidence: ['newest', 'older'],
    });
  });

  test('is said so when there is no message at all', () => {
    expect(classifyFailure([]).summary).toBe('the job failed and left no error message');
  });

  test('only warnings and errors count', () => {
    const [message] = messages('Workflow failed. ZONE_RESOURCE_POOL_EXHAUSTED');
    expect(classifyFailure([{ ...(message ?? expect.fail()), importance: 'BASIC' }]).class).toBe('unknown');
    expect(classifyFailure([{ ...(message ?? expect.fail()), importance: 'WARNING' }]).class).toBe('capacity');
  });
});

test('evidence holds at most five messages of bounded length, without secrets', () => {
  const text = `No space left on device; password=hunter2 ${'x'.repeat(2_000)}`;
  const failure = classifyFailure(messages(...Array.from({ length: 9 }, () => text)));
  expect(failure.evidence).toHaveLength(5);
  expect(JSON.stringify(failure)).not.toContain('hunter2');
  expect(Math.max(...failure.evidence.map(({ length }) => length), failure.summary.length)).toBeLessThanOrEqual(1_000);
});
