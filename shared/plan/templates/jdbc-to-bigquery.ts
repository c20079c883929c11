// Builds the parameters of the JDBC-to-BigQuery templates from a load: connection, read, write.

import type { Violation } from '../../base/errors.ts';
import { type Partition, templateTime } from '../partition.ts';
import { skewWorthActing } from '../shard-rules.ts';
import { measureSkew, type Skew } from '../skew.ts';
import { connectionOf } from '../sources/connection.ts';
import type { Dialect } from '../sources/dialect.ts';
import { plainName, quoteName } from '../sources/identifiers.ts';
import { typedLiteral } from '../sources/literals.ts';
import type { DatabaseHandler } from '../sources/registry.ts';
import { tableRead } from '../table-read.ts';
import { outputTableOf } from './output-table.ts';
import type { Route, RouteInput } from './route.ts';

/** The route of a database load through `templateName`, which must be of the JDBC-to-BigQuery family. */
export function jdbcToBigQuery(input: RouteInput, handler: DatabaseHandler, templateName: string): Route {
  const { load, target } = input;
  const at = `/sources/${load.sourceName}`;
  const connection = connectionOf(load.source, {
    at,
    place: target.environment,
    address: handler.addressOf,
    urlTakesSecret: templateName === 'SQLServer_to_BigQuery',
  });
  const read = readOf(input, handler.dialectOf(load.source));
  const output = outputTableOf(load, target.projectId, input.profile);
  const parameters: Record<string, string> = {
    ...connection.parameters,
    ...driverOf(input, templateName),
    ...read.parameters,
    ...(output.ok ? { outputTable: output.table } : {}),
    bigQueryLoadingTemporaryDirectory: `${input.tempLocation}/bigquery`,
    createDisposition: load.createIfNeeded === true ? 'CREATE_IF_NEEDED' : 'CREATE_NEVER',
    ...(load.createIfNeeded === true && load.schemaPath !== undefined ? { bigQuerySchemaPath: load.schemaPath } : {}),
    isTruncate: load.truncate === true ? 'true' : 'false',
    ...(load.fetchSize === undefined ? {} : { fetchSize: String(load.fetchSize) }),
  };
  return {
    templateName,
    parameters,
    readMode: read.mode,
    ...(read.columnType === undefined ? {} : { columnType: read.columnType }),
    steps: read.steps,
    warnings: [...connection.warnings, ...read.warnings],
    violations: [...connection.violations, ...read.violations, ...(output.ok ? [] : [output.violation])],
  };
}

function driverOf({ load }: RouteInput, templateName: string): Record<string, string> {
  const { driverClassName, driverJars } = load.source;
  if (templateName !== 'Jdbc_to_BigQuery_Flex') return {};
  return {
    ...(driverClassName === undefined ? {} : { driverClassName }),
    ...(driverJars === undefined ? {} : { driverJars }),
  };
}

type Read = {
  readonly mode: 'split' | 'query';
  readonly columnType?: 'long' | 'datetime';
  readonly parameters: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
};

const queryCost =
  'one reader on one connection reads everything: more workers and shards do not help, and every row passes the billable shuffle';

function readOf(input: RouteInput, dialect: Dialect): Read {
  const { load, profile, shardCount } = input;
  if (load.query !== undefined) return queryRead(load.query, load.name);
  const read = tableRead(load, profile, dialect, shardCount, 'any');
  if (read.mode === 'refused') {
    return { mode: 'split', parameters: {}, steps: [], warnings: [], violations: read.violations };
  }
  const { statement } = read;
  const aliases: Record<string, string> = statement.aliased ? { useColumnAlias: 'true' } : {};
  if (read.mode === 'query') {
    return {
      mode: 'query',
      parameters: { query: statement.query, ...aliases },
      steps: [`the table is read by one query: ${read.reason}`, ...statement.steps],
      warnings: [`the table cannot be split (${read.reason}): ${queryCost}`, ...statement.warnings],
      violations: [],
    };
  }
  const { partition } = read;
  const skew =
    partition.profiled === undefined ? undefined : measureSkew(partition.profiled, partition.columnType, shardCount);
  const column = columnExpression(partition, dialect);
  return {
    mode: 'split',
    columnType: partition.columnType,
    parameters: {
      table: statement.table,
      partitionColumn: column.sql,
      partitionColumnType: partition.columnType,
      numPartitions: String(shardCount),
      ...boundsOf(load.partitionBounds, partition.columnType),
      ...aliases,
    },
    steps: [...partition.steps, ...column.steps, ...skewSteps(skew, shardCount), ...statement.steps],
    warnings: [...partition.warnings, ...skewWarnings(skew, partition.column, shardCount), ...statement.warnings],
    violations: [],
  };
}

function queryRead(query: string, loadName: string): Read {
  const path = `/loads/${loadName}/query`;
  const lines = query.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.trim());
  const flat = lines.filter((line) => line !== '').join(' ');
  const steps = ['the query of the load is read as it is, by one reader'];
  const odd =
    lines.length > 1 && lines.some((line) => line.includes('--') || line.includes('#') || countOf(line, "'") % 2 !== 0);
  if (odd) {
    const message =
      'the template takes a query on one line only, and this one holds comments or texts that span lines: write it on one line, or name a gs:// file that holds it';
    return { mode: 'query', parameters: {}, steps, warnings: [], violations: [{ code: 'QUERY', path, message }] };
  }
  return {
    mode: 'query',
    parameters: { query: flat },
    steps,
    warnings: [`the load is a query: ${queryCost}`],
    violations: [],
  };
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;

function columnExpression(partition: Extract<Partition, { kind: 'split' }>, dialect: Dialect) {
  if (!partition.coalesceNulls) return { sql: plainName(dialect.names, partition.column), steps: [] };
  const lowest = partition.profiled?.histogram?.[0];
  const kind = partition.columnType === 'long' ? 'integer' : 'timestamp';
  const fallback = partition.columnType === 'long' ? '0' : '1970-01-01 00:00:00';
  const first = lowest === undefined ? undefined : typedLiteral(dialect.literals, kind, lowest);
  const literal = first?.ok === true ? first : typedLiteral(dialect.literals, kind, fallback);
  const sql = `coalesce(${quoteName(dialect.names, partition.column)}, ${literal.ok ? literal.sql : fallback})`;
  return { sql, steps: [`rows whose ${partition.column} is NULL are read with the range of ${sql}`] };
}

function boundsOf(bounds: { readonly lower: string; readonly upper: string } | undefined, type: 'long' | 'datetime') {
  if (bounds === undefined) return {};
  if (type === 'long') return { lowerBound: bounds.lower, upperBound: bounds.upper };
  return { lowerBound: templateTime(bounds.lower), upperBound: templateTime(bounds.upper) };
}

function skewSteps(skew: Skew | undefined, shards: number): string[] {
  if (skew === undefined) return [];
  return [
    `the fullest of ${shards} ranges holds about ${percent(skew)} of the rows, ${skew.ratio.toFixed(1)} × the mean (histogram)`,
  ];
}

function skewWarnings(skew: Skew | undefined, column: string, shards: number): string[] {
  if (skew === undefined || shards === 1 || skew.ratio < skewWorthActing * 2) return [];
  return [
    `${column} is skewed: one of ${shards} ranges holds about ${percent(skew)} of the rows; more shards make the ranges evener`,
  ];
}

const percent = (skew: Skew): string => `${Math.round(skew.fullestShare * 100)} %`;
