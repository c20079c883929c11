// Watching on a terminal and in a pipe: redrawn table or plain lines, patience with an API that fails for a while.

import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ExecutionsApi, Refused, Unreachable } from '../../local/executions/api-client.ts';
import { detailsText } from '../../local/executions/details.ts';
import { executionsTable } from '../../local/executions/table.ts';
import { unended, watch } from '../../local/executions/watch.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { type ExecutionSummary, executionSummary } from '../../shared/schema/execution-summary.ts';
import { type ExecutionView, executionView } from '../../shared/schema/execution-view.ts';
import { anEndedExecution, someTime } from '../support/execution.ts';
import { aSubmitted } from '../support/scripted-engine.ts';

const view = (execution: Execution): ExecutionView => executionView(execution, someTime, 3_600_000);
const submitted = view(aSubmitted());
const running = view(aSubmitted({ status: 'RUNNING', metrics: { readAt: someTime, tentative: true, rowsRead: 7 } }));
const succeeded = view(anEndedExecution());

/** A stream that keeps what is written; a terminal of so many columns if given. */
function screen(columns?: number): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: columns !== undefined, columns: columns ?? 0, rows: 50 });
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => chunks.join('') };
}

/** Answers what it is given in turn, the last one for ever; errors are thrown. */
function reads(...answers: readonly (ExecutionView | Error)[]): () => Promise<readonly ExecutionView[]> {
  let next = 0;
  return async () => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    if (answer instanceof Error) throw answer;
    return answer === undefined ? [] : [answer];
  };
}

const options = { everyMs: 1, json: false, signal: new AbortController().signal };

describe('a watch', () => {
  test('draws one table on a terminal and draws it anew', async () => {
    const { stream, text } = screen(200);
    await watch({ ...options, stream, read: reads(submitted, running, succeeded) });
    expect(text()).toContain('\u001b[');
    const drawn = stripVTControlCharacters(text());
    expect(drawn).toContain('↗ SUBMITTED');
    expect(drawn).toContain('✔ SUCCEEDED');
  });

  test('writes a line per change in a pipe, and none that says what the last one said', async () => {
    const { stream, text } = screen();
    await watch({ ...options, stream, read: reads(submitted, submitted, running, running, succeeded) });
    const lines = text().trim().split('\n');
    expect(lines.map((line) => line.split(' ')[3]?.replace(':', ''))).toEqual(['SUBMITTED', 'RUNNING', 'SUCCEEDED']);
  });

  test('of summaries tells how far each is', async () => {
    const { stream, text } = screen();
    const metrics = { readAt: someTime, tentative: true, rowsRead: 250, rowsWritten: 250 };
    const half = aSubmitted({ status: 'RUNNING', metrics, expectedRows: { count: 500, exact: true } });
    const summary = executionSummary(half, someTime, 3_600_000);
    let read = 0;
    await watch({ ...options, stream, read: async () => [read++ === 0 ? summary : succeeded] });
    expect(text()).toMatch(/RUNNING: \S+ 50 % {2}250 of 500 rows read, 250 written/);
  });

  test('outlives an API that fails for a while', async () => {
    const { stream } = screen();
    const read = reads(running, new Unreachable('down'), new Refused(503, 'later'), succeeded);
    expect(await watch({ ...options, stream, read })).toEqual([succeeded]);
  });

  test.each([
    ['that cannot be reached at all', new Unreachable('down')],
    ['that knows no such execution', new Refused(404, 'unknown')],
  ])('of an API %s fails at once', async (_, error) => {
    await expect(watch({ ...options, stream: screen().stream, read: reads(error) })).rejects.toBe(error);
  });

  test('fails on an answer that will not change, also later', async () => {
    const error = new Refused(401, 'token expired');
    const watching = watch({ ...options, stream: screen().stream, read: reads(running, error) });
    await expect(watching).rejects.toBe(error);
  });

  test('of nothing says so and ends', async () => {
    const { stream, text } = screen();
    expect(await watch({ ...options, stream, read: async () => [] })).toEqual([]);
    expect(text()).toBe('nothing is running\n');
  });

  test('of all that runs takes new ones in and keeps those that ended', async () => {
    const first = { ...running, executionId: 'exe-1' };
    const second = { ...running, executionId: 'exe-2' };
    const old = { ...succeeded, executionId: 'exe-0' };
    let newest: ExecutionSummary[] = [first, old];
    const read = unended(
      {
        list: async ({ status }) => newest.filter((one) => one.status === status),
        read: async (id) => ({ ...succeeded, executionId: id }),
      },
      { limit: 20 },
    );
    expect((await read()).map(({ executionId }) => executionId)).toEqual(['exe-1']);
    newest = [second, { ...succeeded, executionId: 'exe-1' }, old];
    expect((await read()).map(({ executionId }) => executionId)).toEqual(['exe-2', 'exe-1']);
    newest = [{ ...succeeded, executionId: 'exe-2' }];
    expect((await read()).map(({ executionId, status }) => `${executionId} ${status}`)).toEqual([
      'exe-2 SUCCEEDED',
      'exe-1 SUCCEEDED',
    ]);
  });
});

