// Loads of a test in one call, whatever the database they read.

import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { type TestService, terminalStates } from './service.ts';

export type Loader = {
  /** Rows of a query in the warehouse. */
  rows(sql: string): Promise<Readonly<Record<string, unknown>>[]>;
  /** Parameters of a split read of `table` by `id` into `demo:shop.<table>`, changed as given; undefined leaves one out. */
  parameters(table: string, changes?: Record<string, string | undefined>): Record<string, string>;
  /** Launches a load and waits for its end. */
  load(table: string, changes?: Record<string, string | undefined>): Promise<JobRecord & { readonly errors: string[] }>;
  /** Writes a schema file for `load` and answers the parameters that make it create the table. */
  schema(name: string, columns: Record<string, string>): Record<string, string>;
};

/** Two workers of one vCPU unless the launch says otherwise. `connection` are the parameters that name the source. */
export function createLoader(service: TestService, template: string, connection: Record<string, string>): Loader {
  let launched = 0;
  const parameters: Loader['parameters'] = (table, changes = {}) => {
    const all: Record<string, string | undefined> = {
      ...connection,
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
    parameters,
    rows: (sql) => service.dataflow.warehouse.query(sql),
    async load(table, changes) {
      const { id } = await service.launch(`load-${++launched}`, {
        containerSpecGcsPath: template,
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
  };
}
