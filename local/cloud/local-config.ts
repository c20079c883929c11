// The load configuration of the local cloud: the YAML file, with the source's address in its variables and, if asked for, another table.

import type { Clock } from '../../shared/base/clock.ts';
import { loadConfigSource } from '../../shared/gcp/load-config-source.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import type { SourceAddress } from './source-url.ts';

/** The source, target and load of local/streamnova.yaml that a table of the user's takes the place of. */
const templateLoad = 'orders';

export type LocalConfigOptions = {
  /** A YAML file (or gs:// object). */
  readonly location: string;
  readonly source: SourceAddress;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Adds a load for this table, made after `orders`. */
  readonly table?: { readonly load: string; readonly table: string; readonly targetTable: string };
};

/**
 * What the engine reads its configuration with. `${PGHOST}`, `${PGPORT}`, `${PGDATABASE}` and `${PGUSER}` are the local source's.
 * Throws EngineError CONFIG with every problem as file:line:column.
 */
export function localConfig(options: LocalConfigOptions): () => Promise<LoadConfig> {
  const { source, table } = options;
  const read = loadConfigSource({
    location: options.location,
    env: { ...options.env, ...sourceVariables(source) },
    clock: options.clock,
  });
  return async () => {
    const config = withTls(await read(), source);
    return table === undefined ? config : withTable(config, table);
  };
}

/** Secrets by the name after `secret://local/`. */
export const sourceSecrets = ({ password }: SourceAddress): Record<string, string> => ({ PGPASSWORD: password });

/** The name of the load of a table: its own name, kept to what a load may be called. */
export function loadNameOf(schemaName: string, tableName: string): string {
  const name = schemaName === 'public' ? tableName : `${schemaName}.${tableName}`;
  return (
    name
      .replace(/[^A-Za-z0-9._-]+/g, '_')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 100) || 'table'
  );
}

function sourceVariables({ host, port, database, user }: SourceAddress): Record<string, string> {
  return { PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: user };
}

function withTls(config: LoadConfig, { tls }: SourceAddress): LoadConfig {
  const name = config.loads[templateLoad]?.source ?? '';
  const source = config.sources[name];
  if (tls === undefined || source === undefined || source.tls !== undefined) return config;
  return { ...config, sources: { ...config.sources, [name]: { ...source, tls } } };
}

function withTable(
  config: LoadConfig,
  { load, table, targetTable }: NonNullable<LocalConfigOptions['table']>,
): LoadConfig {
  const model = config.loads[templateLoad];
  if (model === undefined) return config;
  const { partitionColumn: _partitionColumn, ...rest } = model;
  const added = { ...rest, table, targetTable, schemaPath: schemaPathOf(load), createIfNeeded: true };
  return { ...config, loads: { ...config.loads, [load]: added } };
}

/** Where the local cloud keeps the BigQuery schema of a load's target. */
export const schemaPathOf = (load: string): string => `gs://local-schemas/${load}.json`;