test('what runs is watched, however many younger ones have ended', async () => {
  const younger = Array.from({ length: 30 }, (_, index) => ({ ...succeeded, executionId: `exe-${index}` }));
  const all: ExecutionSummary[] = [
    ...younger,
    { ...running, executionId: 'exe-old', acceptedAt: '2020-01-01T00:00:00Z' },
  ];
  const list: ExecutionsApi['list'] = async ({ status, limit }) =>
    all.filter((one) => status === undefined || one.status === status).slice(0, limit);
  const read = unended({ list, read: async () => succeeded }, { limit: 20 });
  expect((await read()).map(({ executionId }) => executionId)).toEqual(['exe-old']);
});

describe('the table', () => {
  test.each([
    [200, ['execution', 'status', 'load', 'candidate', 'rows', 'accepted', 'duration', 'cost', 'attempts']],
    [130, ['execution', 'status', 'load', 'rows', 'accepted', 'duration', 'cost']],
    [80, ['execution', 'status', 'load', 'rows', 'accepted']],
    [0, ['execution', 'status', 'load', 'rows', 'accepted']],
  ])('of a terminal of %i columns has those that matter most', (columns, titles) => {
    const text = executionsTable([succeeded], { now: someTime, stream: screen(columns).stream });
    expect(text.split('\n')[0]?.split(/ +/)).toEqual(titles);
  });

  test('of summaries is the table of the whole executions', () => {
    const { stream } = screen();
    const executions = [anEndedExecution(), aSubmitted({ unreadableSince: someTime - 4_000_000, pollErrors: 9 })];
    const summaries = executions.map((execution) => executionSummary(execution, someTime, 3_600_000));
    expect(executionsTable(summaries, { now: someTime, stream })).toBe(
      executionsTable(executions.map(view), { now: someTime, stream }),
    );
  });

  test('shows predicted beside actual cost, rows of those promised, and STALE', () => {
    const { stream } = screen();
    const stale = view(aSubmitted({ unreadableSince: someTime - 4_000_000, pollErrors: 9 }));
    const text = stripVTControlCharacters(executionsTable([succeeded, stale], { now: someTime, stream }));
    expect(text).toContain('$0.001300 → $0.001234 −5 %');
    expect(text).toContain('500,000 (100 %)');
    expect(text).toContain('SUBMITTED (STALE)');
  });
});

describe('the details', () => {
  const text = (one: ExecutionView) =>
    stripVTControlCharacters(detailsText(one, { now: someTime, stream: screen().stream }));

  test('begin with a sentence and split time and money', () => {
    expect(text(succeeded)).toMatch(
      /^✔ SUCCEEDED {2}500,000 \(100 %\) rows in 1 min 0 s on 2 × n2-standard-4, 8 shards\n/,
    );
    expect(text(succeeded)).toContain('queued here 0.5 s, at Dataflow 1.0 s, start-up 2.0 s, running 55.3 s');
    expect(text(succeeded)).toContain('$0.001234 settled: vCPU $0.001000, memory $0.000200');
    expect(text(succeeded)).toContain('predicted $0.001300 (−5 %)');
  });

  test('say why something failed, what was done about it, and what the job said', () => {
    const failure = { class: 'capacity' as const, code: 'ZONE_STOCKOUT', summary: 'no machines', evidence: [] };
    const [attempt] = anEndedExecution().attempts;
    const failed = anEndedExecution({
      status: 'FAILED',
      statusReason: 'no machines',
      failure,
      attempts: attempt === undefined ? [] : [{ ...attempt, failure }],
      violations: [{ code: 'X', path: '/load', message: 'no such load' }],
      warnings: ['completeness is not checked'],
      messages: [{ at: someTime, importance: 'ERROR', text: 'ZONE_RESOURCE_POOL_EXHAUSTED', count: 3 }],
    });
    for (const part of [
      'why           no machines',
      'ZONE_STOCKOUT: no machines',
      'after attempt 1: capacity is free',
      '/load: no such load',
      'completeness is not checked',
      'ERROR (3 times) ZONE_RESOURCE_POOL_EXHAUSTED',
    ])
      expect(text(view(failed))).toContain(part);
  });
});
