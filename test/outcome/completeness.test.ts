// Rows loaded against rows promised: what counts as short, by how much, and what is not judged at all.

import { describe, expect, test } from 'vitest';
import { completenessWarning, incompleteness } from '../../shared/engine/completeness.ts';
import type { Execution, MetricsSummary } from '../../shared/schema/execution.ts';
import { anExecution, someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, scriptedEngine } from '../support/scripted-engine.ts';

const figures = (fields: Partial<MetricsSummary>): MetricsSummary => ({
  readAt: someTime,
  tentative: false,
  ...fields,
});
const counted = (read: number, written: number): MetricsSummary =>
  figures({ rowsRead: read, rowsWritten: written, userCounters: { 'L/R/rowsRead': read, 'L/W/rowsWritten': written } });
const promised = (count: number, exact: boolean, rowCountTolerance?: number): Execution =>
  anExecution({
    expectedRows: { count, exact },
    ...(rowCountTolerance === undefined ? {} : { rowCountTolerance }),
  });

describe('a shortfall', () => {
  test.each([
    { name: 'every counted row', execution: promised(1000, true), metrics: counted(1000, 1000), short: false },
    { name: 'one counted row fewer', execution: promised(1000, true), metrics: counted(999, 999), short: true },
    { name: 'more rows than counted', execution: promised(1000, true), metrics: counted(1010, 1010), short: false },
    {
      name: 'a shortfall within the tolerance',
      execution: promised(1000, true, 0.01),
      metrics: counted(990, 990),
      short: false,
    },
    {
      name: 'a shortfall beyond the tolerance',
      execution: promised(1000, true, 0.01),
      metrics: counted(989, 989),
      short: true,
    },
    { name: 'four fifths of a statistic', execution: promised(1000, false), metrics: counted(800, 800), short: false },
    { name: 'four tenths of a statistic', execution: promised(1000, false), metrics: counted(400, 400), short: true },
    { name: 'nothing of a statistic', execution: promised(1000, false), metrics: counted(0, 0), short: true },
    { name: 'an empty table', execution: promised(0, true), metrics: counted(0, 0), short: false },
    {
      name: 'fewer written than read, nothing promised',
      execution: anExecution(),
      metrics: counted(1000, 999),
      short: true,
    },
    {
      name: 'fewer written than read, as promised',
      execution: promised(999, true),
      metrics: counted(1000, 999),
      short: true,
    },
    {
      name: 'as many written as read, nothing promised',
      execution: anExecution(),
      metrics: counted(7, 7),
      short: false,
    },
    {
      name: 'element counts that differ, because ranges and files are elements too',
      execution: anExecution(),
      metrics: figures({ rowsRead: 8, rowsWritten: 5 }),
      short: false,
    },
    {
      name: 'element counts short of a counted promise',
      execution: promised(1000, true),
      metrics: figures({ rowsRead: 990, rowsWritten: 990 }),
      short: true,
    },
    { name: 'no counts at all', execution: promised(1000, true), metrics: figures({}), short: false },
    { name: 'no metrics at all', execution: promised(1000, true), metrics: undefined, short: false },
  ])('is $short for $name', ({ execution, metrics, short }) => {
    expect(incompleteness(execution, metrics) !== undefined).toBe(short);
  });

  test('is told with the numbers and what to look for', () => {
    const failure = incompleteness(promised(500_000, true), counted(499_000, 499_000));
    expect(failure).toMatchObject({ class: 'incomplete', code: 'INCOMPLETE' });
    for (const part of ['499000', '500000', '1000 are missing', '0.20 %', 'NULLs in the partition column'])
      expect(failure?.summary).toContain(part);
  });
});

