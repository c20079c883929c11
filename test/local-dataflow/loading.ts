// A PostgreSQL, a local Dataflow service with a dataset `shop`, and a load in one call.

import pg from 'pg';
import type { JobRecord } from '../../local/dataflow/job-record.ts';
import type { LocalDataflowOptions } from '../../local/dataflow/server.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { postgresTemplate, startService, type TestService, terminalStates } from './service.ts';

export type Loading = {
  readonly service: TestService;
  readonly port: number;
  /** Runs SQL in the source. */
  sql(text: string): Promise<pg.QueryResult>;
  /** Rows of a query in the warehouse. */
  rows(sql: string): Promise<Readonly<Record<string, unknown>>[]>;
  /** Parameters of a split read of `table` by `id` into `demo:shop.<table>`, changed as given; undefined leaves one out. */
  parameters(table: string, changes?: Record<string, string | undefined>): Record<string, string>;
  /** Launches a load and waits for its end. */
  load(table: string, changes?: Record<string, string | undefined>): Promise<JobRecord & { readonly errors: string[] }>;
  /** Writes a schema file for `load` and answers the parameters that make it create the table. */
  schema(name: string, columns: Record<string, string>): Record<string, string>;
  stop(): Promise<void>;
};

/** Two workers of one vCPU unless the launch says otherwise. */
export async function startLoading(options: Partial<LocalDataflowOptions> = {}): Promise<Loading> {
  const postgres = await startTestPostgres();
  const service = await startService({ datasets: ['shop'], startupMs: 5, ...options });
  const source = new pg.Client(postgres.url);
  await source.connect();
  const url = new URL(postgres.url);
  let launched = 0;

  const parameters: Loading['parameters'] = (table, changes = {}) => {
    const all: Record<string, string | undefined> = {
      connectionURL: `jdbc:postgresql://127.0.0.1:${postgres.port}/postgres`,
      username: url.username,
      password: url.password,
      table,
      partitionColumn: 'id',
      numPartitions: '4',
      outputTable: `demo:shop.${table}`,
      bigQueryLoadingTemporaryDirectory: 'gs://bucket/temp',
      ...changes,
    };
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  };
  return {
    service,
    port: postgres.port,
    parameters,
    sql: (text) => source.query(text),
    rows: (sql) => service.dataflow.warehouse.query(sql),
    async load(table, changes) {
      const { id } = await service.launch(`load-${++launched}`, {
        containerSpecGcsPath: postgresTemplate,
        parameters: parameters(table, changes),
        environment: { numWorkers: 2, maxWorkers: 2, autoscalingAlgorithm: 'AUTOSCALING_ALGORITHM_NONE' },
      });
      const record = await service.reach(id, ...terminalStates);
      return { ...record, errors: await service.texts(id, 'JOB_MESSAGE_ERROR') };
    },
    schema(name, columns) {
      const fields = Object.entries(columns).map(([column, text]) => {
        const [type = '', mode] = text.split(' ');
        return { name: column, type, ...(mode === undefined ? {} : { mode }) };
      });
      service.put(`gs://bucket/${name}.json`, JSON.stringify({ fields }));
      return { createDisposition: 'CREATE_IF_NEEDED', bigQuerySchemaPath: `gs://bucket/${name}.json` };
    },
    async stop() {
      await source.end();
      await service.stop();
      await postgres.stop();
    },
  };
}
