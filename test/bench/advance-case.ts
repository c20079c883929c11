// What the processes of the advance bench agree on.

/** By how much the finishing jobs are due later than the others: not in the first, quiet tick. */
export const quietMs = 600_000;

export const place = { projectId: 'demo', location: 'us-central1' };

export const benchConfig = `
sources:
  db: { type: postgres, host: db.internal, database: shop, username: reader }
targets:
  warehouse: { type: bigquery, dataset: sales }
loads:
  orders:
    source: db
    target: warehouse
    table: public.orders
    partitionColumn: id
`;
