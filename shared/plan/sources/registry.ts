// The sources the engine can read from: one handler per type, each saying how it is reached, split and cast.

import type { Source, SourceType } from '../../schema/load-config.ts';
import { jdbcAddress, mysqlAddress, oracleAddress, postgresAddress, sqlserverAddress } from './addresses.ts';
import { ansiDialect } from './ansi-dialect.ts';
import type { Address } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { mysqlDialect } from './mysql-dialect.ts';
import { oracleDialect } from './oracle-dialect.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { sqlserverDialect } from './sqlserver-dialect.ts';

export type DatabaseHandler = {
  readonly kind: 'database';
  readonly type: SourceType;
  readonly label: string;
  readonly addressOf: (source: Source) => Address;
  readonly dialectOf: (source: Source) => Dialect;
  /** The engine can ask this source's catalogue for a profile. */
  readonly canProfile: boolean;
  /** The local Dataflow executes loads of this source; the others it validates only. */
  readonly runsLocally: boolean;
};

export type OtherHandler = {
  readonly kind: 'files' | 'warehouse';
  readonly type: SourceType;
  readonly label: string;
  readonly canProfile: false;
  readonly runsLocally: boolean;
};

export type SourceHandler = DatabaseHandler | OtherHandler;

const database = (
  type: SourceType,
  label: string,
  dialect: Dialect,
  addressOf: (source: Source) => Address,
  can: { readonly canProfile: boolean; readonly runsLocally: boolean },
): DatabaseHandler => ({ kind: 'database', type, label, dialectOf: () => dialect, addressOf, ...can });

const both = { canProfile: true, runsLocally: true };
const neither = { canProfile: false, runsLocally: false };

const handlers: Readonly<Record<SourceType, SourceHandler>> = {
  postgres: database('postgres', 'PostgreSQL', postgresDialect, postgresAddress, both),
  mysql: database('mysql', 'MySQL', mysqlDialect, mysqlAddress, both),
  oracle: database('oracle', 'Oracle', oracleDialect, oracleAddress, neither),
  sqlserver: database('sqlserver', 'SQL Server', sqlserverDialect, sqlserverAddress, neither),
  jdbc: {
    kind: 'database',
    type: 'jdbc',
    label: 'JDBC',
    addressOf: jdbcAddress,
    dialectOf: dialectOfUrl,
    canProfile: false,
    runsLocally: true,
  },
  gcs: { kind: 'files', type: 'gcs', label: 'Cloud Storage', canProfile: false, runsLocally: false },
  bigquery: { kind: 'warehouse', type: 'bigquery', label: 'BigQuery', canProfile: false, runsLocally: false },
};

/** The handler of a source type. Every type of the schema has one. */
export function sourceHandler(type: SourceType): SourceHandler {
  return handlers[type];
}

/** A generic JDBC source speaks the SQL its URL names; an unknown driver is spoken to in plain ANSI, without casts. */
function dialectOfUrl(source: Source): Dialect {
  const scheme = /^jdbc:([a-z0-9]+):/i.exec(source.jdbcUrl ?? '')?.[1]?.toLowerCase();
  switch (scheme) {
    case 'postgresql':
      return postgresDialect;
    case 'mysql':
    case 'mariadb':
      return mysqlDialect;
    case 'oracle':
      return oracleDialect;
    case 'sqlserver':
      return sqlserverDialect;
    default:
      return ansiDialect;
  }
}
