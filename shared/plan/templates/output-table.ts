// Names the BigQuery table a load writes to, in the form the templates accept.

import type { Violation } from '../../base/errors.ts';
import type { EffectiveLoad } from '../../schema/load-config.ts';
import type { TableProfile } from '../../schema/profile.ts';
import { parseTableName } from '../sources/identifiers.ts';

export type OutputTable =
  | { readonly ok: true; readonly table: string }
  | { readonly ok: false; readonly violation: Violation };

/** `project:dataset.table`. The table is the load's targetTable, else the name of the source table; the project defaults to the job's. */
export function outputTableOf(load: EffectiveLoad, projectId: string, profile?: TableProfile): OutputTable {
  const project = load.target.project ?? projectId;
  const dataset = load.target.dataset ?? '';
  const path = load.targetTable === undefined ? `/loads/${load.name}` : `/loads/${load.name}/targetTable`;
  const table = load.targetTable ?? profile?.tableName ?? lastPart(load.table);
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,1023}$/.test(dataset)) {
    const message = `dataset "${dataset}" is not a BigQuery dataset name: letters, digits and underscores`;
    return { ok: false, violation: { code: 'TARGET_TABLE', path: `/targets/${load.targetName}/dataset`, message } };
  }
  if (table === undefined || !/^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]{1,1024}$/u.test(table)) {
    const message = `"${table ?? ''}" cannot name a BigQuery table (letters, digits, underscores, dashes, spaces): set targetTable`;
    return { ok: false, violation: { code: 'TARGET_TABLE', path, message } };
  }
  return { ok: true, table: `${project}:${dataset}.${table}` };
}

function lastPart(table: string | undefined): string | undefined {
  const parts = table === undefined ? '' : parseTableName(table);
  return typeof parts === 'string' ? undefined : parts.at(-1);
}
