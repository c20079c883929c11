// A PostgreSQL, a local Dataflow service with a dataset `shop`, and a load in one call.

import pg from 'pg';
import type { LocalDataflowOptions } from '../../local/dataflow/server.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { createLoader, type Loader } from './loader.ts';
import { postgresTemplate, startService, type TestService } from './service.ts';

export type Loading = Loader & {
  readonly service: TestService;
  readonly port: number;
  /** Runs SQL in the source. */
  sql(text: string): Promise<pg.QueryResult>;
  stop(): Promise<void>;
};

export async function startLoading(options: Partial<LocalDataflowOptions> = {}): Promise<Loading> {
  const postgres = await startTestPostgres();
  const service = await startService({ datasets: ['shop'], startupMs: 5, ...options });
  const source = new pg.Client(postgres.url);
  await source.connect();
  const url = new URL(postgres.url);
  const connection = {
    connectionURL: `jdbc:postgresql://127.0.0.1:${postgres.port}/postgres`,
    username: url.username,
    password: url.password,
  };
  return {
    ...createLoader(service, postgresTemplate, connection),
    service,
    port: postgres.port,
    sql: (text) => source.query(text),
    async stop() {
      await source.end();
      await service.stop();
      await postgres.stop();
    },
  };
}
