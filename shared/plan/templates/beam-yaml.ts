// Builds Yaml_Template launches: Beam YAML for the legs that no template of Google's carries (database to Parquet, Parquet to BigQuery).

import { stringify } from 'yaml';
import type { Violation } from '../../base/errors.ts';
import type { SourceType } from '../../schema/load-config.ts';
import { connectionOf } from '../sources/connection.ts';
import { plainName } from '../sources/identifiers.ts';
import type { DatabaseHandler } from '../sources/registry.ts';
import { tableRead } from '../table-read.ts';
import { folderOf } from './bigquery-to-parquet.ts';
import { outputTableOf } from './output-table.ts';
import type { Route, RouteInput } from './route.ts';

/** Beam YAML's reader of each database (Beam, standard_io.yaml). */
const readers: Partial<Record<SourceType, string>> = {
  postgres: 'ReadFromPostgres',
  mysql: 'ReadFromMySql',
  oracle: 'ReadFromOracle',
  sqlserver: 'ReadFromSqlServer',
  jdbc: 'ReadFromJdbc',
};

const needsBeam =
  'the password travels as a Secret Manager path, which Beam resolves since its JdbcIO knows secret_manager (apache/beam pull request 39834, August 2026): an older Yaml_Template refuses the option';
const needsEgress =
  'Yaml_Template installs Python packages at launch: without a way to PyPI from the launcher it fails (pin requirements_file in template.parameters otherwise)';

/** A database table or query as Parquet files in the folder of the gcs target. */
export function databaseToParquet(input: RouteInput, handler: DatabaseHandler): Route {
  const { load, target } = input;
  const at = `/sources/${load.sourceName}`;
  const connection = connectionOf(load.source, {
    at,
    place: target.environment,
    address: handler.addressOf,
    urlTakesSecret: false,
  });
  const violations: Violation[] = [...connection.violations];
  const { connectionURL, connectionProperties, username, password, KMSEncryptionKey } = connection.parameters;
  for (const [name, value] of Object.entries({ jdbcUrl: connectionURL, username })) {
    if (value === undefined || !value.startsWith('projects/')) continue;
    const message = `${name}: Beam YAML resolves a secret path for the password only; write ${name} itself`;
    violations.push({ code: 'CONNECTION', path: `${at}/${name}`, message });
  }
  if (KMSEncryptionKey !== undefined) {
    violations.push({
      code: 'CONNECTION',
      path: `${at}/kmsKeyName`,
      message: 'Beam YAML decrypts nothing: use Secret Manager instead of kmsKeyName',
    });
  }
  const read = readOf(input, handler);
  const reader = {
    type: readers[load.source.type] ?? 'ReadFromJdbc',
    config: {
      url: connectionURL,
      ...(connectionProperties === undefined ? {} : { connection_properties: connectionProperties }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password, secret_manager: 'GoogleCloudSecretManager' }),
      ...(load.source.driverClassName === undefined ? {} : { driver_class_name: load.source.driverClassName }),
      ...(load.source.driverJars === undefined ? {} : { driver_jars: load.source.driverJars }),
      ...read.config,
      ...(load.fetchSize === undefined ? {} : { fetch_size: load.fetchSize }),
    },
  };
  const writer = { type: 'WriteToParquet', config: { path: `${folderOf(load.target)}/part` } };
  return {
    ...yamlRoute([reader, writer]),
    readMode: read.mode,
    ...(read.mode === 'split' ? { columnType: 'long' as const } : {}),
    steps: [...read.steps, `written as Parquet to ${folderOf(load.target)}/part-*`],
    warnings: [...(password === undefined ? [] : [needsBeam]), needsEgress, ...connection.warnings, ...read.warnings],
    violations: [...violations, ...read.violations],
  };
}

/** Parquet files into a BigQuery table. */
export function parquetToBigQuery({ load, target }: RouteInput): Route {
  const output = outputTableOf(load, target.projectId);
  const table = output.ok ? output.table.replace(':', '.') : '';
  const reader = { type: 'ReadFromParquet', config: { path: load.source.path } };
  const writer = {
    type: 'WriteToBigQuery',
    config: {
      table,
      create_disposition: load.createIfNeeded === true ? 'CREATE_IF_NEEDED' : 'CREATE_NEVER',
      write_disposition: load.truncate === true ? 'WRITE_TRUNCATE' : 'WRITE_APPEND',
    },
  };
  return {
    ...yamlRoute([reader, writer]),
    readMode: 'files',
    steps: [`Parquet files ${load.source.path ?? ''} into ${table}`],
    warnings: [needsEgress],
    violations: output.ok ? [] : [output.violation],
  };
}

function yamlRoute(transforms: readonly unknown[]): Pick<Route, 'templateName' | 'parameters'> {
  const pipeline = stringify({ pipeline: { type: 'chain', transforms } }, { lineWidth: 0 });
  return { templateName: 'Yaml_Template', parameters: { yaml_pipeline: pipeline } };
}

type Read = {
  readonly mode: 'split' | 'query';
  readonly config: Readonly<Record<string, unknown>>;
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
};

/** Beam YAML splits plain tables by whole numbers; everything else is one query. */
function readOf({ load, profile, shardCount }: RouteInput, handler: DatabaseHandler): Read {
  const one = 'one reader reads everything: more workers and shards do not help';
  if (load.query !== undefined) {
    return {
      mode: 'query',
      config: { query: load.query },
      steps: ['the query of the load, read by one reader'],
      warnings: [one],
      violations: [],
    };
  }
  const dialect = handler.dialectOf(load.source);
  const read = tableRead(load, profile, dialect, shardCount, 'plain-tables');
  if (read.mode === 'refused')
    return { mode: 'query', config: {}, steps: [], warnings: [], violations: read.violations };
  const { statement } = read;
  if (read.mode === 'split') {
    const { partition } = read;
    const config = {
      table: statement.table,
      partition_column: plainName(dialect.names, partition.column),
      num_partitions: shardCount,
    };
    return {
      mode: 'split',
      config,
      steps: [...partition.steps, ...statement.steps],
      warnings: [...partition.warnings, ...statement.warnings],
      violations: [],
    };
  }
  return {
    mode: 'query',
    config: { query: statement.query },
    steps: [`read by one query: ${read.reason}`, ...statement.steps],
    warnings: [one, ...statement.warnings],
    violations: [],
  };
}
