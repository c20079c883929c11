// The template catalogue: which template carries data from a source type to a target type, and who builds its parameters.

import type { EffectiveLoad, Source, TargetType } from '../../schema/load-config.ts';
import { type DatabaseHandler, sourceHandler } from '../sources/registry.ts';
import type { Splits } from '../table-read.ts';
import { databaseToParquet, parquetToBigQuery } from './beam-yaml.ts';
import { bigqueryToParquet } from './bigquery-to-parquet.ts';
import { gcsTextToBigQuery } from './gcs-text-to-bigquery.ts';
import { jdbcToBigQuery } from './jdbc-to-bigquery.ts';
import type { Route, RouteInput } from './route.ts';

export type CatalogueEntry = {
  readonly templateName: string;
  readonly build: (input: RouteInput) => Route;
};

const jdbcFamily = [
  'PostgreSQL_to_BigQuery',
  'MySQL_to_BigQuery',
  'Oracle_to_BigQuery',
  'SQLServer_to_BigQuery',
  'Jdbc_to_BigQuery_Flex',
] as const;

/** True for templates whose parameters are those of JDBC to BigQuery. */
export const isJdbcToBigQuery = (templateName: string): boolean =>
  (jdbcFamily as readonly string[]).includes(templateName);

/** A JDBC-to-BigQuery template by name, for any database source. */
export function jdbcEntry(templateName: string): CatalogueEntry {
  return databaseEntry(templateName, (input, handler) => jdbcToBigQuery(input, handler, templateName));
}

function databaseEntry(
  templateName: string,
  build: (input: RouteInput, handler: DatabaseHandler) => Route,
): CatalogueEntry {
  return {
    templateName,
    build: (input) => {
      const handler = sourceHandler(input.load.source.type);
      if (handler.kind === 'database') return build(input, handler);
      const message = `${templateName} reads databases, and the source is ${handler.label}`;
      const violations = [{ code: 'TEMPLATE', path: `/loads/${input.load.name}/template/name`, message }];
      return { templateName, parameters: {}, readMode: 'files', steps: [], warnings: [], violations };
    },
  };
}

const entries: Readonly<Record<string, CatalogueEntry>> = {
  'postgres → bigquery': jdbcEntry('PostgreSQL_to_BigQuery'),
  'mysql → bigquery': jdbcEntry('MySQL_to_BigQuery'),
  'oracle → bigquery': jdbcEntry('Oracle_to_BigQuery'),
  'sqlserver → bigquery': jdbcEntry('SQLServer_to_BigQuery'),
  'jdbc → bigquery': jdbcEntry('Jdbc_to_BigQuery_Flex'),
  'gcs → bigquery': { templateName: 'GCS_Text_to_BigQuery_Flex', build: gcsTextToBigQuery },
  'bigquery → gcs': { templateName: 'BigQuery_to_Parquet', build: bigqueryToParquet },
  'postgres → gcs': parquetEntry(),
  'mysql → gcs': parquetEntry(),
  'oracle → gcs': parquetEntry(),
  'sqlserver → gcs': parquetEntry(),
  'jdbc → gcs': parquetEntry(),
};

/** The pairs the catalogue knows, as `source → target`. */
export const cataloguePairs: readonly string[] = Object.keys(entries);

/** The catalogue's template for a load; undefined when no template carries it. Parquet files need Beam YAML: the text template reads lines. */
export function catalogueEntry(source: Source, target: TargetType): CatalogueEntry | undefined {
  if (source.type === 'gcs' && target === 'bigquery' && source.path?.endsWith('.parquet') === true) {
    return { templateName: 'Yaml_Template', build: parquetToBigQuery };
  }
  return entries[`${source.type} → ${target}`];
}

/**
 * What the template of a load can split. A template that the load names beside its catalogue's takes parameters of its own: nothing is
 * known of how it reads, and it gets the benefit of the doubt.
 */
export function splitsOf({ template, target }: Pick<EffectiveLoad, 'template' | 'target'>): Splits {
  const isCatalogues = template?.name === undefined && template?.containerSpecGcsPath === undefined;
  return isCatalogues && target.type === 'gcs' ? 'plain-tables' : 'any';
}

function parquetEntry(): CatalogueEntry {
  return databaseEntry('Yaml_Template', databaseToParquet);
}