describe('completeness that cannot be checked', () => {
  test.each([
    { name: 'a promise and a count', execution: promised(5, true), metrics: counted(5, 5), why: undefined },
    { name: 'no promise, but counts in and out', execution: anExecution(), metrics: counted(5, 5), why: undefined },
    { name: 'no promise', execution: anExecution(), metrics: figures({ rowsRead: 5 }), why: 'promised' },
    { name: 'no count', execution: promised(5, true), metrics: figures({}), why: 'no row counter' },
  ])('is said of $name: $why', ({ execution, metrics, why }) => {
    const said = completenessWarning(execution, metrics);
    if (why === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(why);
  });
});

describe('a statistic that the rows read fall short of', () => {
  test('is no failure, for it may be old, but a warning with the numbers and how to be strict', () => {
    const execution = promised(1000, false, 0.01);
    expect(incompleteness(execution, counted(510, 510))).toBeUndefined();
    const warning = completenessWarning(execution, counted(510, 510));
    for (const part of ['510 rows were read', '1000', '490', '49.00 %', '1.00 %', 'loads.orders.expectedRows'])
      expect(warning).toContain(part);
    expect(warning).not.toContain('tentative');
  });

  test.each([
    { name: 'within the tolerance', execution: promised(1000, false, 0.01), metrics: counted(990, 990), warned: false },
    { name: 'beyond it by a row', execution: promised(1000, false, 0.01), metrics: counted(989, 989), warned: true },
    { name: 'without a tolerance', execution: promised(1000, false), metrics: counted(999, 999), warned: true },
    { name: 'not at all', execution: promised(1000, false), metrics: counted(1001, 1001), warned: false },
    { name: 'by element counts', execution: promised(1000, false), metrics: figures({ rowsRead: 700 }), warned: true },
    {
      name: 'by rows written alone',
      execution: promised(9, false),
      metrics: figures({ rowsWritten: 7 }),
      warned: true,
    },
    { name: 'where it is a count', execution: promised(1000, true, 0.5), metrics: counted(600, 600), warned: false },
    { name: 'of an empty table', execution: promised(0, false), metrics: counted(0, 0), warned: false },
  ])('$name: a warning is $warned', ({ execution, metrics, warned }) => {
    expect(completenessWarning(execution, metrics) !== undefined).toBe(warned);
  });

  test('says so where the counts may still grow', () => {
    const warning = completenessWarning(promised(1000, false), { ...counted(510, 510), tentative: true });
    expect(warning).toContain('tentative');
  });

  test('does not excuse rows that were read and not written', () => {
    expect(incompleteness(promised(1000, false), counted(900, 899))).toMatchObject({ code: 'INCOMPLETE' });
  });
});

describe('a job that ended DONE', () => {
  async function end(rows: { read: number; written: number }, tentative = false) {
    const stand = scriptedEngine();
    const execution = aSubmitted({ expectedRows: { count: 100, exact: true } });
    await stand.put(execution);
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.metrics.set(
      'job-run-1',
      finalMetrics(rows).map((metric) => ({ ...metric, tentative })),
    );
    await stand.tick();
    return { ...stand, found: () => stand.read(execution.executionId) };
  }

  test('with every row is a success', async () => {
    expect(await (await end({ read: 100, written: 100 })).found()).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('with rows missing is FAILED/INCOMPLETE, and the outcome says so with the numbers', async () => {
    const stand = await end({ read: 93, written: 93 });
    expect(await stand.found()).toMatchObject({
      status: 'FAILED',
      failure: { class: 'incomplete', code: 'INCOMPLETE' },
      statusReason: expect.stringContaining('7 are missing'),
    });
    expect(stand.published[0]?.data).toMatchObject({
      status: 'FAILED',
      rows: { expected: 100, read: 93, written: 93 },
      failure: { code: 'INCOMPLETE' },
    });
  });

  test('is not failed for counts that are tentative still: they are asked for again, for a quarter of an hour', async () => {
    const stand = await end({ read: 93, written: 93 }, true);
    expect(await stand.found()).toMatchObject({ status: 'SUBMITTED', pollErrors: 1 });
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 100, written: 100 }));
    stand.clock.time += 60_000;
    await stand.tick();
    expect(await stand.found()).toMatchObject({ status: 'SUCCEEDED' });

    const hopeless = await end({ read: 93, written: 93 }, true);
    hopeless.clock.time += 16 * 60_000;
    await hopeless.tick();
    expect(await hopeless.found()).toMatchObject({ status: 'FAILED', failure: { code: 'INCOMPLETE' } });
  });

  test('with half the rows of a statistic is a success with a warning', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted({
      expectedRows: { count: 1000, exact: false },
      rowCountTolerance: 0.01,
      warnings: ['x'],
    });
    await stand.put(execution);
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    stand.service.metrics.set('job-run-1', finalMetrics({ read: 510, written: 510 }));
    await stand.tick();
    const ended = await stand.read(execution.executionId);
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      warnings: ['x', expect.stringContaining('510 rows were read')],
    });
    expect(ended.failure).toBeUndefined();
  });

  test('without any count is a success with a warning', async () => {
    const stand = scriptedEngine();
    const execution = aSubmitted({ expectedRows: { count: 100, exact: true } });
    await stand.put(execution);
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    await stand.tick();
    expect(await stand.read(execution.executionId)).toMatchObject({
      status: 'SUCCEEDED',
      warnings: [expect.stringContaining('completeness is not checked')],
    });
  });
});
