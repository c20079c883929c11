// From the service's metric list to figures: what is keyed by what, which twin wins, what is never claimed.

import { describe, expect, test } from 'vitest';
import { type Reading, summariseMetrics } from '../../shared/engine/summarise-metrics.ts';
import { metricView } from '../../shared/gcp/dataflow-job-views.ts';
import type { JobMetric } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';

const summary = (metrics: readonly JobMetric[], rest: Partial<Reading> = {}) =>
  summariseMetrics({ metrics, autoscaling: [], readAt: someTime, ...rest });

const service = (name: string, value: number, rest: Partial<JobMetric> = {}): JobMetric => ({
  origin: 'dataflow/v1b3',
  name,
  value,
  tentative: false,
  ...rest,
});
const user = (name: string, value: number, rest: Partial<JobMetric> = {}): JobMetric => ({
  origin: 'user',
  namespace: 'Load',
  step: 'Read',
  name,
  value,
  tentative: false,
  ...rest,
});
const elements = (outputName: string, value: number): JobMetric[] => [
  service('ElementCount', value, { outputName, originalName: `${outputName}-ElementCount` }),
  service('MeanByteCount', 100, { outputName, originalName: `${outputName}-MeanByteCount` }),
];

describe('the summary of metrics', () => {
  test('reads each service figure in its unit', () => {
    const metrics = [
      service('TotalVcpuTime', 2699),
      service('TotalMemoryUsage', 17_965_788),
      service('TotalPdUsage', 2279),
      service('TotalSsdUsage', 7),
      service('TotalShuffleDataProcessed', 4),
      service('BillableShuffleDataProcessed', 1),
    ];
    expect(summary(metrics)).toEqual({
      readAt: someTime,
      tentative: false,
      vcpuSec: 2699,
      memoryMibSec: 17_965_788,
      pdGbSec: 2279,
      ssdGbSec: 7,
      shuffleGb: 4,
      billableShuffleGb: 1,
    });
  });

  test('claims nothing of what the service left out', () => {
    expect(summary([])).toEqual({ readAt: someTime, tentative: true });
  });

  test.each([
    ['tentative first', [service('TotalVcpuTime', 5, { tentative: true }), service('TotalVcpuTime', 9)]],
    ['committed first', [service('TotalVcpuTime', 9), service('TotalVcpuTime', 5, { tentative: true })]],
  ])('takes the committed twin, %s', (_, metrics) => {
    expect(summary(metrics)).toMatchObject({ vcpuSec: 9, tentative: false });
  });

  test('takes the tentative one while there is no other, and says so', () => {
    const metrics = [service('TotalVcpuTime', 5, { tentative: true })];
    expect(summary(metrics)).toMatchObject({ vcpuSec: 5, tentative: true });
  });

  test.each(['dataflow/v1b3', 'dataflow'])('knows the service by its origin %s', (origin) => {
    expect(summary([service('TotalVcpuTime', 5, { origin })]).vcpuSec).toBe(5);
  });

  test.each([
    ['a user counter of that name', user('TotalVcpuTime', 5)],
    ['another origin of that name', service('TotalVcpuTime', 5, { origin: 'dataflowish' })],
    ["one step's figure of that name", service('TotalVcpuTime', 5, { step: 's2' })],
  ])('does not take %s for the service’s own', (_, metric) => {
    expect(summary([metric]).vcpuSec).toBeUndefined();
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('leaves out %s, which measures nothing', (value) => {
    expect(summary([service('TotalVcpuTime', value), user('rowsRead', value)])).toEqual({
      readAt: someTime,
      tentative: false,
    });
  });
});

describe('user counters', () => {
  test('are added up over steps, kept apart by namespace, step and name', () => {
    const metrics = [
      user('rowsRead', 3),
      user('rowsRead', 4, { step: 'Read again' }),
      user('rowsRead', 2, { tentative: true }),
      user('other', 1, { namespace: 'Else', step: 's2' }),
    ];
    expect(summary(metrics)).toMatchObject({
      rowsRead: 7,
      userCounters: { 'Load/Read/rowsRead': 3, 'Load/Read again/rowsRead': 4, 'Else/s2/other': 1 },
    });
  });

  test('of the same name in two namespaces are two things: neither is taken for the rows', () => {
    const metrics = [user('rowsRead', 3), user('rowsRead', 4, { namespace: 'Else' })];
    expect(summary(metrics).rowsRead).toBeUndefined();
  });

  test('leave out the scalars of distributions', () => {
    const metrics = ['latency_MIN', 'latency_MAX', 'latency_COUNT', 'latency_MEAN'].map((name) => user(name, 1));
    expect(summary(metrics).userCounters).toBeUndefined();
  });

  test('make keys any store takes, also without namespace and step', () => {
    const { namespace: _namespace, step: _step, ...bare } = user('__rows__', 1);
    expect(summary([bare]).userCounters).toEqual({ '//__rows__': 1 });
  });

  test('are at most fifty', () => {
    const metrics = Array.from({ length: 80 }, (_, index) => user(`counter-${index}`, index));
    expect(Object.keys(summary(metrics).userCounters ?? {})).toHaveLength(50);
  });

  test('arrive from the wire with everything they are keyed by', () => {
    const view = metricView({
      name: {
        origin: 'user',
        name: 'rowsRead',
        context: { namespace: 'Load', step: 's2', tentative: 'true', output_user_name: 'Read/out0' },
      },
      scalar: { numberValue: 12 },
    });
    expect(view).toEqual({
      origin: 'user',
      name: 'rowsRead',
      namespace: 'Load',
      step: 's2',
      tentative: true,
      outputName: 'Read/out0',
      value: 12,
    });
  });
});

describe('rows of a template that counts nothing itself', () => {
  const job = [
    ...elements('Read from JdbcIO/Create.Values/Read(CreateSource).out0', 8),
    ...elements('Read from JdbcIO/ParDo(Read)/ParMultiDo(Read).out0', 500_000),
    ...elements('Write to BigQuery/BatchLoads/rewindowIntoGlobal/Window.Assign.out0', 500_000),
    ...elements('Write to BigQuery/BatchLoads/TempFilePrefixView.out0', 1),
    ...elements('Something else.out0', 900_000),
  ];

  test('are the elements of its read and write steps, whatever the order', () => {
    for (const metrics of [job, job.toReversed()])
      expect(summary(metrics)).toMatchObject({ rowsRead: 500_000, rowsWritten: 500_000, bytesRead: 50_000_000 });
  });

  test('give way to its own counters where it has them', () => {
    expect(summary([...job, user('rowsRead', 499_999)])).toMatchObject({ rowsRead: 499_999, rowsWritten: 500_000 });
  });

  test('are not claimed when no step reads or writes', () => {
    expect(summary(elements('Transform.out0', 5)).rowsRead).toBeUndefined();
  });
});

describe('workers', () => {
  const event = (at: number, currentWorkers: number) => ({ at, currentWorkers, targetWorkers: currentWorkers });

  test('are those of the newest autoscaling event; the peak is the largest of all', () => {
    const autoscaling = [event(3, 2), event(1, 4), event(2, 9)];
    expect(summary([], { autoscaling })).toMatchObject({ currentWorkers: 2, peakWorkers: 9 });
  });

  test('follow from the vCPUs in use where the events were not read', () => {
    const metrics = [service('CurrentVcpuCount', 24)];
    expect(summary(metrics, { machineType: 'n2-standard-8' })).toMatchObject({ currentWorkers: 3, peakWorkers: 3 });
    expect(summary(metrics, { machineType: 'mystery-8' }).currentWorkers).toBeUndefined();
    expect(summary(metrics).currentWorkers).toBeUndefined();
  });

  test('keep the peak of earlier readings', () => {
    const previous = { readAt: 1, tentative: true, currentWorkers: 9, peakWorkers: 9 };
    const metrics = [service('CurrentVcpuCount', 8)];
    expect(summary(metrics, { previous, machineType: 'n2-standard-8' })).toMatchObject({
      currentWorkers: 1,
      peakWorkers: 9,
    });
    expect(summary([], { previous })).toMatchObject({ currentWorkers: 9, peakWorkers: 9 });
  });
});
