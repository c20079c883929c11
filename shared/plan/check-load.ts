// Checks that a load is complete: that its source, target and options together describe something that can be read and written.

import type { Violation } from '../base/errors.ts';
import type { Environment } from '../schema/environment.ts';
import type { EffectiveLoad, Source } from '../schema/load-config.ts';

const databases = ['postgres', 'mysql', 'oracle', 'sqlserver', 'jdbc'] as const;

/** True for sources that are read through JDBC. */
export const isDatabase = (source: Source): boolean => (databases as readonly string[]).includes(source.type);

/** Everything that is missing or contradicts itself, by JSON pointer into the configuration. */
export function checkLoad(load: EffectiveLoad): Violation[] {
  return [
    ...(isDatabase(load.source) ? checkDatabaseLoad(load) : checkFileOrTableLoad(load)),
    ...checkTarget(load),
    ...checkPlace(load.environment, `/loads/${load.name}/environment`),
  ];
}

function checkDatabaseLoad(load: EffectiveLoad): Violation[] {
  const at = `/loads/${load.name}`;
  const found: Violation[] = [];
  const incomplete = (path: string, message: string) => found.push({ code: 'INCOMPLETE_LOAD', path, message });
  const conflict = (path: string, message: string) => found.push({ code: 'CONFLICT', path, message });
  if (load.table === undefined && load.query === undefined) {
    incomplete(at, `load "${load.name}" names neither a table nor a query: set table: schema.name, or query`);
  }
  if (load.table !== undefined && load.query !== undefined) {
    conflict(
      `${at}/query`,
      'table and query exclude each other: the template would drop the query without a word; keep one',
    );
  }
  if (load.query !== undefined) {
    for (const key of ['partitionColumn', 'partitionBounds', 'incremental', 'columns'] as const) {
      if (load[key] !== undefined)
        conflict(`${at}/${key}`, `${key} needs a table: a query is read as it is, by one reader`);
    }
    if (load.targetTable === undefined && load.target.type === 'bigquery') {
      incomplete(`${at}/targetTable`, 'a query has no table name of its own: set targetTable');
    }
  }
  if (load.partitionBounds !== undefined && load.partitionColumn === undefined) {
    conflict(
      `${at}/partitionBounds`,
      'partitionBounds without partitionColumn would be ignored: set partitionColumn, or drop them',
    );
  }
  if (load.createIfNeeded === true && load.schemaPath === undefined) {
    incomplete(
      `${at}/schemaPath`,
      'createIfNeeded needs schemaPath: the gs:// JSON file with the BigQuery schema to create the table from',
    );
  }
  return [...found, ...checkConnection(load.source, `/sources/${load.sourceName}`)];
}

function checkConnection(source: Source, at: string): Violation[] {
  const found: Violation[] = [];
  const ways = [source.host, source.jdbcUrl, source.cloudSqlInstance].filter((way) => way !== undefined).length;
  if (ways === 0) {
    const message =
      source.type === 'jdbc' ? 'set jdbcUrl' : 'set host and database, cloudSqlInstance and database, or jdbcUrl';
    found.push({
      code: 'INCOMPLETE_SOURCE',
      path: at,
      message: `the source says no way to reach its database: ${message}`,
    });
  }
  if (ways > 1) {
    found.push({
      code: 'CONFLICT',
      path: at,
      message: 'host, cloudSqlInstance and jdbcUrl exclude each other: keep one',
    });
  }
  if (source.jdbcUrl === undefined && source.database === undefined && ways > 0) {
    found.push({
      code: 'INCOMPLETE_SOURCE',
      path: `${at}/database`,
      message: 'database is missing: name the database to connect to',
    });
  }
  if (source.type === 'jdbc') {
    for (const key of ['jdbcUrl', 'driverClassName', 'driverJars'] as const) {
      if (source[key] !== undefined) continue;
      found.push({
        code: 'INCOMPLETE_SOURCE',
        path: `${at}/${key}`,
        message: `${key} is missing: the generic JDBC template brings no driver of its own`,
      });
    }
  }
  return found;
}

function checkFileOrTableLoad(load: EffectiveLoad): Violation[] {
  const at = `/sources/${load.sourceName}`;
  const found: Violation[] = [];
  const missing = (path: string, message: string) => found.push({ code: 'INCOMPLETE_SOURCE', path, message });
  if (load.source.type === 'gcs' && load.source.path === undefined)
    missing(`${at}/path`, 'path is missing: a gs:// file pattern');
  if (load.source.type === 'bigquery') {
    if (load.source.dataset === undefined) missing(`${at}/dataset`, 'dataset is missing');
    if (load.table === undefined) missing(`/loads/${load.name}/table`, 'table is missing: the BigQuery table to read');
  }
  return found;
}

function checkTarget(load: EffectiveLoad): Violation[] {
  const at = `/targets/${load.targetName}`;
  if (load.target.type === 'bigquery' && load.target.dataset === undefined) {
    return [
      {
        code: 'INCOMPLETE_TARGET',
        path: `${at}/dataset`,
        message: 'dataset is missing: the BigQuery dataset to load into',
      },
    ];
  }
  if (load.target.type === 'gcs' && load.target.bucket === undefined && load.target.path === undefined) {
    return [
      {
        code: 'INCOMPLETE_TARGET',
        path: at,
        message: 'bucket is missing: where the files go (bucket and path, or path: gs://…)',
      },
    ];
  }
  return [];
}

function checkPlace(environment: Environment | undefined, at: string): Violation[] {
  if (environment?.workerZone === undefined || environment.workerRegion === undefined) return [];
  const message =
    'workerZone and workerRegion exclude each other: set one of them (best neither: Dataflow then picks a zone with room)';
  return [{ code: 'CONFLICT', path: `${at}/workerZone`, message }];
}
