// The three tables of the real backtest, as different in shape as estimates care about: narrow, wide with TOAST, and skewed keys.

export type Shape = { readonly name: string; readonly what: string; readonly sql: string };

/** Each `sql` makes `public.<name>` with a primary key `id`; a function of the row number alone, so that every run reads the same. */
export const shapes: readonly Shape[] = [
  {
    name: 'narrow',
    what: '2,000,000 rows of two numbers',
    sql: `CREATE TABLE narrow AS SELECT i::bigint AS id, (i::bigint * 7919 % 1000003)::int AS value FROM generate_series(1, 2000000) AS i`,
  },
  {
    name: 'wide',
    what: '40,000 rows of 6 kB, most of it out of line',
    sql: `CREATE TABLE wide AS
      SELECT i::bigint AS id, timestamptz '2026-01-01Z' + i * interval '1 second' AS at,
             (SELECT string_agg(md5(i::text || part), '') FROM generate_series(1, 190) AS part) AS body
      FROM generate_series(1, 40000) AS i`,
  },
  {
    name: 'skewed',
    what: '1,000,000 rows, nine tenths of them in a tenth of the key range',
    sql: `CREATE TABLE skewed AS
      SELECT (CASE WHEN i <= 900000 THEN i ELSE 900000 + (i - 900000) * 81 END)::bigint AS id,
             md5(i::text) AS code, (i % 100000)::numeric(12, 2) / 100 AS amount, i % 3 = 0 AS open
      FROM generate_series(1, 1000000) AS i`,
  },
];

/** The load configuration of those tables: one load each, into the local warehouse. */
export function configOf(): string {
  const loads = shapes.map(
    ({ name }) => `  ${name}:
    source: local-postgres
    target: warehouse
    table: public.${name}
    schemaPath: gs://local-schemas/${name}.json
    createIfNeeded: true
    truncate: true`,
  );
  return `version: 1
sources:
  local-postgres:
    type: postgres
    host: \${PGHOST}
    port: \${PGPORT}
    database: \${PGDATABASE}
    username: \${PGUSER}
    password: secret://local/PGPASSWORD
    connectionBudget: 16
targets:
  warehouse: { type: bigquery, dataset: warehouse }
loads:
${loads.join('\n')}
policy: { maxWorkers: 4 }
`;
}
