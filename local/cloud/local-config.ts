// The load configuration of the local cloud: the YAML file, with the source's address in its variables and, if asked for, another table.

import { existsSync } from 'node:fs';
import type { Clock } from '../../shared/base/clock.ts';
import { loadConfigSource } from '../../shared/gcp/load-config-source.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import type { SourceTable } from '../checksum/source-columns.ts';
import { UsageError } from '../usage-error.ts';
import { schemaPathOf } from './local-schemas.ts';
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
 * Throws a UsageError when there is no such file; the answer throws EngineError CONFIG with every problem as file:line:column.
 */
export function localConfig(options: LocalConfigOptions): () => Promise<LoadConfig> {
  const { source, table, location } = options;
  if (!location.startsWith('gs://') && !existsSync(location))
    throw new UsageError(`there is no file ${location} (--config)`);
  const read = loadConfigSource({
    location,
    env: { ...options.env, ...sourceVariables(source) },
    clock: options.clock,
  });
  return async () => {
    const config = asItIs(await read(), source);
    return table === undefined ? config : withTable(config, table);
  };
}

/** Secrets by the name after `secret://local/`. */
export const sourceSecrets = ({ password }: SourceAddress): Record<string, string> => ({ PGPASSWORD: password });

/** The load that is added for a table of the source. */
export function loadOfTable({ schemaName, tableName, sqlName }: SourceTable): NonNullable<LocalConfigOptions['table']> {
  const load = loadNameOf(schemaName, tableName);
  // BigQuery's table names, without what would need quoting.
  return { load, table: sqlName, targetTable: load.replace(/[^A-Za-z0-9_]+/g, '_') };
}

/** The name of the load of a table: its own name, kept to what a load may be called. */
function loadNameOf(schemaName: string, tableName: string): string {
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

/** What the variables of a source cannot say: which database it is, and by which TLS it is reached. */
function asItIs(config: LoadConfig, { type, host, database, tls }: SourceAddress): LoadConfig {
  const name = config.loads[templateLoad]?.source ?? '';
  const source = config.sources[name];
  if (source === undefined) return config;
  const changed = {
    ...source,
    ...(source.host === host && source.database === database ? { type } : {}),
    ...(tls === undefined || source.tls !== undefined ? {} : { tls }),
  };
  return { ...config, sources: { ...config.sources, [name]: changed } };
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
