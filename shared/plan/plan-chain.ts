// Splits a three-stage load (source → Cloud Storage → BigQuery) into two loads, the second made from the first one's outcome.

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import { folderOf } from './templates/bigquery-to-parquet.ts';

/** What the second leg must know about the first. */
export type LegOutcome = {
  readonly rowsWritten?: number | undefined;
  /** How long its rows are in the source, where that is known; default: what the configuration says. */
  readonly averageRowBytes?: number | undefined;
};

export type Chain = {
  /** Where the first leg writes and the second reads; unique per parent execution. */
  readonly folder: string;
  readonly first: EffectiveLoad;
  /** The second leg; the rows the first one wrote become the rows expected of it. Only to be started when the first SUCCEEDED. */
  readonly second: (outcome: LegOutcome) => EffectiveLoad;
  readonly steps: readonly string[];
};

export type ChainResult =
  | { readonly ok: true; readonly chain: Chain }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** True for loads that run as two chained executions. */
export const isChain = (load: EffectiveLoad): boolean => load.via !== undefined;

/** The run id of a leg: a function of the parent alone, so that a redelivered outcome starts the second leg once. `leg` is 1 or 2. */
export function legRunId(parentExecutionId: string, leg: 1 | 2): string {
  return `${parentExecutionId}/leg-${leg}`;
}

/**
 * The legs of a load with `via`. The first takes everything that concerns reading (columns, watermark, partition, candidate), the second
 * everything that concerns writing (schema, truncate, targetTable); environment, labels and scenario hold for both. A template of the
 * load's own is refused, because it could only be meant for one of the two.
 */
export function planChain(load: EffectiveLoad, parentExecutionId: string): ChainResult {
  const { via, viaName, ...rest } = load;
  const violations = chainViolations(load);
  if (via === undefined || viaName === undefined || violations.length > 0) return { ok: false, violations };
  const folder = `${folderOf(via)}/${parentExecutionId}`;
  const { schemaPath, createIfNeeded, truncate, targetTable, expectedRows, ...reading } = rest;
  const first: EffectiveLoad = {
    ...reading,
    ...(expectedRows === undefined ? {} : { expectedRows }),
    target: { type: 'gcs', path: folder },
    targetName: viaName,
  };
  const second = (outcome: LegOutcome): EffectiveLoad => ({
    name: load.name,
    source: { type: 'gcs', path: `${folder}/part*.parquet` },
    sourceName: viaName,
    target: load.target,
    targetName: load.targetName,
    targetTable: targetTable ?? lastName(load.table ?? load.name),
    ...(schemaPath === undefined ? {} : { schemaPath }),
    ...(createIfNeeded === undefined ? {} : { createIfNeeded }),
    ...(truncate === undefined ? {} : { truncate }),
    ...(load.environment === undefined ? {} : { environment: load.environment }),
    ...(load.scenario === undefined ? {} : { scenario: load.scenario }),
    ...sizeOf(load, outcome),
  });
  const steps = [
    `three stages: ${load.sourceName} → ${folder} → ${load.targetName}, as two executions under one parent`,
    'the second leg starts when the first has SUCCEEDED, and must load as many rows as the first wrote',
  ];
  return { ok: true, chain: { folder, first, second, steps } };
}

/** The rows that must be loaded; until they are known those the configuration states, which are not the rows of a window or a query. */
function sizeOf(load: EffectiveLoad, outcome: LegOutcome): Partial<EffectiveLoad> {
  const isPart = load.query !== undefined || load.incremental !== undefined;
  const stated = isPart ? undefined : load.rowCountEstimate;
  const averageRowBytes = outcome.averageRowBytes ?? load.averageRowBytes;
  return {
    ...(outcome.rowsWritten === undefined ? {} : { expectedRows: Math.round(outcome.rowsWritten) }),
    ...(outcome.rowsWritten !== undefined || stated === undefined ? {} : { rowCountEstimate: stated }),
    ...(averageRowBytes === undefined ? {} : { averageRowBytes: Math.max(1, Math.round(averageRowBytes)) }),
  };
}

function chainViolations(load: EffectiveLoad): Violation[] {
  const at = `/loads/${load.name}`;
  const refuse = (path: string, message: string): Violation => ({ code: 'CHAIN', path: `${at}${path}`, message });
  if (load.via === undefined) return [refuse('/via', `load "${load.name}" has no via: it is one execution`)];
  const found: Violation[] = [];
  if (load.via.type !== 'gcs')
    found.push(refuse('/via', `via must name a gcs target, "${load.viaName}" is ${load.via.type}`));
  if (load.target.type !== 'bigquery') found.push(refuse('/target', 'a load via Cloud Storage ends in BigQuery'));
  if (load.source.type === 'gcs')
    found.push(refuse('/source', 'files in Cloud Storage need no via: load them at once'));
  if (load.template !== undefined)
    found.push(refuse('/template', 'a load with via takes no template: each leg has its own'));
  return found;
}

const lastName = (table: string): string =>
  table
    .split('.')
    .at(-1)
    ?.replaceAll(/["`[\]]/g, '') ?? table;
