// Builds the parameters of BigQuery_to_Parquet: a table, or some of its columns, as Parquet files in Cloud Storage.

import type { Violation } from '../../base/errors.ts';
import type { Target } from '../../schema/load-config.ts';
import { parseTableName } from '../sources/identifiers.ts';
import type { Route, RouteInput } from './route.ts';

/** tableRef from the source, the output folder from the target; shards become the number of files. */
export function bigqueryToParquet({ load, target, shardCount }: RouteInput): Route {
  const violations: Violation[] = [];
  const parts = parseTableName(load.table ?? '');
  const table = typeof parts === 'string' ? '' : (parts.at(-1) ?? '');
  if (typeof parts === 'string')
    violations.push({ code: 'TABLE_NAME', path: `/loads/${load.name}/table`, message: parts });
  const dataset = typeof parts !== 'string' && parts.length > 1 ? parts.at(-2) : load.source.dataset;
  return {
    templateName: 'BigQuery_to_Parquet',
    parameters: {
      tableRef: `${load.source.project ?? target.projectId}:${dataset ?? ''}.${table}`,
      bucket: folderOf(load.target),
      numShards: String(shardCount),
      ...(load.columns === undefined ? {} : { fields: load.columns.join(',') }),
    },
    readMode: 'files',
    steps: [`read with the Storage Read API, written as ${shardCount} Parquet files`],
    warnings: [],
    violations,
  };
}

/** `gs://bucket/path` of a gcs target, without a slash at the end. */
export function folderOf(target: Target): string {
  if (target.path?.startsWith('gs://') === true) return target.path.replace(/\/+$/, '');
  const path = (target.path ?? '').replace(/^\/+|\/+$/g, '');
  return `gs://${target.bucket ?? ''}${path === '' ? '' : `/${path}`}`;
}
