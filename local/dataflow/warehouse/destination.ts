// Finds, creates or empties the table a load writes to, by the rules of BigQuery's dispositions.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { TargetColumn } from './render-column.ts';
import { type BigQueryField, duckTypeOf, quoted } from './table-types.ts';

export type Destination = {
  readonly project: string;
  readonly dataset: string;
  readonly table: string;
  /** The schema file's fields; given, the table may be created. */
  readonly createWith?: readonly BigQueryField[];
  /** True: WRITE_TRUNCATE, false: WRITE_APPEND. */
  readonly truncate: boolean;
};

/** Splits `project:dataset.table` or `project.dataset.table`; throws if it is neither. */
export function parseTableName(outputTable: string): Pick<Destination, 'project' | 'dataset' | 'table'> {
  const parts = /^(.+?)[:.]([^.:]+)\.([^.:]+)$/.exec(outputTable);
  if (parts === null)
    throw new Error(`Table reference is not in [project_id]:[dataset_id].[table_id] format: ${outputTable}`);
  const [, project = '', dataset = '', table = ''] = parts;
  return { project, dataset, table };
}

/** Reads the fields of a BigQuery schema file, `{"fields": […]}` as Beam wants it; throws what is wrong with it. */
export function parseSchemaFile(text: string, path: string): BigQueryField[] {
  const wrong = (why: string) => new Error(`Invalid BigQuery schema in ${path}: ${why}`);
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON (${(error as Error).message})`);
  }
  const fields = (schema as { fields?: unknown } | null)?.fields;
  if (!Array.isArray(fields) || fields.length === 0) throw wrong('it must be {"fields": [{"name": …, "type": …}, …]}');
  for (const field of fields as Partial<BigQueryField>[]) {
    if (typeof field.name !== 'string' || typeof field.type !== 'string')
      throw wrong('each field needs a name and a type');
    duckTypeOf(field as BigQueryField);
  }
  return fields as BigQueryField[];
}

/** The quoted name of the table in DuckDB. */
export function tableName({ dataset, table }: Pick<Destination, 'dataset' | 'table'>): string {
  return `${quoted(dataset)}.${quoted(table)}`;
}

/**
 * The columns of the table, which this creates if it may and empties if it must, within the open transaction of the connection. Throws
 * "Not found" as BigQuery does at the end of such a job; a dataset is never created.
 */
export async function openDestination(connection: DuckDBConnection, destination: Destination): Promise<TargetColumn[]> {
  const { project, dataset, table, createWith, truncate } = destination;
  const schemas = await connection.runAndReadAll('SELECT 1 FROM information_schema.schemata WHERE schema_name = $1', [
    dataset,
  ]);
  if (schemas.currentRowCount === 0) throw new Error(`Not found: Dataset ${project}:${dataset}`);
  const existing = await readColumns(connection, destination);
  if (existing.length === 0) {
    if (createWith === undefined) throw new Error(`Not found: Table ${project}:${dataset}.${table}`);
    return create(connection, destination, createWith);
  }
  if (!truncate) return existing;
  if (createWith !== undefined && !sameColumns(existing, columnsOf(createWith))) {
    // WRITE_TRUNCATE with a schema gives the table that schema.
    await connection.run(`DROP TABLE ${tableName(destination)}`);
    return create(connection, destination, createWith);
  }
  await connection.run(`DELETE FROM ${tableName(destination)}`);
  return existing;
}

/** True if the table is there. */
export async function destinationExists(connection: DuckDBConnection, destination: Destination): Promise<boolean> {
  return (await readColumns(connection, destination)).length > 0;
}

async function create(
  connection: DuckDBConnection,
  destination: Destination,
  fields: readonly BigQueryField[],
): Promise<TargetColumn[]> {
  const columns = columnsOf(fields);
  const definitions = columns.map(
    ({ name, duckType, required }) => `${quoted(name)} ${duckType}${required ? ' NOT NULL' : ''}`,
  );
  await connection.run(`CREATE TABLE ${tableName(destination)} (${definitions.join(', ')})`);
  return readColumns(connection, destination);
}

function columnsOf(fields: readonly BigQueryField[]): TargetColumn[] {
  return fields.map((field) => ({
    name: field.name,
    duckType: duckTypeOf(field),
    required: field.mode?.toUpperCase() === 'REQUIRED',
  }));
}

async function readColumns(connection: DuckDBConnection, { dataset, table }: Destination): Promise<TargetColumn[]> {
  const reader = await connection.runAndReadAll(
    'SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE schema_name = $1 AND table_name = $2 AND database_name = current_database() ORDER BY column_index',
    [dataset, table],
  );
  return reader
    .getRowsJson()
    .map(([name, type, nullable]) => ({ name: String(name), duckType: String(type), required: nullable === false }));
}

function sameColumns(one: readonly TargetColumn[], other: readonly TargetColumn[]): boolean {
  const shape = (columns: readonly TargetColumn[]) =>
    columns.map(({ name, duckType }) => `${name} ${duckType.replaceAll(' ', '')}`).join();
  return shape(one) === shape(other);
}
