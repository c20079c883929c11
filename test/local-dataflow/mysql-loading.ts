// A MariaDB or MySQL, a local Dataflow service with a dataset `shop`, and a load in one call.

import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { LocalDataflowOptions } from '../../local/dataflow/server.ts';
import { startMariadb } from '../support/start-mariadb.ts';
import { createLoader, type Loader } from './loader.ts';
import { mysqlTemplate, startService, type TestService } from './service.ts';

export type MysqlLoading = Loader & {
  readonly service: TestService;
  /** The server, without a database. */
  readonly url: URL;
  /** A database of this test's own. */
  readonly database: string;
  /** `jdbc:mysql:` URL of that database. */
  readonly jdbcUrl: string;
  /** Runs statements in that database; the rows of the last one. */
  sql(text: string): Promise<Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
};

export async function startMysqlLoading(options: Partial<LocalDataflowOptions> = {}): Promise<MysqlLoading> {
  const server = await startMariadb();
  const service = await startService({ datasets: ['shop'], startupMs: 5, ...options });
  const url = new URL(server.url);
  const database = `streamnova_${process.pid}_${Math.floor(performance.now())}`;
  const source: Connection = await createConnection({ uri: url.href, multipleStatements: true });
  const sql: MysqlLoading['sql'] = async (text) => {
    const [rows] = await source.query<RowDataPacket[]>(text);
    return rows;
  };
  await sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database}`);
  const jdbcUrl = `jdbc:mysql://${url.hostname}:${url.port || 3306}/${database}`;
  const connection = {
    connectionURL: jdbcUrl,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return {
    ...createLoader(service, mysqlTemplate, connection),
    service,
    url,
    database,
    jdbcUrl,
    sql,
    async stop() {
      await sql(`DROP DATABASE IF EXISTS ${database}`);
      await source.end();
      await service.stop();
      await server.stop();
    },
  };
}
