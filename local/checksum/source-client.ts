// A connection to the source: PostgreSQL's client as it is, or MySQL's beside its name.

import type { Connection } from 'mysql2/promise';
import type pg from 'pg';

export type MysqlClient = { readonly mysql: Connection };
export type SourceClient = pg.Client | MysqlClient;

export function isMysql(client: SourceClient): client is MysqlClient {
  return 'mysql' in client;
}
