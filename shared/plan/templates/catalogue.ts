// The template catalogue: which template carries data from a source type to a target type, and who builds its parameters.

import type { SourceType, TargetType } from '../../schema/load-config.ts';
import { sourceHandler } from '../sources/registry.ts';
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
  return {
    templateName,
    build: (input) => {
      const handler = sourceHandler(input.load.source.type);
      if (handler.kind === 'database') return jdbcToBigQuery(input, handler, templateName);
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
};

/** The pairs the catalogue knows, as `source → target`. */
export const cataloguePairs: readonly string[] = Object.keys(entries);

/** The catalogue's template for a pair; undefined when no template carries it. */
export function catalogueEntry(source: SourceType, target: TargetType): CatalogueEntry | undefined {
  return entries[`${source} → ${target}`];
}
