// The messages kept with an execution: warnings and errors, each text once, newest first, nothing secret; and the links beside them.

import { describe, expect, test } from 'vitest';
import { keptMessages } from '../../shared/engine/messages.ts';
import { executionView } from '../../shared/schema/execution-view.ts';
import type { JobMessage } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import { aSubmitted } from '../support/scripted-engine.ts';

const message = (at: number, text: string, importance: JobMessage['importance'] = 'ERROR'): JobMessage => ({
  id: `${at}`,
  at,
  importance,
  text,
});

describe('the messages kept', () => {
  test('are warnings and errors alone', () => {
    const importances = ['DEBUG', 'DETAILED', 'BASIC', 'WARNING', 'ERROR', 'UNKNOWN'] as const;
    const kept = keptMessages(importances.map((importance, at) => message(at, importance, importance)));
    expect(kept.map(({ text }) => text)).toEqual(['ERROR', 'WARNING']);
  });

  test('hold each text once, with its newest time, its worst importance and how often it came', () => {
    const kept = keptMessages([
      message(1, '(4b7a5b1f0c6d1a2e): disk is full', 'WARNING'),
      message(3, '(9c0d5b1f0c6d1a2e): disk is full'),
      message(2, 'disk is full', 'WARNING'),
    ]);
    expect(kept).toEqual([{ at: 3, importance: 'ERROR', text: 'disk is full', count: 3 }]);
  });

  test('are the newest fifty', () => {
    const kept = keptMessages(Array.from({ length: 70 }, (_, at) => message(at, `text ${at}`)));
    expect(kept).toHaveLength(50);
    expect(kept[0]?.text).toBe('text 69');
    expect(kept.at(-1)?.text).toBe('text 20');
  });

  test.each([
    'jdbc:postgresql://reader:s3cret@db:5432/shop',
    'connection failed: password=s3cret; host=db',
    'header Authorization token: s3cret',
    '{"password":"s3cret"}',
  ])('have no secret in %s', (text) => {
    expect(JSON.stringify(keptMessages([message(1, text)]))).not.toContain('s3cret');
  });

  test('are short enough for any store, however long a stack trace is', () => {
    const kept = keptMessages(Array.from({ length: 60 }, (_, at) => message(at, `${at} ${'x'.repeat(100_000)}`)));
    expect(JSON.stringify(kept).length).toBeLessThan(150_000);
  });
});

describe('the links of an attempt', () => {
  const view = (projectId: string) =>
    executionView(aSubmitted({}, { projectId }), someTime, 3_600_000).attempts[0] as Record<string, unknown>;

  test('lead to the job and to its log lines', () => {
    expect(view('demo').consoleUrl).toBe(
      'https://console.cloud.google.com/dataflow/jobs/us-central1/job-run-1?project=demo',
    );
    const logs = decodeURIComponent(String(view('demo').logsUrl));
    expect(logs).toContain('resource.type="dataflow_step"\nresource.labels.job_id="job-run-1"');
    expect(logs).toContain('project=demo');
  });

  test('find the log lines also days later: the query says since when', () => {
    const logs = decodeURIComponent(String(view('demo').logsUrl));
    expect(logs).toContain(`timestamp>="${new Date(someTime).toISOString()}"`);
  });

  test('are left out for local jobs, which no console knows', () => {
    expect(view('local').consoleUrl).toBeUndefined();
  });
});
