// A three-stage load, `orders`: from a database over Cloud Storage into BigQuery, and a request that starts it.

import type { StartRequest } from '../../shared/engine/request.ts';
import { type LoadConfig, loadConfigSchema } from '../../shared/schema/load-config.ts';

export const chainConfig: LoadConfig = loadConfigSchema.parse({
  sources: { shop: { type: 'postgres', host: '10.0.0.1', database: 'shop' } },
  targets: {
    lake: { type: 'gcs', path: 'gs://demo-lake/stage' },
    warehouse: { type: 'bigquery', project: 'demo', dataset: 'sales' },
  },
  loads: {
    orders: {
      source: 'shop',
      via: 'lake',
      target: 'warehouse',
      table: 'public.orders',
      partitionColumn: 'id',
      partitionColumnType: 'long',
      environment: { tempLocation: 'gs://demo-temp/loads' },
    },
  },
  policy: { profileAtExecute: false },
});

const candidate = { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 };

export const chainRequest: StartRequest = {
  runId: 'chained',
  queue: true,
  trigger: 'http',
  direct: { load: 'orders', candidate },
};
