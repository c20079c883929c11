// Lays a plan out as a table for people.

import Table from 'cli-table3';
import type { Plan } from '../../shared/schema/plan.ts';

/** Two columns, no borders: what is launched, then the steps that led to it, then what to mind. */
export function planTable(plan: Plan): string {
  const { environment, parameters, jobName, containerSpecGcsPath } = plan.request.launchParameter;
  const rows: [string, string][] = [
    ['template', plan.templateName],
    ['container spec', containerSpecGcsPath],
    ['job', `${jobName} in ${plan.request.projectId}/${plan.request.location}`],
    ['machines', `${environment.numWorkers} × ${environment.machineType}`],
    [
      'read',
      `${plan.readMode}, ${plan.shardCount} shards, ${plan.threadsPerWorker} threads a worker, ${plan.maxConcurrentShards} at once`,
    ],
    ...(plan.expectedRows === undefined ? [] : [rowsRow(plan.expectedRows)]),
    ...Object.entries(parameters).map(([name, value]): [string, string] => [`  ${name}`, value]),
    ...Object.entries(environment)
      .filter(([name]) => !['numWorkers', 'maxWorkers', 'machineType'].includes(name))
      .map(([name, value]): [string, string] => [
        `  ${name}`,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    ...plan.steps.map((step, index): [string, string] => [index === 0 ? 'steps' : '', `${index + 1}. ${step}`]),
    ...plan.warnings.map((warning, index): [string, string] => [index === 0 ? 'warnings' : '', `! ${warning}`]),
  ];
  const table = new Table({
    chars: Object.fromEntries(
      [
        'top',
        'top-mid',
        'top-left',
        'top-right',
        'bottom',
        'bottom-mid',
        'bottom-left',
        'bottom-right',
        'left',
        'left-mid',
        'mid',
        'mid-mid',
        'right',
        'right-mid',
        'middle',
      ].map((name) => [name, '']),
    ),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows);
  return table.toString().replaceAll(/[ \t]+$/gm, '');
}

function rowsRow(rows: NonNullable<Plan['expectedRows']>): [string, string] {
  return ['rows', `${rows.count.toLocaleString('en')} ${rows.exact ? 'expected' : 'by the catalogue’s statistics'}`];
}
