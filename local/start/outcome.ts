// The outcome of one run as data, as a JSON line and as tables for people.

import Table from 'cli-table3';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import type { TableChecksum } from '../checksum/table-checksum.ts';
import { countText, differenceText, moneyText, secondsText } from './figures.ts';

export type Outcome = {
  readonly view: ExecutionView;
  /** Absent: the execution did not succeed, so nothing was compared. */
  readonly source?: TableChecksum;
  readonly loaded?: TableChecksum;
  readonly warehouseFile: string;
  readonly warehouseTable: string;
};

/** True when the execution succeeded and both sides hold the same rows. */
export function isGood({ view, source, loaded }: Outcome): boolean {
  return view.status === 'SUCCEEDED' && source !== undefined && isEqual(source, loaded);
}

const isEqual = (source: TableChecksum, loaded: TableChecksum | undefined): boolean =>
  source.rows === loaded?.rows && source.checksum === loaded.checksum;

/** What `--json` prints. Durations in seconds, money in millionths of a dollar. */
export function outcomeJson(outcome: Outcome): Record<string, unknown> {
  const { view, source, loaded } = outcome;
  const attempt = view.attempts.at(-1);
  return {
    executionId: view.executionId,
    runId: view.runId,
    status: view.status,
    jobId: attempt?.jobId ?? null,
    jobName: attempt?.jobName ?? null,
    rowsSource: source?.rows ?? null,
    rowsLoaded: loaded?.rows ?? null,
    checksumEqual: source !== undefined && isEqual(source, loaded),
    durations: view.durations ?? null,
    costMicroUsd: view.cost?.microUsd.total ?? null,
    costByComponentMicroUsd: view.cost?.microUsd ?? null,
    warehouse: outcome.warehouseFile,
    warehouseTable: outcome.warehouseTable,
    ...(view.status === 'SUCCEEDED' ? {} : { reason: reasonOf(view) }),
  };
}

/** Why it did not succeed, with what to change, as far as the engine said. */
export function reasonOf(view: ExecutionView): string {
  const reasons = [
    ...(view.violations ?? []).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)),
    ...(view.failure === undefined ? [] : [view.failure.summary, ...view.failure.evidence]),
  ];
  return reasons.length > 0 ? [...new Set(reasons)].join('\n') : (view.statusReason ?? view.status);
}

/** Tables without borders: rows, then time and money, estimated beside actual. */
export function outcomeTables(outcome: Outcome): string {
  const { view, source, loaded } = outcome;
  const { durations, cost, estimate } = view;
  const rows = borderless();
  rows.push(['Status', view.status]);
  if (source !== undefined) rows.push(['Rows in the source', countText(source.rows)]);
  if (loaded !== undefined) rows.push(['Rows in the warehouse', countText(loaded.rows)]);
  if (source !== undefined) rows.push(['Checksums', isEqual(source, loaded) ? 'equal' : 'NOT EQUAL']);
  rows.push(['Warehouse', `${outcome.warehouseTable} in ${outcome.warehouseFile}`]);

  const figures = borderless(['', 'estimated', 'actual', 'difference']);
  const time = (name: string, actual: number | undefined, estimated?: number) =>
    actual === undefined
      ? undefined
      : figures.push([
          name,
          estimated === undefined ? '' : secondsText(estimated),
          secondsText(actual),
          differenceText(estimated, actual),
        ]);
  time('Queued by the engine', durations?.queuedSec);
  time('Queued at Dataflow', durations?.dataflowQueuedSec);
  time('Start-up', durations?.startupSec);
  time('Running', durations?.runningSec);
  const jobSec = durations === undefined ? undefined : durations.startupSec + durations.runningSec;
  time('Start-up and running', jobSec, estimate?.estimatedDurationSec);
  for (const component of ['vcpu', 'memory', 'disk', 'shuffle', 'total'] as const) {
    const actual = cost?.microUsd[component];
    const estimated = component === 'total' ? estimate?.estimatedCostMicroUsd : estimate?.costMicroUsd?.[component];
    if (actual === undefined) continue;
    figures.push([
      `Cost: ${component}`,
      estimated === undefined ? '' : moneyText(estimated),
      moneyText(actual),
      differenceText(estimated, actual),
    ]);
  }
  if (cost === undefined && view.costUnavailable !== undefined) rows.push(['Cost', view.costUnavailable]);
  const text = figures.length === 0 ? rows.toString() : `${rows}\n\n${figures}`;
  return text.replaceAll(/ +$/gm, '');
}

function borderless(head: string[] = []) {
  const chars = Object.fromEntries(
    ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
      ['', '-mid', '-left', '-right'].map((end) => [`${side}${end}`, '']),
    ),
  );
  return new Table({
    head,
    chars: { ...chars, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.length === 0 ? ['left', 'left'] : ['left', 'right', 'right', 'right'],
  });
}
